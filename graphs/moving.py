"""Moves the records and checkpoints of a home folder to the server that the settings name."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from pathlib import Path

from langgraph.checkpoint.base import BaseCheckpointSaver, CheckpointTuple
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from casewright.errors import UsageError
from casewright.settings import Settings
from casewright.store import Store
from casewright.store.copying import copy_store
from casewright.store.opening import FILE as RECORDS
from graphs.checkpoints import FILE, checkpoints_of, open_checkpoints

Told = Callable[[str, int], None]
"""Told of what how many were copied."""


async def copy_home(home: Path, settings: Settings, *, told: Told) -> None:
    """Copy a home folder's store and the newest checkpoint of each run; the folder stays as it is.

    Nobody may work with the folder meanwhile.

    Args:
        home: The folder.
        settings: They name the database, which holds nothing.
        told: Told of what was copied.

    Raises:
        UsageError: ``store_url`` is not set, the folder has no store, or the database holds one.
        VerificationError: the log of the copy does not hold.
    """
    if not settings.store_url.get_secret_value():
        raise UsageError(
            "A home folder is copied to a server, and the settings name none.",
            remedy="Set CASEWRIGHT_STORE_URL to the database.",
        )
    if not (home / RECORDS).is_file():
        raise UsageError(f"There is no store in {home}.")
    async with Store.open(home) as source, Store.at(settings) as into:
        await copy_store(source, into, copied=told)
    if (home / FILE).is_file():
        async with open_checkpoints(home) as waiting, checkpoints_of(settings) as server:
            told("checkpoints", await _copy_checkpoints(waiting, server))


async def _copy_checkpoints(source: AsyncSqliteSaver, into: BaseCheckpointSaver[str]) -> int:
    rows = await source.conn.execute_fetchall("SELECT DISTINCT thread_id FROM checkpoints")
    count = 0
    for (thread,) in rows:
        newest = await source.aget_tuple({"configurable": {"thread_id": thread}})
        if newest is not None:
            await _put(into, newest)
            count += 1
    return count


async def _put(into: BaseCheckpointSaver[str], one: CheckpointTuple) -> None:
    own = one.config.get("configurable", {})
    place = {name: own.get(name, "") for name in ("thread_id", "checkpoint_ns")}
    versions = one.checkpoint["channel_versions"]
    put = await into.aput({"configurable": place}, one.checkpoint, one.metadata, versions)
    writes = sorted(one.pending_writes or [], key=lambda write: write[0])
    for task, told in groupby(writes, key=lambda write: write[0]):
        await into.aput_writes(put, [(channel, value) for _, channel, value in told], task)
