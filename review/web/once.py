"""Idempotency keys: a write that is sent again is answered again, and not done again.

As the IETF draft has it (draft-ietf-httpapi-idempotency-key-header-07): 400 where the key is
missing, 422 where it was used for another request, 409 while the first one is under way. Keys are
each member's own. An answer is kept for a day unless the server or somebody behind it failed (5xx),
the body did not fit its schema, or there were too many requests: then nothing was done, and the
same key may be used again.

The answer is kept after the act, so that a process that dies between the two keeps none. Whoever
sends the request again is then told what the act itself says: see docs/api.md.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any, Final

from fastapi import Depends, Header, Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from casewright.errors import CasewrightError, UsageError
from casewright.store.idempotency import Entry, Idempotency
from review.web.failures import told_of
from review.web.house import house_of
from review.web.visitor import visitor_of

REPLAYED: Final = "Idempotent-Replayed"
"""Header of an answer that was given before."""

RETRY_AFTER_S: Final = "2"

_KEPT: Final = ("content-type", "location")
"""Headers that belong to an answer."""

Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=8,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="Any text that this client never uses for another write, such as a UUID.",
        examples=["8e03978e-40d5-43dd-bc93-6894a57f9324"],
    ),
]

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class _Replay(Exception):
    """There is an answer already."""

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self.entry = entry


@dataclass(frozen=True)
class _Write:
    """A write that was begun."""

    kept: Idempotency
    member: str
    key: str

    async def end(self, answer: Response) -> None:
        """Keep its answer, or forget the write where it came to nothing."""
        if answer.status_code >= 500 or answer.status_code == 429:
            await self.drop()
            return
        headers = {name: answer.headers[name] for name in _KEPT if name in answer.headers}
        body = bytes(answer.body).decode()
        await self.kept.finish(self.member, self.key, answer.status_code, headers, body)

    async def drop(self) -> None:
        """Forget it."""
        await self.kept.drop(self.member, self.key)


async def _once(request: Request, key: Key) -> None:
    """Begin a write, unless its key was used before."""
    house, member = house_of(request), visitor_of(request).member.id
    kept, digest = house.store.idempotency, await _digest(request)
    found = await kept.begin(member, key, digest, house.clock())
    if found is None:
        request.state.write = _Write(kept, member, key)
    elif found.request != digest:
        told = "This Idempotency-Key was used for another request."
        raise UsageError(told, remedy="Send a key of its own with each write.")
    elif not found.status:
        told = "A request with this Idempotency-Key is under way."
        raise HTTPException(409, told, {"Retry-After": RETRY_AFTER_S})
    else:
        raise _Replay(found)


async def _digest(request: Request) -> str:
    target = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
    return sha256(target + await request.body()).hexdigest()


ONCE: Final = Depends(_once)
"""What a router of writes depends on."""


class OnceRoute(APIRoute):
    """A route whose writes are done once for each key; for routers that depend on ``ONCE``."""

    def get_route_handler(self) -> Handler:
        """The handler, which answers again what was answered before."""
        plain = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                answer = await plain(request)
            except _Replay as replay:
                return _again(replay.entry)
            except CasewrightError as error:
                answer = told_of(request, error)
            except BaseException as error:
                await _dropped(request, error)
                raise
            if write := getattr(request.state, "write", None):
                await write.end(answer)
            return answer

        return handler


async def _dropped(request: Request, error: BaseException) -> None:
    """Forget a write that was not carried out: who sends it again is not told to wait."""
    write = getattr(request.state, "write", None)
    if write is not None and isinstance(error, Exception):
        await write.drop()


def _again(entry: Entry) -> Response:
    headers = {**entry.headers, REPLAYED: "true"}
    return Response(entry.body, entry.status, headers)
