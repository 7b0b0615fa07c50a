"""HTTP clients with one connection each, handed out to whoever has a call to make.

httpx's own pool looks through all its connections, twice for every request: with 64 of them in
use that costs four times what the request itself does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx

ONE = httpx.Limits(max_connections=1, max_keepalive_connections=1)
"""What the client of a lane is to be made with."""


class Lanes:
    """A bounded number of clients; the one used last goes first, so its connection is still open.

    Args:
        opened: Makes a client of one connection.
        most: Most calls under way; further ones wait their turn.
    """

    def __init__(self, opened: Callable[[], httpx.AsyncClient], most: int) -> None:
        self._opened = opened
        self._turn = asyncio.Semaphore(most)
        self._idle: list[httpx.AsyncClient] = []

    @asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        """A client for one call at a time, which nobody else has until it is given back."""
        async with self._turn:
            client = self._idle.pop() if self._idle else self._opened()
            try:
                yield client
            finally:
                self._idle.append(client)

    async def aclose(self) -> None:
        """Close all connections; no call may be under way."""
        while self._idle:
            await self._idle.pop().aclose()
