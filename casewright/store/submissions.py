"""Cases that were submitted, until their investigation has come to its end or to its gate."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, select, update

from casewright.store.dialect import insert
from casewright.store.tables import submissions
from casewright.store.transaction import Transaction


class Submitted(NamedTuple):
    """One case that was submitted.

    Attributes:
        case_id: The case.
        member: Who asked for it.
        failures: How often it was tried in vain.
        error: Why, the last time; empty: it was not tried.
    """

    case_id: str
    member: str
    failures: int
    error: str


_COLUMNS = [submissions.c[name] for name in Submitted._fields]


class Submissions:
    """What is still to be investigated, see ``Store.submissions``.

    Args:
        transaction: Opens one transaction on the store.
        writing: Opens one that nobody else can write beside.
    """

    def __init__(self, transaction: Transaction, writing: Transaction) -> None:
        self._transaction = transaction
        self._writing = writing

    async def put(self, case_id: str, member: str, at: datetime) -> None:
        """Accept a case; one that was accepted and failed is tried anew."""
        row = {"case_id": case_id, "member": member, "at": at.isoformat()}
        anew = {"failures": 0, "next_at": int(at.timestamp()), "error": ""}
        async with self._writing() as connection:
            put = insert(connection, submissions).values({**row, **anew})
            await connection.execute(
                put.on_conflict_do_update(index_elements=["case_id"], set_=anew)
            )

    async def of(self, case_id: str) -> Submitted | None:
        """A case that was submitted, or None."""
        query = select(*_COLUMNS).where(submissions.c.case_id == case_id)
        async with self._transaction() as connection:
            row = (await connection.execute(query)).one_or_none()
        return Submitted(*row) if row else None

    async def due(self, at: datetime, *, limit: int, attempts: int) -> list[Submitted]:
        """What is to be investigated now, oldest first.

        Args:
            at: The present moment.
            limit: Most of them.
            attempts: What failed as often is left alone.
        """
        now = int(at.timestamp())
        found = submissions.c.next_at <= now, submissions.c.failures < attempts
        query = select(*_COLUMNS).where(*found).order_by(submissions.c.next_at).limit(limit)
        async with self._transaction() as connection:
            return [Submitted(*row) for row in (await connection.execute(query)).all()]

    async def done(self, case_id: str) -> None:
        """Take out a case whose run waits or has ended."""
        async with self._writing() as connection:
            await connection.execute(delete(submissions).where(submissions.c.case_id == case_id))

    async def failed(self, case_id: str, error: str, next_at: datetime) -> None:
        """Note that it was tried in vain, and from when on it is tried again."""
        values = {
            "failures": submissions.c.failures + 1,
            "error": error,
            "next_at": int(next_at.timestamp()),
        }
        change = update(submissions).where(submissions.c.case_id == case_id).values(values)
        async with self._writing() as connection:
            await connection.execute(change)
