"""Opens the file that a store lives in: SQLite in WAL mode, if it can be read and written."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import QueuePool
from tenacity import (
    AsyncRetrying,
    retry_if_exception_type,
    stop_after_attempt,
    stop_after_delay,
    wait_random,
)

from casewright.errors import EnvironmentFault, HomeUnwritable, StoreCorrupt
from casewright.store.inline import InlineEngine

FILE = "casewright.sqlite"
BUSY_MS = 10_000
"""How long a transaction waits for another process to finish, in milliseconds."""
ELSEWHERE = "Set CASEWRIGHT_HOME (or --home) to a folder of yours."


def connect(home: Path, *, inline: bool = False) -> AsyncEngine:
    """The engine for the store in ``home``, in WAL mode, foreign keys on; no schema check.

    Args:
        home: The folder.
        inline: Whether it works in the event loop's own thread, see :mod:`casewright.store.inline`.

    Raises:
        HomeUnwritable: the folder or the file cannot be created or written.
    """
    require_writable(home)
    if inline:
        # Nobody may wait for a connection: the one who has it works in the same thread.
        sync = create_engine(f"sqlite:///{home / FILE}", poolclass=QueuePool, max_overflow=-1)
        _prepare_connections(sync, busy_ms=0)
        return InlineEngine(sync, BUSY_MS / 1000).as_async()
    engine = create_async_engine(f"sqlite+aiosqlite:///{home / FILE}")
    _prepare_connections(engine.sync_engine, busy_ms=BUSY_MS)
    return engine


def _prepare_connections(engine: Engine, *, busy_ms: int) -> None:
    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _: Any) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {busy_ms}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA secure_delete = ON")  # what is erased leaves no trace in the file
        cursor.close()


def require_writable(home: Path) -> None:
    """Create the home folder if need be; make sure that it and the store in it can be written.

    Raises:
        HomeUnwritable: one of them cannot.
    """
    probe, file = home / ".writable", home / FILE
    try:
        home.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        told = f"The home folder {home} cannot be written: {error.strerror}."
        raise HomeUnwritable(told, remedy=ELSEWHERE) from error
    # Asked, not tried: closing the file would drop the locks that SQLite holds in this process.
    if file.exists() and not (file.is_file() and os.access(file, os.R_OK | os.W_OK)):
        raise HomeUnwritable(f"{file} is no file that can be written.", remedy=ELSEWHERE)


async def prepare(engine: AsyncEngine, home: Path, step: Callable[[Connection], None]) -> None:
    """Take one step on the schema, such as ``schema.require_head``, in one transaction.

    Raises:
        StoreCorrupt: the file is not a readable database.
        EnvironmentFault: it is locked, or the disk is full. The step's own errors come through.
    """
    # Where two processes turn a new file to WAL at once, SQLite refuses one of them unwaited.
    patience = AsyncRetrying(
        retry=retry_if_exception_type(OperationalError),
        wait=wait_random(max=0.1),
        stop=stop_after_attempt(10) | stop_after_delay(BUSY_MS / 1000),
        reraise=True,
    )
    try:
        async for attempt in patience:
            with attempt, readable(home):
                async with engine.begin() as connection:
                    await connection.run_sync(step)
    except OperationalError as error:
        raise EnvironmentFault(
            f"The store {home / FILE} cannot be used now: {error.orig}.",
            remedy="Another process may hold it, or the disk be full. Try again.",
        ) from error


@contextmanager
def readable(home: Path) -> Iterator[None]:
    """Turns SQLite's complaint about a foreign or broken file into ours."""
    try:
        yield
    except DatabaseError as error:
        # Its subclasses say other things: locked, full or away, or a constraint is violated.
        if type(error) is not DatabaseError:
            raise
        raise corrupt(home, str(error.orig)) from error


def corrupt(home: Path, why: str) -> StoreCorrupt:
    """That the store in a folder does not read, and why."""
    return StoreCorrupt(
        f"{home / FILE} is not a readable store: {why}.",
        remedy="Restore it from a backup, or move it away to start a new one.",
    )
