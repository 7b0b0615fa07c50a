"""Lanes: a bounded number of calls, each on a connection of its own that is used again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from tools.sources.lanes import ONE, Lanes


class Counted:
    """A server that counts connections and the requests under way."""

    def __init__(self) -> None:
        self.connections = self.now = self.most = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while await reader.readline():
            while (await reader.readline()).strip():
                pass
            self.now += 1
            self.most = max(self.most, self.now)
            await asyncio.sleep(0.01)
            self.now -= 1
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            await writer.drain()
        writer.close()


@asynccontextmanager
async def counting(most: int) -> AsyncIterator[tuple[Lanes, str, Counted]]:
    counted = Counted()
    lanes = Lanes(lambda: httpx.AsyncClient(limits=ONE, trust_env=False), most)
    async with await asyncio.start_server(counted.serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        yield lanes, f"http://127.0.0.1:{port}/", counted
        await lanes.aclose()


async def ask(lanes: Lanes, url: str) -> str:
    async with lanes.client() as client:
        return (await client.get(url)).text


async def test_no_more_calls_are_under_way_than_there_are_lanes() -> None:
    async with counting(3) as (lanes, url, counted):
        told = await asyncio.gather(*(ask(lanes, url) for _ in range(12)))
    assert told == ["ok"] * 12
    assert counted.most == counted.connections == 3


async def test_calls_after_each_other_share_one_connection() -> None:
    async with counting(3) as (lanes, url, counted):
        for _ in range(4):
            await ask(lanes, url)
    assert counted.connections == 1


async def test_a_lane_whose_call_failed_is_given_back() -> None:
    async with counting(1) as (lanes, url, _):
        with pytest.raises(httpx.UnsupportedProtocol):
            await ask(lanes, "ftp://nowhere.invalid/")
        assert await ask(lanes, url) == "ok"


async def test_a_call_that_is_cancelled_leaves_its_lane_usable() -> None:
    async with counting(1) as (lanes, url, _):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.001):
                await ask(lanes, url)
        assert await ask(lanes, url) == "ok"
