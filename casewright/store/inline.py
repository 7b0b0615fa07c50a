"""A SQLite engine that works in the event loop's own thread, for processes that run batches.

A statement takes some fifty microseconds there. Handed to another thread, as ``aiosqlite`` does,
each one waits for a busy loop to look up again, and a transaction of a dozen statements holds the
store's one writing lock all the while: with sixteen cases in flight others were refused after ten
seconds. Only waiting for the lock of another process is waited for asleep.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar, cast

from sqlalchemy import Connection, CursorResult, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

T = TypeVar("T")

PAUSE_S: Final = 0.005
"""How long it sleeps between two tries to get the lock, in seconds."""


class InlineConnection:
    """What the store uses of an ``AsyncConnection``; what is awaited is over at once.

    Args:
        connection: The connection that works.
        patience_s: How long to wait for another process's writing, in seconds.
    """

    def __init__(self, connection: Connection, patience_s: float) -> None:
        self._connection = connection
        self._patience_s = patience_s
        self.dialect = connection.dialect

    async def execute(self, *given: Any, **named: Any) -> CursorResult[Any]:
        """As ``Connection.execute``, and as patient as ``exec_driver_sql``."""
        return await self._patiently(lambda: self._connection.execute(*given, **named))

    async def run_sync(self, work: Callable[..., T], *given: Any) -> T:
        """Have a function work with the connection."""
        return work(self._connection, *given)

    async def exec_driver_sql(self, statement: str) -> CursorResult[Any]:
        """Run a statement as it is written; where the file is locked, try again for a while.

        Raises:
            OperationalError: it is still locked, or the statement fails otherwise.
        """
        return await self._patiently(lambda: self._connection.exec_driver_sql(statement))

    async def _patiently(self, work: Callable[[], T]) -> T:
        until = time.monotonic() + self._patience_s
        while True:
            try:
                return work()
            except OperationalError as error:
                if not locked(error.orig) or time.monotonic() > until:
                    raise
            await asyncio.sleep(PAUSE_S)


class InlineEngine:
    """What the store uses of an ``AsyncEngine``.

    Args:
        engine: A synchronous engine on the file, whose own patience is short.
        patience_s: As for the connection.
    """

    def __init__(self, engine: Engine, patience_s: float) -> None:
        self._engine = engine
        self._patience_s = patience_s
        self.dialect = engine.dialect

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that ends with the block."""
        with self._engine.begin() as connection:
            yield self._as_async(connection)

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[AsyncConnection]:
        """A connection for the length of the block."""
        with self._engine.connect() as connection:
            yield self._as_async(connection)

    async def dispose(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def as_async(self) -> AsyncEngine:
        """Itself, for those who were written for the asynchronous engine."""
        return cast("AsyncEngine", self)

    def _as_async(self, connection: Connection) -> AsyncConnection:
        return cast("AsyncConnection", InlineConnection(connection, self._patience_s))


def locked(error: object) -> bool:
    """Whether SQLite refused a statement for another's lock, so that the same may do later.

    It never does where something was read before the other wrote: that has to be read again.
    """
    name: str = getattr(error, "sqlite_errorname", "")
    return name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) and name != "SQLITE_BUSY_SNAPSHOT"
