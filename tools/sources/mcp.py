"""Servers that speak the Model Context Protocol, as a source of read-only tools.

What such a server says counts as a party's word: all of it is marked as untrusted.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

import anyio
import httpx
from pydantic import JsonValue
from pydantic_core import to_json

from casewright.errors import (
    CasewrightError,
    EnvironmentFault,
    SourceError,
    SourceMalformed,
    SourceUnavailable,
)
from casewright.models import EvidenceStatus
from tools.base import Answer, PartyText, WrittenByParty
from tools.declaration import McpSpec, is_loopback
from tools.record import Record
from tools.sources.connections import Surroundings
from tools.sources.files import optional_module
from tools.sources.http import BODY_LIMIT

START_S = 30.0
"""Seconds that a server has to start."""

EXTRA = "mcp"

Value = TypeVar("Value")


class McpResult(Record):
    """What a server's tool answers: its text, and its JSON where it gives any."""

    content: PartyText
    structured: Annotated[dict[str, JsonValue], WrittenByParty()] | None = None


@dataclass(frozen=True)
class Offer:
    """A tool as its server describes it."""

    name: str
    description: str
    schema: dict[str, Any]
    read_only: bool


@dataclass(frozen=True)
class McpAddress:
    """A declared server."""

    spec: McpSpec

    @asynccontextmanager
    async def open(self, surroundings: Surroundings) -> AsyncIterator[McpServer]:
        """The server, started or reached.

        Raises:
            EnvironmentFault: the extra is not installed, or the server does not start.
            SourceRefused: a credential is not set.
        """
        manager = self._session(self._connection(surroundings))
        async with _in_own_task(manager, self.spec.name) as session:
            timeout_s = surroundings.settings.source_timeout_s
            yield McpServer(session, self.spec.name, timeout_s)

    @asynccontextmanager
    async def _session(self, connection: dict[str, Any]) -> AsyncIterator[Any]:
        sessions = optional_module("langchain_mcp_adapters.sessions", EXTRA)
        async with sessions.create_session(connection) as session:
            await session.initialize()
            yield session

    def _connection(self, surroundings: Surroundings) -> dict[str, Any]:
        spec = self.spec
        if spec.url is None:
            program, *arguments = spec.command
            passed = {name: surroundings.secret(name, spec.name) for name in spec.env}
            return {
                "transport": "stdio",
                "command": program,
                "args": arguments,
                "cwd": surroundings.workspace,
                # None leaves the few variables that every program needs.
                "env": {**_needed(surroundings), **passed} if passed else None,
            }
        return {
            "transport": "streamable_http",
            "url": spec.url,
            "headers": self._headers(surroundings),
            "httpx_client_factory": _client if is_loopback(_host(spec.url)) else None,
        }

    def _headers(self, surroundings: Surroundings) -> dict[str, str]:
        auth = self.spec.auth
        if auth is None:
            return {}
        secret = surroundings.secret(auth.variable, self.spec.name)
        return {auth.header: secret} if auth.header else {"Authorization": f"Bearer {secret}"}


class McpServer:
    """A server with its session open."""

    def __init__(self, session: Any, name: str, timeout_s: float) -> None:
        self._session = session
        self._name = name
        self._timeout_s = timeout_s

    async def offers(self) -> dict[str, Offer]:
        """The server's tools by name.

        Raises:
            SourceError: the server fails.
        """
        adapters = optional_module("langchain_mcp_adapters.tools", EXTRA)
        listed = await self._asked(adapters.load_mcp_tools(self._session))
        return {
            one.name: Offer(
                one.name,
                " ".join(one.description.split()),
                dict(one.args_schema),
                (one.metadata or {}).get("readOnlyHint") is True,
            )
            for one in listed
        }

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> Answer:
        """Call a tool.

        Returns:
            An answer that fits :class:`McpResult`; ``no_data`` where the server says nothing.

        Raises:
            SourceUnavailable: the server fails, is gone or takes too long.
            SourceMalformed: the answer is too large, or is not what the server promised.
        """
        wait = timedelta(seconds=self._timeout_s)
        call = self._session.call_tool(tool, dict(arguments), read_timeout_seconds=wait)
        result = await self._asked(call)
        if result.isError:
            raise SourceUnavailable(
                f"The tool {tool!r} of {self._name} reports an error.", code="reported_error"
            )
        texts = [block.text for block in result.content if block.type == "text"]
        data: dict[str, Any] = {"content": "\n".join(texts)}
        if result.structuredContent is not None:
            data["structured"] = result.structuredContent
        if len(to_json(data)) > BODY_LIMIT:
            message = f"The answer of {self._name} is larger than {BODY_LIMIT} bytes."
            raise SourceMalformed(message, code="too_large")
        if not any(data.values()):
            return Answer(EvidenceStatus.NO_DATA, reason="empty", complete=False, source=self._name)
        return Answer(EvidenceStatus.OK, data, source=self._name)

    async def _asked(self, question: Any) -> Any:
        failures = (_mcp_error(), anyio.ClosedResourceError, anyio.BrokenResourceError)
        try:
            return await question
        except failures as error:
            raise self._failed(error) from error
        except (
            RuntimeError
        ) as error:  # the SDK's word for structured content that breaks its schema
            message = f"The answer of {self._name} is not what it promised."
            raise SourceMalformed(message, code="unexpected_shape") from error

    def _failed(self, error: Exception) -> SourceError:
        told = getattr(getattr(error, "error", None), "code", None)
        code = "timeout" if told == httpx.codes.REQUEST_TIMEOUT else "server_failed"
        return SourceUnavailable(
            f"The MCP server {self._name} failed: {type(error).__name__}.", code=code
        )


@asynccontextmanager
async def _in_own_task(
    manager: AbstractAsyncContextManager[Value], name: str
) -> AsyncIterator[Value]:
    """Enter and leave in one task of its own, as the SDK's task groups demand."""
    ready: asyncio.Future[Value] = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()

    async def keep() -> None:
        async with manager as value:
            ready.set_result(value)
            await stop.wait()

    task = asyncio.create_task(keep())
    try:
        either: set[asyncio.Future[Any]] = {task, ready}
        await asyncio.wait(either, timeout=START_S, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            raise _not_started(task, name)
        yield ready.result()
    finally:
        stop.set()
        if not ready.done():
            task.cancel()
        # How a server ends is its own affair; here it only must be over.
        await asyncio.gather(task, return_exceptions=True)


def _not_started(task: asyncio.Task[None], name: str) -> CasewrightError:
    error = task.exception() if task.done() else None
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, CasewrightError):
        return error
    told = f"{type(error).__name__}: {error}" if error else f"nothing within {START_S:g} seconds"
    fault = EnvironmentFault(
        f"The MCP server {name!r} does not start ({told}).",
        remedy="Check its command or url in the tools file.",
    )
    fault.__cause__ = error
    return fault


def _mcp_error() -> type[Exception]:
    kind: type[Exception] = optional_module("mcp", EXTRA).McpError
    return kind


def _needed(surroundings: Surroundings) -> dict[str, str]:
    needed: dict[str, str] = optional_module("mcp.client.stdio", EXTRA).get_default_environment()
    return needed


def _client(
    headers: dict[str, str] | None = None,
    timeout: httpx.Timeout | None = None,
    auth: httpx.Auth | None = None,
) -> httpx.AsyncClient:
    # A proxy of the environment must not stand between us and our own machine.
    return httpx.AsyncClient(headers=headers, timeout=timeout, auth=auth, trust_env=False)


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""
