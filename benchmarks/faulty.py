"""A proxy that fails on purpose, in a process of its own, and writes down what passed through it.

It stands before the marketplace or before a model. A share of all calls fails, in turns that a
seed draws: an error (500), a refusal that says when to come back (503, 429), a connection that is
reset, a body that ends too early, one that is no JSON, an answer that comes too late. Whoever runs
it may also have it be away for a while: then every connection is reset.

The log has one JSON line a call: when it came, its path, a digest of what it carried, what became
of it, and how long it took. A prompt's fences, which are drawn anew for each, are left out of the
digest. An answer whose caller has gone by then is ``gone``.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx
from outside import Service, apart

from agents.fence import unmarked

AWAY: Final = "/_bench/away"
BODIES: Final = "/_bench/bodies"
RETRY_AFTER: Final = 1
HEAD_BYTES: Final = 65_536

KINDS: Final = ("error", "unavailable", "limited", "reset", "cut", "garbled", "late")
STATUS: Final = {
    "error": "500 Internal Server Error",
    "unavailable": "503 Service Unavailable",
    "limited": "429 Too Many Requests",
}


@dataclass(frozen=True)
class Manner:
    """How it fails.

    Attributes:
        rate: Share of the calls that fail.
        seed: What is drawn from.
        late_s: How much later than its caller waits an answer comes that comes too late.
        latency_s: How long every answer takes at the least.
        by_heart: Whether what was asked once is answered from memory, so that a simulation that
            has to think takes nothing of the machine.
    """

    rate: float = 0.0
    seed: int = 1
    late_s: float = 3.0
    latency_s: float = 0.0
    by_heart: bool = False


class Call(NamedTuple):
    """One call as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def digest(self) -> str:
        """Of what it carries; empty where that is nothing."""
        if not self.body:
            return ""
        text = unmarked(self.body.decode("utf-8", "replace"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


class Proxy:
    """One running proxy."""

    def __init__(self, upstream: str, manner: Manner, log: Path) -> None:
        self._upstream = upstream
        self._manner = manner
        self._draw = random.Random(manner.seed)
        self._log = log.open("a", encoding="utf-8", buffering=1)
        self._back = 0.0
        self._known: dict[tuple[str, str], httpx.Response] = {}
        self._bodies: list[str] = []
        self._client = httpx.AsyncClient(
            base_url=upstream, timeout=120, trust_env=False,
            limits=httpx.Limits(max_connections=256, max_keepalive_connections=256),
        )  # fmt: skip

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the calls of one connection until either side has had enough."""
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            while (call := await _read(reader)) is not None and await self._answer(call, writer):
                pass
        writer.close()

    async def _answer(self, call: Call, writer: asyncio.StreamWriter) -> bool:
        """Answer one call; whether the connection lives on."""
        if call.target.startswith(AWAY):
            self._back = time.monotonic() + float(call.target.partition("=")[2])
            await _send(writer, "200 OK", b"{}")
            return True
        if call.target == BODIES:
            await _send(writer, "200 OK", json.dumps(self._bodies).encode())
            return True
        at, start = time.time(), time.perf_counter()
        kind, status = self._kind(), 0
        try:
            lives, status = await self._meets(kind, call, writer)
        except OSError:
            kind, lives = "gone" if kind == "ok" else kind, False
        told = {
            "at": round(at, 4),
            "method": call.method,
            "path": call.target,
            "digest": call.digest,
            "kind": kind,
            "status": status,
            "seconds": round(time.perf_counter() - start, 4),
        }
        self._log.write(json.dumps(told) + "\n")
        return lives and call.headers.get("connection", "").lower() != "close"

    def _kind(self) -> str:
        if time.monotonic() < self._back:
            return "away"
        if self._draw.random() >= self._manner.rate:
            return "ok"
        return self._draw.choice(KINDS)

    async def _meets(self, kind: str, call: Call, writer: asyncio.StreamWriter) -> tuple[bool, int]:
        """Answer a call; whether the connection lives on, and the upstream's status; 0: none."""
        if kind in ("reset", "away"):
            _reset(writer)
            return False, 0
        if kind in STATUS:
            await _send(writer, STATUS[kind], b'{"error": {"message": "on purpose"}}', again=True)
            return True, 0
        wait = self._manner.latency_s + self._manner.late_s * (kind == "late")
        answer, _ = await asyncio.gather(self._remembered(call), asyncio.sleep(wait))
        status = f"{answer.status_code} {answer.reason_phrase}"
        body = answer.content
        if kind == "garbled":
            body = b"{" + body[: len(body) // 2]
        moved = answer.headers.get("location", "").replace(self._upstream, "")
        await _send(writer, status, body, cut=kind == "cut", location=moved)
        return kind != "cut", answer.status_code

    async def _remembered(self, call: Call) -> httpx.Response:
        if not self._manner.by_heart:
            return await self._asked(call)
        if call.body:
            self._bodies.append(call.body.decode())
        key = (call.target, call.digest)
        if key not in self._known:
            self._known[key] = await self._asked(call)
        return self._known[key]

    async def _asked(self, call: Call) -> httpx.Response:
        kept = ("authorization", "content-type", "accept", "idempotency-key")
        headers = {name: value for name, value in call.headers.items() if name in kept}
        return await self._client.request(
            call.method, call.target, content=call.body or None, headers=headers
        )


def _reset(writer: asyncio.StreamWriter) -> None:
    """End the connection without a word: with no time to linger, TCP says so with a reset."""
    held: socket.socket = writer.get_extra_info("socket")
    held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _read(reader: asyncio.StreamReader) -> Call | None:
    """The next call on a connection; None where it has ended."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").rstrip().split("\r\n")
    method, target, _ = first.split(" ", 2)
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Call(method, target, headers, body)


async def _send(
    writer: asyncio.StreamWriter, status: str, body: bytes, *, again: bool = False,
    cut: bool = False, location: str = "",
) -> None:  # fmt: skip
    """Send an answer; one that is cut ends before its length."""
    lines = [f"HTTP/1.1 {status}", "content-type: application/json"]
    lines += [f"content-length: {len(body)}"]
    lines += [f"retry-after: {RETRY_AFTER}"] * again + [f"location: {location}"] * bool(location)
    writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
    writer.write(body[: len(body) // 2] if cut else body)
    await writer.drain()


def serve_proxy(told: Connection, upstream: Service, manner: Manner, log: Path) -> None:
    """The proxy's process, until the other end is closed."""
    asyncio.run(_serve(told, upstream, manner, log))


async def _serve(told: Connection, upstream: Service, manner: Manner, log: Path) -> None:
    base, slash, below = upstream.url.partition("/v1")  # a model's address ends in it
    proxy = Proxy(base, manner, log)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0, limit=HEAD_BYTES, backlog=512)
    port = server.sockets[0].getsockname()[1]
    told.send((f"http://127.0.0.1:{port}{slash}{below}", upstream.token))
    with suppress(EOFError):
        await asyncio.to_thread(told.recv)
    server.close()


@contextmanager
def faulty(upstream: Service, log: Path, manner: Manner | None = None) -> Iterator[Service]:
    """A proxy before a service, for the length of the block.

    Args:
        upstream: What stands behind it.
        log: Where it writes down what passed.
        manner: How it fails; None: it does not.
    """
    with apart(serve_proxy, upstream, manner or Manner(), log) as service:
        yield service


def away(proxy: Service, seconds: float) -> None:
    """Have a proxy reset all connections from now on, for so many seconds."""
    base = proxy.url.removesuffix("/v1")
    httpx.get(f"{base}{AWAY}?seconds={seconds}", trust_env=False).raise_for_status()


def bodies(proxy: Service) -> list[str]:
    """What a proxy that answers by heart was sent so far, in order."""
    base = proxy.url.removesuffix("/v1")
    found: list[str] = httpx.get(f"{base}{BODIES}", trust_env=False, timeout=60).json()
    return found


def passed(log: Path) -> list[dict[str, Any]]:
    """What passed through a proxy so far, by its log."""
    if not log.exists():
        return []
    lines = log.read_text("utf-8").splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith("\n")]
