"""Opens what a store lives in: a file of SQLite in WAL mode, or a database on PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, InternalError, OperationalError
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
from casewright.settings import Settings
from casewright.store import postgres
from casewright.store.inline import InlineEngine

FILE = "casewright.sqlite"
WAL_PAGES = 8_000
"""From how many pages on what was written is carried over into the file, which waits for the disk.
"""
BUSY_MS = 10_000
"""How long a transaction waits for another process to finish, in milliseconds."""
ELSEWHERE = "Set CASEWRIGHT_HOME (or --home) to a folder of yours."


@dataclass(frozen=True)
class Place:
    """Where a store lives.

    Attributes:
        engine: Makes the connections to it; nothing is looked at before the first.
        where: The file or the address, as people may read it.
    """

    engine: AsyncEngine
    where: str


def place_of(settings: Settings, *, inline: bool = False) -> Place:
    """Where the settings have the store.

    Args:
        settings: The settings.
        inline: As for :func:`connect`; a server is never waited for in the loop's own thread.

    Raises:
        UsageError: ``store_url`` names no PostgreSQL database.
        EnvironmentFault: the driver for it is not installed.
        HomeUnwritable: the home folder cannot be created or written.
    """
    url = settings.store_url.get_secret_value()
    if not url:
        return place_in(settings.home, inline=inline)
    require_writable(settings.home)
    address = postgres.address(url)
    engine = postgres.connect(address, settings.store_connections)
    return Place(engine, postgres.shown(address))


def place_in(home: Path, *, inline: bool = False) -> Place:
    """The file of a home folder. Arguments and errors as for :func:`connect`."""
    return Place(connect(home, inline=inline), str(home / FILE))


def there(settings: Settings) -> bool:
    """Whether there is a store to ask: to open one that lives in a file would make it."""
    return bool(settings.store_url.get_secret_value()) or (settings.home / FILE).is_file()


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
        cursor.execute(f"PRAGMA wal_autocheckpoint = {WAL_PAGES}")
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


async def prepare(place: Place, step: Callable[[Connection], None]) -> None:
    """Take one step on the schema, such as ``schema.require_head``, in one transaction.

    Raises:
        StoreCorrupt: the file is not a readable database.
        EnvironmentFault: it is locked, or the disk is full, or the server cannot be reached or
            cannot hold a store. The step's own errors come through.
    """
    if place.engine.dialect.name == "sqlite":
        await _prepare_file(place, step)
        return
    with postgres.reachable(place.where):
        async with place.engine.begin() as connection:
            await connection.run_sync(postgres.require_server)
            await connection.run_sync(step)


async def _prepare_file(place: Place, step: Callable[[Connection], None]) -> None:
    # Where two processes turn a new file to WAL at once, SQLite refuses one of them unwaited.
    patience = AsyncRetrying(
        retry=retry_if_exception_type(OperationalError),
        wait=wait_random(max=0.1),
        stop=stop_after_attempt(10) | stop_after_delay(BUSY_MS / 1000),
        reraise=True,
    )
    try:
        async for attempt in patience:
            with attempt, readable(place.where):
                async with place.engine.begin() as connection:
                    await connection.run_sync(step)
    except OperationalError as error:
        raise EnvironmentFault(
            f"The store {place.where} cannot be used now: {error.orig}.",
            remedy="Another process may hold it, or the disk be full. Try again.",
        ) from error


@contextmanager
def readable(where: str) -> Iterator[None]:
    """Turns a database's complaint about a foreign or broken file into ours."""
    try:
        yield
    except InternalError as error:
        raise postgres.damaged(error, where) or error from error
    except DatabaseError as error:
        # Its subclasses say other things: locked, full or away, or a constraint is violated.
        if type(error) is not DatabaseError:
            raise
        raise corrupt(where, str(error.orig)) from error


def corrupt(where: str, why: str) -> StoreCorrupt:
    """That the store at a place does not read, and why."""
    return StoreCorrupt(
        f"{where} is not a readable store: {why}.",
        remedy="Restore it from a backup, or move it away to start a new one.",
    )
