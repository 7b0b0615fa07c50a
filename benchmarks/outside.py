"""What a batch is measured against, each in a process of its own: the marketplace and the model.

The built world has 600 open cases. A benchmark that wants more opens the same ones under further
ids: ``case_001566-2`` is the second of ``case_001566``, the same in all but its id. So does the
marketplace here: it lists them, and answers for them. It also tells what it was asked::

    python benchmarks/outside.py --world WORLD [--cases 5000] [--port 8765]

serves it until its standard input ends, and prints its address and token.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl

import httpx
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

INBOX: Final = "/v1/cases"
TOLD: Final = "/_bench/asked"
PAGE: Final = 100
STOP_SECONDS: Final = 20


@dataclass(frozen=True)
class Service:
    """Something that answers on loopback: where, with which token, and in which process."""

    url: str
    token: str
    pid: int


class Multiplied:
    """ASGI middleware over the sandbox: its open cases under as many ids as are wanted.

    Args:
        app: The sandbox.
        token: A token that may read it.
        cases: How many open cases it is to list; None: those that it has.
    """

    def __init__(self, app: ASGIApp, token: str, cases: int | None = None) -> None:
        self._app = app
        self._token = token
        self._wanted = cases
        self._items: list[dict[str, Any]] = []
        self._meta: dict[str, Any] = {}
        self._asked: list[str] = []
        self._filling = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"] == TOLD:
            await self._tell(scope["method"])(scope, receive, send)
        else:
            await self._answered(scope, receive, send)

    def _tell(self, method: str) -> Response:
        told = JSONResponse(self._asked)
        if method == "DELETE":
            self._asked = []
        return told

    async def _answered(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, query = scope["path"], scope["query_string"].decode("latin-1")
        self._asked.append(f"{path}?{query}" if query else path)
        asked = dict(parse_qsl(query))
        if path == INBOX and asked.get("status") == "open":
            await (await self._listed(asked))(scope, receive, send)
        elif path.startswith(f"{INBOX}/") and "-" in path.rpartition("/")[2]:
            await (await self._copy(path.rpartition("/")[2]))(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _copy(self, case_id: str) -> Response:
        answer = await self._asks(f"{INBOX}/{case_id.partition('-')[0]}")
        body = answer.json()
        if answer.is_success:
            body["data"]["case_id"] = case_id
        return JSONResponse(body, answer.status_code)

    async def _listed(self, asked: dict[str, str]) -> Response:
        async with self._filling:
            if not self._items:
                await self._fill()
        of_type = asked.get("case_type")
        items = [one for one in self._items if of_type in (None, one["case_type"])]
        start, size = int(asked.get("cursor", "0")), int(asked.get("limit", PAGE))
        page = items[start : start + size]
        following = str(start + size) if start + size < len(items) else None
        data = {"items": page} if following is None else {"items": page, "next_cursor": following}
        untrusted = [f"/items/{number}/text" for number in range(len(page))]
        return JSONResponse({"data": data, "meta": {**self._meta, "untrusted": untrusted}})

    async def _fill(self) -> None:
        found: list[dict[str, Any]] = []
        query: dict[str, str] = {"status": "open", "limit": str(PAGE)}
        while True:
            body = (await self._asks(INBOX, query)).raise_for_status().json()
            found += body["data"]["items"]
            self._meta = body["meta"]
            if (cursor := body["data"].get("next_cursor")) is None:
                break
            query["cursor"] = cursor
        wanted = len(found) if self._wanted is None else self._wanted
        self._items = [_again(found, number) for number in range(wanted)]

    async def _asks(self, path: str, query: dict[str, str] | None = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token}"}
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(self._app), base_url="http://sandbox", headers=headers
        ) as client:
            return await client.get(path, params=query)


def _again(found: list[dict[str, Any]], number: int) -> dict[str, Any]:
    """The case at a place of the list that begins anew whenever it has ended."""
    times, place = divmod(number, len(found))
    one = found[place]
    return one if times == 0 else {**one, "case_id": f"{one['case_id']}-{times + 1}"}


@contextmanager
def _serving(app: ASGIApp, port: int = 0) -> Iterator[str]:
    """Serve an app in a thread of this process."""
    import threading

    from sandbox.server import LOOPBACK, await_start, listen, uvicorn_server

    listening = listen(port)
    server = uvicorn_server(app)  # type: ignore[arg-type]  # it takes any ASGI app
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    try:
        await_start(server, thread)
        yield f"http://{LOOPBACK}:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(STOP_SECONDS)
        listening.close()


def serve_marketplace(told: Connection, world: Path, cases: int | None, port: int) -> None:
    """The marketplace's process, until the other end is closed."""
    from sandbox.app import create_app
    from sandbox.summary import read_summary

    summary = read_summary(world)
    assert summary is not None, f"{world} is no world"
    token = summary.tokens["investigate"]
    app = create_app(world, faults=False, rate_limits=False)
    with _serving(Multiplied(app, token, cases), port) as url:
        told.send((url, token))
        _until_closed(told)


def serve_model(told: Connection, world: Path, latency_ms: int, style: Any) -> None:
    """The simulated model's process, until the other end is closed."""
    from sandbox.model.app import Manner
    from sandbox.model.server import simulating

    with simulating(world, Manner(style=style, latency_ms=latency_ms)) as url:
        told.send((url, ""))
        _until_closed(told)


def _until_closed(told: Connection) -> None:
    with suppress(EOFError, KeyboardInterrupt):
        told.recv()


@contextmanager
def apart(serve: Callable[..., None], *given: object) -> Iterator[Service]:
    """Run what serves in a process of its own for the length of the block."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=serve, args=(there, *given), daemon=True)
    process.start()
    there.close()
    try:
        url, token = here.recv()
        yield Service(url, token, process.pid or 0)
    finally:
        here.close()
        process.join(STOP_SECONDS)
        if process.is_alive():
            process.terminate()


@contextmanager
def marketplace(world: Path, cases: int | None = None, port: int = 0) -> Iterator[Service]:
    """The world's API without faults and limits, warm, with so many open cases."""
    with apart(serve_marketplace, world, cases, port) as service:
        httpx.get(
            f"{service.url}{INBOX}?status=open&limit=1",
            headers={"Authorization": f"Bearer {service.token}"},
            trust_env=False,
            timeout=120,
        ).raise_for_status()
        forget(service)
        yield service


@contextmanager
def model(world: Path, latency_ms: int = 0, style: str = "expert") -> Iterator[Service]:
    """A SIMULATED model, which answers after so many milliseconds."""
    with apart(serve_model, world, latency_ms, style) as service:
        yield service


def asked(service: Service) -> list[str]:
    """Path and query of what a marketplace was asked since it last forgot, in order."""
    found: list[str] = httpx.get(f"{service.url}{TOLD}", trust_env=False, timeout=60).json()
    return found


def forget(service: Service) -> None:
    """Have a marketplace forget what it was asked."""
    httpx.delete(f"{service.url}{TOLD}", trust_env=False, timeout=60).raise_for_status()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--world", type=Path, required=True, help="made by `sandbox init`")
    parser.add_argument("--cases", type=int, default=None)
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    with marketplace(given.world, given.cases, given.port) as service:
        print(json.dumps({"url": service.url, "token": service.token, "pid": service.pid}))
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
