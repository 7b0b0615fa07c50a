"""Which cases an answer may come for: kept beside the runs, so that looking takes no scan of them.

The runs' records are the truth; a row is written in the transaction that writes a record.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from casewright.happenings import SUPERSEDED
from casewright.models import REQUEST_INFORMATION, Run, RunStatus
from casewright.store.dialect import insert
from casewright.store.tables import expected_answers
from casewright.store.transaction import Transaction


class Expected(NamedTuple):
    """A case that an answer may come for, and the run that expects it."""

    case_id: str
    run_id: str


class ExpectedAnswers:
    """The cases that answers may come for, see ``Store.expected``.

    Args:
        transaction: Opens one transaction on the store.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def all(self) -> tuple[Expected, ...]:
        """All of them, by case."""
        query = select(expected_answers).order_by(expected_answers.c.case_id)
        async with self._transaction() as connection:
            return tuple(Expected(*row) for row in (await connection.execute(query)).all())


def expects(run: Run) -> bool:
    """Whether an answer may come for a run, or came and was not gone on with to the end."""
    if run.status is RunStatus.WAITING:
        return run.awaiting is not None
    if run.status is RunStatus.DONE:
        return run.decision is not None and run.decision.outcome == REQUEST_INFORMATION
    return resuming(run)


def resuming(run: Run) -> bool:
    """Whether a run goes on with an answer, or was stopped while it did."""
    if run.status not in (RunStatus.RUNNING, RunStatus.FAILED) or run.error == SUPERSEDED:
        return False
    ended = max((one.at for one in run.awaited if one.at), default=None)
    since = run.reviews[-1].at if run.reviews else None
    return ended is not None and (since is None or since <= ended)


async def keep_expected(connection: AsyncConnection, run: Run, *, entered: bool) -> None:
    """Have the table say what a run's record says.

    Args:
        connection: The transaction that writes the record.
        run: The record.
        entered: Whether the run is new; then what an older one of its case expected is over.
    """
    if expects(run):
        row = {"case_id": run.case.case_id, "run_id": run.run_id}
        statement = insert(connection, expected_answers).values(row)
        await connection.execute(
            statement.on_conflict_do_update(index_elements=["case_id"], set_={"run_id": run.run_id})
        )
        return
    column = expected_answers.c.case_id if entered else expected_answers.c.run_id
    own = run.case.case_id if entered else run.run_id
    await connection.execute(delete(expected_answers).where(column == own))
