"""What waits to be sent to the marketplace: an index over the open writes in the runs' records."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from casewright.base import Model, Moment
from casewright.models import Run
from casewright.store.dialect import missing
from casewright.store.tables import outbox
from casewright.store.transaction import Transaction

LONGEST: Final = 500
"""How much of an error is kept, in characters."""


class Waits(Model):
    """One write that waits to be sent.

    Attributes:
        key: Its idempotency key.
        run_id: The run that asks for it.
        case_id: The case.
        do: Name of the write tool.
        due: Not to be sent before.
        attempts: How often sending it was begun; what was begun may have been done.
        next_at: When it is tried next.
        last_error: Why it failed last, or empty.
    """

    key: str
    run_id: str
    case_id: str
    do: str
    due: Moment
    attempts: int
    next_at: Moment
    last_error: str


class Outbox:
    """The writes that wait, see ``Store.outbox``. A run's record fills and empties it.

    Args:
        transaction: Opens one transaction on the store.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def due(self, at: datetime, *, limit: int = 100) -> tuple[tuple[str, str], ...]:
        """Case and run of what can be sent by now, whatever has waited longest first."""
        soonest = func.min(outbox.c.next_at)
        query = select(outbox.c.case_id, outbox.c.run_id).group_by(
            outbox.c.case_id, outbox.c.run_id
        )
        query = query.having(soonest <= _seconds(at)).order_by(soonest, outbox.c.run_id)
        async with self._transaction() as connection:
            rows = (await connection.execute(query.limit(limit))).all()
        return tuple((row.case_id, row.run_id) for row in rows)

    async def all(self, case_id: str = "", *, limit: int = 1000) -> tuple[Waits, ...]:
        """What waits, of one case or of all, whatever is due first."""
        query = select(outbox).order_by(outbox.c.next_at, outbox.c.run_id, outbox.c.key)
        if case_id:
            query = query.where(outbox.c.case_id == case_id)
        async with self._transaction() as connection:
            rows = (await connection.execute(query.limit(limit))).all()
        return tuple(map(_waits, rows))

    async def of(self, run_id: str) -> Mapping[str, Waits]:
        """What waits of a run, by key."""
        query = select(outbox).where(outbox.c.run_id == run_id)
        async with self._transaction() as connection:
            rows = (await connection.execute(query)).all()
        return {row.key: _waits(row) for row in rows}

    async def begin(self, run_id: str, key: str) -> int:
        """Write down that a write is about to be sent, before it is; how often it was by now."""
        own = (outbox.c.run_id == run_id, outbox.c.key == key)
        begun = update(outbox).where(*own).values(attempts=outbox.c.attempts + 1)
        async with self._transaction() as connection:
            found = await connection.execute(begun.returning(outbox.c.attempts))
            return int(found.scalar_one())

    async def postpone(self, run_id: str, key: str, until: datetime, error: str) -> None:
        """Write down why a write failed, and when it is tried next."""
        own = (outbox.c.run_id == run_id, outbox.c.key == key)
        values = {"next_at": _seconds(until), "last_error": error[:LONGEST]}
        async with self._transaction() as connection:
            await connection.execute(update(outbox).where(*own).values(values))


async def keep_sent(connection: AsyncConnection, run: Run) -> None:
    """Have the outbox say what the run's record says, in the transaction that writes the record."""
    if not run.enforced:
        return
    waiting = {one.write.key: one for one in run.enforced if one.pending}
    ended = outbox.c.key.not_in(waiting)
    await connection.execute(delete(outbox).where(outbox.c.run_id == run.run_id, ended))
    rows = [
        {
            "run_id": run.run_id,
            "key": key,
            "case_id": run.case.case_id,
            "do": one.write.do,
            "due": _seconds(one.due),
            "next_at": _seconds(one.due),
        }
        for key, one in waiting.items()
        if one.due is not None
    ]
    if rows:
        await connection.execute(missing(connection, outbox), rows)


async def pending(connection: AsyncConnection, case_id: str) -> int:
    """How many writes of a case wait to be sent."""
    query = select(func.count()).select_from(outbox).where(outbox.c.case_id == case_id)
    return int((await connection.execute(query)).scalar_one())


def _waits(row: Any) -> Waits:
    held = row._asdict()
    return Waits(**{**held, "due": _moment(row.due), "next_at": _moment(row.next_at)})


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
