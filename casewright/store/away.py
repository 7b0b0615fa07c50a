"""Whether a failure says that the database is locked, full or away, so that waiting helps."""

from __future__ import annotations

import asyncio
import errno
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Final, TypeVar

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from casewright.errors import StoreAway

T = TypeVar("T")

FIRST_PAUSE_S: Final = 0.05
LONGEST_PAUSE_S: Final = 5.0
"""Between two tries, in seconds; each pause is twice the one before."""


async def patiently(
    work: Callable[[], Awaitable[T]],
    patience_s: float,
    waiting: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> T:
    """Do what the database has to do, again while it is locked, full or away.

    Args:
        work: One transaction.
        patience_s: How long to try, in seconds; then its error comes through.
        waiting: Entered for the length of each pause.
    """
    until, pause = time.monotonic() + patience_s, FIRST_PAUSE_S
    while True:
        try:
            return await work()
        except Exception as error:
            if not away(error) or time.monotonic() > until:
                raise
        with waiting():
            await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_S)


def away(error: BaseException) -> bool:
    """Whether the same call may succeed later: nothing of it was written."""
    if isinstance(error, OperationalError | InterfaceError | sqlite3.OperationalError | StoreAway):
        return True
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    if isinstance(error, DBAPIError):
        return error.connection_invalidated
    # LangGraph's checkpointer lets the errors of its driver through; psycopg may not be installed.
    kind = type(error)
    return kind.__module__.startswith("psycopg") and kind.__name__ in (
        "OperationalError",
        "InterfaceError",
        "PoolTimeout",
        "AdminShutdown",
    )
