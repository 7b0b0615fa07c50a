"""A scripted HTTP server, and cassettes of the sandbox.

Tests marked ``vcr`` replay what the sandbox answered, from ``tests/cassettes``; a replay starts no
server, and a call that was not recorded fails. To record anew, delete the cassettes concerned and
run::

    python -m pytest tests/tools --record-mode=once

which builds the small world of seed 7 and serves it on a free port of loopback. Cassettes hold a
fixed host in place of that port and no token.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from jsonpointer import resolve_pointer
from pydantic import BaseModel

from casewright.errors import SopError
from casewright.models import Case, Evidence
from casewright.registry import Registry
from casewright.settings import Settings
from tools import builtin
from tools.base import Tool
from tools.inbox import open_cases
from tools.sources.http import HttpSource
from tools.sources.patience import Patience
from tools.toolbox import Toolbox
from tools.workspace import open_tools

NOW = datetime(2026, 6, 3, 8, 0, tzinfo=UTC)
RECORDED_HOST = "http://sandbox.invalid"
KEPT_HEADERS = ("content-type", "retry-after", "location")


@dataclass(frozen=True)
class Seen:
    """One request as the server saw it, the path undecoded."""

    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    method: str = "GET"
    body: Any = None


@dataclass
class Wire:
    """A server on loopback that plays a script of raw replies; the last one repeats."""

    url: str = ""
    requests: list[Seen] = field(default_factory=list)
    script: list[bytes] = field(default_factory=list)
    route: Callable[[Seen], bytes] | None = None
    trickle_s: float = 0.0

    def plays(self, *replies: bytes) -> None:
        self.script = list(replies)

    @staticmethod
    def raw(status: int, body: bytes, **headers: str) -> bytes:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        lines = {"content-type": "application/json", "content-length": str(len(body)), **given}
        named = (f"{name}: {value}" for name, value in lines.items() if value)
        head = "\r\n".join((f"HTTP/1.1 {status} X", *named, "connection: close"))
        return f"{head}\r\n\r\n".encode() + body

    @classmethod
    def json(cls, value: Any, status: int = 200, **headers: str) -> bytes:
        """A reply as any API sends it, without the marketplace's envelope."""
        return cls.raw(status, json.dumps(value).encode(), **headers)

    @classmethod
    def ok(cls, data: Any, *, complete: bool = True, untrusted: tuple[str, ...] = ()) -> bytes:
        meta = {
            "as_of": "2026-06-03T08:00:00Z",
            "coverage": {"complete": complete},
            "source": "orders",
            "untrusted": untrusted,
        }
        return cls.raw(200, json.dumps({"data": data, "meta": meta}).encode())

    @classmethod
    def problem(cls, status: int, code: str = "", *, retryable: bool = False, **more: str) -> bytes:
        body = json.dumps({"title": "x", "code": code, "retryable": retryable}).encode()
        return cls.raw(status, body, content_type="application/problem+json", **more)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        target = urlsplit(head[0].split(" ")[1])
        pairs = (line.split(": ", 1) for line in head[1:] if line)
        headers = {name.lower(): value for name, value in pairs}
        query = parse_qs(target.query, keep_blank_values=True)
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        method = head[0].split(" ")[0]
        seen = Seen(target.path, query, headers, method, json.loads(body) if body else None)
        self.requests.append(seen)
        await self._send(writer, self._next(seen))
        writer.close()

    async def _send(self, writer: asyncio.StreamWriter, reply: bytes) -> None:
        step = 20 if self.trickle_s else max(len(reply), 1)
        for start in range(0, len(reply), step):
            writer.write(reply[start : start + step])
            await writer.drain()
            await asyncio.sleep(self.trickle_s)

    def _next(self, seen: Seen) -> bytes:
        if self.route:
            return self.route(seen)
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    wire = Wire()

    async def quietly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A client that gave up is part of several tests.
        try:
            await wire.serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.close()

    server = await asyncio.start_server(quietly, "127.0.0.1", 0)
    wire.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield wire


@pytest.fixture
def slept() -> list[float]:
    """The waits that a source asked for; none of them is waited."""
    return []


@pytest.fixture
def patience(slept: list[float]) -> Patience:
    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    return Patience(sleep=sleep)


@pytest.fixture
async def source(wire: Wire, patience: Patience) -> AsyncIterator[HttpSource]:
    async with HttpSource(wire.url, "t0ken", page_limit=4, patience=patience) as source:
        yield source


