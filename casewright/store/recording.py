"""Writes a run's record with all that says the same in other tables, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from casewright.models import ActionRecord, Review, Run
from casewright.store.answers import keep_expected
from casewright.store.dialect import insert
from casewright.store.outbox import keep_sent
from casewright.store.queue import keep_listed
from casewright.store.records import link_evidence, review_row, upsert_run
from casewright.store.search import keep_indexed
from casewright.store.tables import reviews


async def put_run(
    connection: AsyncConnection,
    run: Run,
    before: Run | None,
    actions: Sequence[ActionRecord],
    reviewed: Iterable[Review],
) -> None:
    """Write a run's record.

    Args:
        connection: The transaction.
        run: The record.
        before: The record that stood there, or None.
        actions: How actions ended, where this writing tells it.
        reviewed: The reviews that it brings.
    """
    entered = before is None
    await connection.execute(upsert_run(connection, run))
    await link_evidence(connection, run.run_id, actions)
    await keep_listed(connection, run, before=before)
    await keep_indexed(connection, run, entered=entered)
    await keep_sent(connection, run)
    await keep_expected(connection, run, entered=entered)
    for review in reviewed:
        row = review_row(run.run_id, review)
        await connection.execute(insert(connection, reviews).on_conflict_do_nothing(), row)
