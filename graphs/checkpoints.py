"""Where runs that wait, or were interrupted, are kept."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterable
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


async def forget_threads(home: Path, threads: Iterable[str]) -> None:
    """Erase the checkpoints of runs for good: nothing of them stays in the files.

    Raises:
        StoreCorrupt: the file is not a readable database.
    """
    async with open_checkpoints(home) as saver:
        async with saver.lock:
            await saver.conn.execute("PRAGMA secure_delete = ON")
        for thread in threads:
            await saver.adelete_thread(thread)
        async with saver.lock:  # what was deleted stands in the log file until then
            await saver.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def corrupt(home: Path, error: Exception | str) -> StoreCorrupt:
    """The error for checkpoints that do not read."""
    return StoreCorrupt(
        f"The checkpoints in {home / FILE} cannot be read: {error}.",
        remedy="Decided cases are safe in the store. Move the file away and run"
        " `casewright investigate CASE --again` for the cases that were waiting.",
    )
