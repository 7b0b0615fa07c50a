"""The proxy that fails on purpose: each way of failing, and what it writes down."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

from faulty import AWAY, KINDS, Call, Manner, Proxy, passed

from sandbox.server import Endpoint


@asynccontextmanager
async def proxied(
    endpoint: Endpoint, log: Path, manner: Manner
) -> AsyncIterator[httpx.AsyncClient]:
    proxy = Proxy(endpoint.base_url, manner, log)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    headers = {"Authorization": f"Bearer {endpoint.read_token}"}
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", headers=headers, trust_env=False, timeout=5
    ) as client:
        yield client
    server.close()
    await asyncio.sleep(0.01)  # until the proxy has seen that the connections are gone


async def test_what_does_not_fail_is_as_if_nobody_stood_between(
    marketplace: Endpoint, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    async with proxied(marketplace, log, Manner()) as client:
        found = [await client.get("/v1/cases?limit=2") for _ in range(3)]
        missing = await client.get("/v1/cases/case_999999")
    assert [len(one.json()["data"]["items"]) for one in found] == [2, 2, 2]
    assert missing.status_code == 404
    told = [(one["path"], one["kind"]) for one in passed(log)]
    assert told == [("/v1/cases?limit=2", "ok")] * 3 + [("/v1/cases/case_999999", "ok")]


async def test_it_fails_in_every_way(marketplace: Endpoint, tmp_path: Path) -> None:
    log = tmp_path / "log"
    ended: dict[str, set[str]] = {}
    async with proxied(marketplace, log, Manner(rate=1.0, late_s=0.05)) as client:
        for _ in range(60):
            try:
                answer = await client.get("/v1/cases?limit=2")
                how = str(answer.status_code)
                answer.json()
            except httpx.HTTPError as error:
                how = type(error).__name__
            except ValueError:
                how = "no JSON"
            ended.setdefault(passed(log)[-1]["kind"], set()).add(how)
    assert ended == {
        "error": {"500"},
        "unavailable": {"503"},
        "limited": {"429"},
        "reset": {"ReadError"},
        "cut": {"RemoteProtocolError"},
        "garbled": {"no JSON"},
        "late": {"200"},
    }
    assert ended.keys() == set(KINDS)


async def test_who_is_away_comes_back(marketplace: Endpoint, tmp_path: Path) -> None:
    async with proxied(marketplace, tmp_path / "log", Manner()) as client:
        await client.get(f"{AWAY}?seconds=0.3")
        start = time.perf_counter()
        while True:
            try:
                await client.get("/v1/cases?limit=1")
                break
            except httpx.ReadError:
                await asyncio.sleep(0.02)
    assert 0.2 < time.perf_counter() - start < 3


@pytest.mark.parametrize(("one", "other", "same"), [("a", "b", True), ("a", "a2", False)])
def test_a_fence_makes_no_other_prompt(one: str, other: str, same: bool) -> None:
    digests = set()
    for letter, text in ((one[0], one), (other[0], other)):
        said = "text" if same else text
        body = f"BEGIN DATA {letter * 16}\n{said}\nEND DATA {letter * 16}"
        digests.add(Call("POST", "/", {}, body.encode()).digest)
    assert len(digests) == (1 if same else 2)
