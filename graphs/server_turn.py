"""One act at a time on a case, on all machines whose processes share a PostgreSQL server."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, LiteralString
from weakref import WeakValueDictionary

from psycopg import AsyncConnection, InterfaceError, OperationalError

from casewright.errors import StoreAway
from casewright.settings import Settings
from casewright.store import postgres
from graphs.turn import Turns

SPACE: Final = 0x7475726E
"""First half of the keys of the advisory locks; the second one is a case's."""

AGAIN_S: Final = 0.05
"""Between two tries, in seconds."""


class ServerTurns:
    """Turns by advisory locks of one session: they fall away with its connection.

    A session could take a lock twice, so that the tasks of this process wait for each other here.

    Args:
        conninfo: Where the server is, with the password.
    """

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._connection: AsyncConnection | None = None
        self._connecting = asyncio.Lock()
        self._here = WeakValueDictionary[int, asyncio.Lock]()

    @asynccontextmanager
    async def turn(self, case_id: str) -> AsyncIterator[None]:
        """Wait until nobody else acts on the case, and keep others waiting inside.

        Raises:
            StoreAway: the server is.
        """
        key = zlib.crc32(case_id.encode()) - 2**31
        async with self._here.setdefault(key, asyncio.Lock()):
            connection = await self._taken(key)
            try:
                yield
            finally:
                await _release(connection, key)

    async def open(self) -> None:
        """Connect, so that a server that is away is told at once."""
        await self._connected()

    async def close(self) -> None:
        """Give back whatever is held."""
        if self._connection is not None:
            await self._connection.close()

    async def _taken(self, key: int) -> AsyncConnection:
        cut = False
        while True:
            connection = await self._connected()
            try:
                if await _tried(connection, key):
                    return connection
            except (OperationalError, InterfaceError) as error:
                if cut:
                    raise _away(error) from None
                cut = True
                await connection.close()  # as when the server was restarted: it is made anew
            await asyncio.sleep(AGAIN_S)

    async def _connected(self) -> AsyncConnection:
        async with self._connecting:
            if self._connection is None or self._connection.closed:
                try:
                    self._connection = await AsyncConnection.connect(
                        self._conninfo, autocommit=True
                    )
                except OperationalError as error:
                    raise _away(error) from None
            return self._connection


async def _tried(connection: AsyncConnection, key: int) -> bool:
    """Try to take a lock; a task that is cancelled meanwhile does not leave it taken."""
    trying = asyncio.ensure_future(_said(connection, "SELECT pg_try_advisory_lock(%s, %s)", key))
    try:
        return await asyncio.shield(trying)
    except asyncio.CancelledError:
        if await trying:
            await _release(connection, key)
        raise


async def _said(connection: AsyncConnection, statement: LiteralString, key: int) -> bool:
    row = await (await connection.execute(statement, [SPACE, key])).fetchone()
    return bool(row and row[0])


async def _release(connection: AsyncConnection, key: int) -> None:
    if connection.closed:  # and the lock fell with it
        return
    try:
        await _said(connection, "SELECT pg_advisory_unlock(%s, %s)", key)
    except (OperationalError, InterfaceError):
        await connection.close()


def _away(error: Exception) -> StoreAway:
    told = f"Nobody's turn can be taken on the server now: {str(error).strip()}."
    return StoreAway(told, remedy=postgres.AWAY)


@asynccontextmanager
async def turns_on_server(settings: Settings) -> AsyncIterator[Turns]:
    """The turns of all whose settings name the same database.

    Raises:
        StoreAway: the server cannot be reached, or refuses the account.
    """
    url = postgres.address(settings.store_url.get_secret_value())
    turns = ServerTurns(postgres.conninfo(url))
    try:
        await turns.open()
        yield turns.turn
    finally:
        await turns.close()