@dataclass
class Workshop:
    """A workspace folder whose tools files a test writes."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)

    def put(self, path: str, content: str | bytes) -> Path:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else dedent(content).encode())
        return file

    def declares(self, text: str) -> None:
        self.put("tools/mine.yaml", text)

    @asynccontextmanager
    async def open(self, marketplace: HttpSource | None = None) -> AsyncIterator[Toolbox]:
        """A toolbox with the workspace's tools; without a marketplace, that is nowhere."""
        settings = Settings(home=self.folder, source_attempts=1, **self.settings)
        nowhere = HttpSource("http://127.0.0.1:9")
        async with open_tools(settings, self.folder, environment=self.environment) as tools:
            yield Toolbox(tools, marketplace or nowhere, lambda: NOW)

    async def ask(self, tool: str, **arguments: Any) -> Evidence:
        """One call of one tool; its evidence is intact and every mark of it resolves."""
        async with self.open() as toolbox:
            evidence = await toolbox.call(tool, arguments, as_of=NOW)
        assert evidence.intact()
        assert all(resolve_pointer(evidence.data, at) is not None for at in evidence.untrusted)
        return evidence

    async def refused(self) -> SopError:
        """What opening the tools complains about."""
        with pytest.raises(SopError) as caught:
            async with self.open():
                pass
        return caught.value


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


@pytest.fixture(scope="session")
def builtin_tools() -> dict[str, Tool]:
    registry = Registry()
    builtin.register(registry)
    return registry.all("tool", Tool)


@pytest.fixture
def toolbox(builtin_tools: dict[str, Tool], source: HttpSource) -> Toolbox:
    return Toolbox(builtin_tools, source, lambda: NOW)


class Address(BaseModel):
    """Where the sandbox is, or was when the cassettes were recorded."""

    url: str
    token: str
    live: bool


@pytest.fixture(scope="session")
def sandbox(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Address]:
    """The running sandbox while recording, the recorded host while replaying."""
    if request.config.getoption("--record-mode") in (None, "none"):
        yield Address(url=RECORDED_HOST, token="replayed", live=False)
        return
    from sandbox.build import build_world
    from sandbox.server import running

    world = tmp_path_factory.mktemp("sandbox") / "world"
    build_world(world, seed=7, size="small", progress=None)
    with running(world) as endpoint:
        yield Address(url=endpoint.base_url, token=endpoint.read_token, live=True)


@pytest.fixture
async def recorded(sandbox: Address, patience: Patience) -> AsyncIterator[HttpSource]:
    # A job must be waited for while recording; a replay need not wait again.
    waits = Patience() if sandbox.live else patience
    async with HttpSource(sandbox.url, sandbox.token, patience=waits) as source:
        yield source


@pytest.fixture
def recorded_toolbox(builtin_tools: dict[str, Tool], recorded: HttpSource) -> Toolbox:
    return Toolbox(builtin_tools, recorded, lambda: NOW)


@pytest.fixture(scope="module")
def vcr_cassette_dir(request: pytest.FixtureRequest) -> str:
    return str(Path(__file__).parent.parent / "cassettes" / request.node.path.stem)


@pytest.fixture(scope="module")
def vcr_config() -> dict[str, Any]:
    return {
        "match_on": ["method", "path", "query"],
        "filter_headers": ["authorization", "host", "user-agent", "accept", "accept-encoding"],
        "before_record_request": _with_fixed_host,
        "before_record_response": _with_kept_headers,
        "decode_compressed_response": True,
    }


def _with_fixed_host(request: Any) -> Any:
    parts = urlsplit(request.uri)
    request.uri = f"{RECORDED_HOST}{parts.path}" + (f"?{parts.query}" if parts.query else "")
    return request


def _with_kept_headers(response: dict[str, Any]) -> dict[str, Any]:
    headers = response["headers"].items()
    kept = {name: value for name, value in headers if name.lower() in KEPT_HEADERS}
    return {**response, "headers": kept}


@pytest.fixture
async def open_case(recorded: HttpSource) -> Case:
    """The first open case of the inbox."""
    return await anext(open_cases(recorded, "appeal.late_dispatch", limit=1))


Ask = Callable[..., Awaitable[Evidence]]


@pytest.fixture
def ask(recorded_toolbox: Toolbox, open_case: Case) -> Ask:
    """Calls a tool as of two days after the case was opened; every mark must resolve."""

    async def ask(name: str, **arguments: Any) -> Evidence:
        given = {("from" if key == "from_" else key): one for key, one in arguments.items()}
        as_of = open_case.opened_at + timedelta(days=2)
        evidence = await recorded_toolbox.call(name, given, as_of=as_of)
        assert evidence.intact()
        assert all(resolve_pointer(evidence.data, at) is not None for at in evidence.untrusted)
        return evidence

    return ask


@pytest.fixture
async def appeal(ask: Ask, open_case: Case) -> dict[str, Any]:
    """The open case's appeal."""
    evidence = await ask("get_appeal", appeal_id=open_case.subject["appeal_id"])
    assert evidence.data is not None
    return evidence.data


@pytest.fixture
async def order(ask: Ask, appeal: dict[str, Any]) -> dict[str, Any]:
    """The order that the appeal is about."""
    evidence = await ask("get_order", order_id=appeal["order_id"])
    assert evidence.data is not None
    return evidence.data
