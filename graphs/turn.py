"""One act at a time on a case: in all processes of this machine, or of all that share a server."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from casewright.settings import Settings
from casewright.store import postgres

FOLDER: Final = "locks"

STRIPES: Final = 2**14
"""Lock files there are at most. Two cases that share one wait for each other, which does no harm:
of 64 in flight, two do so in one of eight batches."""

AGAIN_S: Final = 0.02
"""Between two tries, in seconds."""

Turns = Callable[[str], AbstractAsyncContextManager[None]]
"""Waits until nobody else acts on a case, and keeps others waiting inside."""


@asynccontextmanager
async def open_turns(settings: Settings) -> AsyncIterator[Turns]:
    """The turns of all who share the settings' store.

    Raises:
        EnvironmentFault: the driver for PostgreSQL is not installed, or the server is away.
    """
    if not settings.store_url.get_secret_value():
        yield turns_in(settings.home)
        return
    postgres.require_driver()
    from graphs.server_turn import turns_on_server  # the driver is an extra

    async with turns_on_server(settings) as turns:
        yield turns


def turns_in(home: Path) -> Turns:
    """The turns of the processes that share a home folder."""
    return lambda case_id: turn(home, case_id)


@asynccontextmanager
async def alone(_case_id: str) -> AsyncIterator[None]:
    """The turn of who works on a case that nobody else can see."""
    yield


@asynccontextmanager
async def turn(home: Path, case_id: str) -> AsyncIterator[None]:
    """Wait until nobody else acts on the case, and keep others waiting inside.

    The operating system takes the lock from a process that dies, so nothing is left behind.

    Args:
        home: The home folder.
        case_id: The case.
    """
    folder = home / FOLDER
    folder.mkdir(exist_ok=True)
    name = f"{zlib.crc32(case_id.encode()) % STRIPES:04x}"
    lock = FileLock(folder / name, thread_local=False)
    while True:
        if _taken(lock):
            break
        await asyncio.sleep(AGAIN_S)
    try:
        yield
    finally:
        lock.release()


def _taken(lock: FileLock) -> bool:
    """One try, which does not wait: a free lock costs no thread."""
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return False
    return True
