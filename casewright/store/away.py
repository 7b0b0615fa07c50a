"""Whether a failure says that the database is locked, full or away, so that waiting helps."""

from __future__ import annotations

import errno
import sqlite3

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError


def away(error: BaseException) -> bool:
    """Whether the same call may succeed later: nothing of it was written."""
    if isinstance(error, OperationalError | InterfaceError | sqlite3.OperationalError):
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
