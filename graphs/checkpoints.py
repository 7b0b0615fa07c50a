"""Where runs that wait, or were interrupted, are kept."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
)
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from casewright.errors import StoreCorrupt
from casewright.settings import Settings
from casewright.store import postgres
from casewright.store.inline import PAUSE_S, locked

T = TypeVar("T")

FILE = "checkpoints.sqlite"
BUSY_S: Final = 10.0
"""How long a checkpoint waits for another process to finish, in seconds."""


class InlineSaver(SqliteSaver):
    """LangGraph's SQLite checkpointer in the event loop's own thread, for batches.

    The asynchronous one hands every statement to a thread of its own, one after another; see
    :mod:`casewright.store.inline`.
    """

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """As ``get_tuple``."""
        return await _patiently(lambda: self.get_tuple(config))

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """As ``put``."""
        put = self.put
        return await _patiently(lambda: put(config, checkpoint, metadata, new_versions))

    async def aput_writes(
        self,
        config: RunnableConfig,
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str = "",
    ) -> None:
        """As ``put_writes``."""
        await _patiently(lambda: self.put_writes(config, writes, task_id, task_path))

    async def adelete_thread(self, thread_id: str) -> None:
        """As ``delete_thread``."""
        await _patiently(lambda: self.delete_thread(thread_id))


async def _patiently(work: Callable[[], T]) -> T:
    """Do what the file has to do; while another process holds it, wait asleep.

    Raises:
        OperationalError: it still does after ``BUSY_S``, or something else is wrong.
    """
    until = time.monotonic() + BUSY_S
    while True:
        try:
            return work()
        except sqlite3.OperationalError as error:
            if not locked(error) or time.monotonic() > until:
                raise
        await asyncio.sleep(PAUSE_S)


@contextmanager
def open_inline(home: Path) -> Iterator[InlineSaver]:
    """That checkpointer in the home folder; errors as for ``open_checkpoints``."""
    with closing(sqlite3.connect(home / FILE, timeout=BUSY_S)) as connection:
        saver = InlineSaver(connection)
        try:
            saver.setup()
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA busy_timeout = 0")  # see _patiently
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as error:
            raise corrupt(str(home / FILE), error) from error
        yield saver


@asynccontextmanager
async def checkpoints_of(
    settings: Settings, *, inline: bool = False
) -> AsyncIterator[BaseCheckpointSaver[str]]:
    """LangGraph's checkpointer where the settings have the store: on PostgreSQL, or in the home.

    Args:
        settings: The settings.
        inline: Whether it works in the event loop's own thread, where it is in the home.

    Raises:
        StoreCorrupt: the file is not a readable database.
        EnvironmentFault: the driver for PostgreSQL is not installed, or the server is away.
    """
    if settings.store_url.get_secret_value():
        postgres.require_driver()
        from graphs.server_checkpoints import open_on_server  # the driver is an extra

        async with open_on_server(settings) as server:
            yield server
    elif inline:
        with open_inline(settings.home) as own:
            yield own
    else:
        async with open_checkpoints(settings.home) as threaded:
            yield threaded


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
            raise corrupt(str(home / FILE), error) from error
        try:
            yield saver
        finally:
            # LangGraph may still be writing for a run that was cancelled. Closed between a write
            # and its commit, SQLite would keep the file locked for as long as the process lives.
            async with saver.lock:
                await saver.conn.close()


async def forget_threads(settings: Settings, threads: Iterable[str]) -> None:
    """Erase the checkpoints of runs for good: nothing of them stays in the files.

    On PostgreSQL it stays in the server's files until they are vacuumed.

    Raises:
        StoreCorrupt: the file is not a readable database.
        EnvironmentFault: the server is away.
    """
    if not settings.store_url.get_secret_value():
        if (settings.home / FILE).is_file():  # opening would make it
            await _forget_in_file(settings.home, threads)
        return
    async with checkpoints_of(settings) as saver:
        for thread in threads:
            await saver.adelete_thread(thread)


async def _forget_in_file(home: Path, threads: Iterable[str]) -> None:
    async with open_checkpoints(home) as saver:
        async with saver.lock:
            await saver.conn.execute("PRAGMA secure_delete = ON")
        for thread in threads:
            await saver.adelete_thread(thread)
        async with saver.lock:  # what was deleted stands in the log file until then
            await saver.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def where(settings: Settings) -> str:
    """Where the settings have the checkpoints, as people may read it."""
    url = settings.store_url.get_secret_value()
    return postgres.shown(postgres.address(url)) if url else str(settings.home / FILE)


def corrupt(where: str, error: Exception | str) -> StoreCorrupt:
    """The error for checkpoints that do not read."""
    return StoreCorrupt(
        f"The checkpoints in {where} cannot be read: {error}.",
        remedy="Decided cases are safe in the store. Move them away and run"
        " `casewright investigate CASE --again` for the cases that were waiting.",
    )
