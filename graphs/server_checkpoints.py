"""LangGraph's checkpointer on PostgreSQL, over a few connections that are made anew when lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final, LiteralString

from langgraph.checkpoint.postgres._ainternal import get_connection
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from psycopg import AsyncConnection, AsyncCursor, InterfaceError, OperationalError
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout
from sqlalchemy.engine import URL

from casewright.errors import EnvironmentFault, StoreAway
from casewright.settings import Settings
from casewright.store import postgres

Pool = AsyncConnectionPool[AsyncConnection[DictRow]]

SETTING_UP: Final = 0x6361_7365_0000_0002
"""Key of the advisory lock that is held while the tables are made."""

WAIT_S: Final = 10.0
"""Longest wait for a connection, in seconds."""

AGAIN_S: Final = 0.05
"""Between two looks whether somebody else has made the tables, in seconds."""


class Saver(AsyncPostgresSaver):
    """LangGraph's, but runs do not wait for each other: each has a connection of the pool.

    That the server is away is said as one of our errors, and the run can be gone on with.
    """

    @asynccontextmanager
    async def _cursor(self, *, pipeline: bool = False) -> AsyncIterator[AsyncCursor[DictRow]]:
        try:
            async with AsyncExitStack() as stack:
                held = await stack.enter_async_context(get_connection(self.conn))
                if pipeline:
                    together = held.pipeline() if self.supports_pipeline else held.transaction()
                    await stack.enter_async_context(together)
                made = held.cursor(binary=True, row_factory=dict_row)
                yield await stack.enter_async_context(made)
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            told = f"The checkpoints cannot be reached now: {str(error).strip()}."
            raise StoreAway(told, remedy=postgres.AWAY) from None


@asynccontextmanager
async def open_on_server(settings: Settings) -> AsyncIterator[Saver]:
    """The checkpointer at ``store_url``, its tables made where there are none.

    Raises:
        EnvironmentFault: the server cannot be reached, or refuses the account.
    """
    url = postgres.address(settings.store_url.get_secret_value())
    async with _pool(url, settings.store_connections) as pool:
        saver = Saver(pool)
        await _set_up(saver, pool)
        yield saver


@asynccontextmanager
async def _pool(url: URL, connections: int) -> AsyncIterator[Pool]:
    pool = AsyncConnectionPool(
        postgres.conninfo(url),
        connection_class=AsyncConnection[DictRow],
        kwargs={"autocommit": True, "row_factory": dict_row},
        min_size=1,
        max_size=connections,
        open=False,
        timeout=WAIT_S,
        check=_alive,
    )
    try:
        await pool.open(wait=True, timeout=WAIT_S)
    except (OperationalError, PoolTimeout) as error:
        await pool.close()
        told = f"The checkpoints in {postgres.shown(url)} cannot be reached: {str(error).strip()}."
        raise EnvironmentFault(told, remedy=postgres.AWAY) from None
    try:
        yield pool
    finally:
        await pool.close()


async def _alive(connection: AsyncConnection[DictRow]) -> None:
    """Raises OperationalError where the server has dropped the connection."""
    await connection.execute("SELECT 1")


async def _set_up(saver: Saver, pool: Pool) -> None:
    """Make the tables, one process at a time.

    The lock is tried, not waited for: a statement that waits would hold up the indexes, which are
    made beside all others (``CREATE INDEX CONCURRENTLY``) and wait for every one that runs.
    """
    async with pool.connection() as connection:
        while True:
            if await _said(connection, "SELECT pg_try_advisory_lock(%s) AS said"):
                break
            await asyncio.sleep(AGAIN_S)
        try:
            await Saver(connection).setup()
        finally:
            await _said(connection, "SELECT pg_advisory_unlock(%s) AS said")


async def _said(connection: AsyncConnection[DictRow], statement: LiteralString) -> bool:
    row = await (await connection.execute(statement, [SETTING_UP])).fetchone()
    return bool(row and row["said"])
