"""What HTTP asks for, whatever route answers: a bound on bodies, and HEAD."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from review.web.failures import API

LARGEST_BODY: Final = 1024 * 1024
"""Longest body of a request, in bytes."""


class BoundedBody:
    """Has whoever reads a body that is too large fail with 413, told as other failures are.

    Args:
        app: The application.
        most: Longest body, in bytes.
    """

    def __init__(self, app: ASGIApp, most: int = LARGEST_BODY) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        said = Headers(scope=scope).get("content-length", "")
        got = int(said) if said.isascii() and said.isdigit() else 0

        async def bounded() -> Message:
            nonlocal got
            self._require(got)
            message = await receive()
            if not said:
                got += len(message.get("body", b""))
                self._require(got)
            return message

        await self._app(scope, bounded, send)

    def _require(self, size: int) -> None:
        if size > self._most:
            raise HTTPException(413, f"The body is longer than {self._most} bytes.")


class HeadAsGet:
    """Answers HEAD in the API as GET without the body (RFC 9110, 9.3.2), and says so in ``Allow``.

    Args:
        app: The application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or not scope["path"].startswith(API):
            await self._app(scope, receive, send)
            return
        head = scope["method"] == "HEAD"

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("allow") == "GET":
                    headers["allow"] = "GET, HEAD"
            elif head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET"} if head else scope, receive, told)
