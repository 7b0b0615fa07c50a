"""Writes a run's record with all that says the same in other tables, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from casewright.models import ActionRecord, Review, Run, RunStatus
from casewright.store.answers import keep_expected
from casewright.store.dialect import missing
from casewright.store.journals import forget
from casewright.store.outbox import keep_sent
from casewright.store.queue import keep_listed
from casewright.store.records import link_evidence, review_row, upsert_run
from casewright.store.search import keep_indexed
from casewright.store.tables import reviews

_SETTLED: Final = (RunStatus.WAITING, RunStatus.DONE)
"""How a run stands that has nothing more to ask on the way to its gate."""


async def put_run(
    connection: AsyncConnection,
    run: Run,
    before: Run | None,
    actions: Sequence[ActionRecord] = (),
    reviewed: Iterable[Review] = (),
    *,
    first: bool = False,
) -> None:
    """Write a run's record.

    Args:
        connection: The transaction.
        run: The record.
        before: The record that stood there, or None.
        actions: How actions ended, where this writing tells it.
        reviewed: The reviews that it brings.
        first: Whether the case has no older run, for whose place to be taken.
    """
    entered = before is None
    await connection.execute(upsert_run(connection, run))
    await link_evidence(connection, run.run_id, actions)
    await keep_listed(connection, run, before=before)
    await keep_indexed(connection, run, entered=entered, first=first)
    await keep_sent(connection, run)
    if not first:
        await keep_expected(connection, run, entered=entered)
    if run.status in _SETTLED and (before is None or before.status is not run.status):
        await forget(connection, [run.run_id])  # with the record: no instant leaves it behind
    for review in reviewed:
        row = review_row(run.run_id, review)
        await connection.execute(missing(connection, reviews), row)
