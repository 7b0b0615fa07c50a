"""Where runs that wait, or were interrupted, are kept."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from casewright.errors import StoreCorrupt

FILE = "checkpoints.sqlite"


@asynccontextmanager
async def open_checkpoints(home: Path) -> AsyncIterator[AsyncSqliteSaver]:
    """LangGraph's SQLite checkpointer in the home folder.

    Raises:
        StoreCorrupt: the file is not a readable database.
    """
    async with AsyncSqliteSaver.from_conn_string(str(home / FILE)) as saver:
        try:
            await saver.setup()
        except sqlite3.OperationalError:  # locked, full or away: not corrupt
            raise
        except sqlite3.DatabaseError as error:
            raise corrupt(home, error) from error
        try:
            yield saver
        finally:
            # LangGraph may still be writing for a run that was cancelled. Closed between a write
            # and its commit, SQLite would keep the file locked for as long as the process lives.
            async with saver.lock:
                await saver.conn.close()


def corrupt(home: Path, error: Exception | str) -> StoreCorrupt:
    """The error for checkpoints that do not read."""
    return StoreCorrupt(
        f"The checkpoints in {home / FILE} cannot be read: {error}.",
        remedy="Decided cases are safe in the store. Move the file away and run"
        " `casewright investigate CASE --again` for the cases that were waiting.",
    )
