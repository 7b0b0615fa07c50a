"""Reveals in the store: each is told by the log, at once with it."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select

from casewright.audit import Actor, Happened, Kind
from casewright.reveal import Reveal, RevealReason
from casewright.store.log import append
from casewright.store.tables import reveals
from casewright.store.transaction import Transaction


class Reveals:
    """Who was shown personal data, see ``Store.reveals``.

    Args:
        transaction: Opens one transaction on the store.
        writing: Opens one that nobody else can write beside.
    """

    def __init__(self, transaction: Transaction, writing: Transaction) -> None:
        self._transaction = transaction
        self._writing = writing

    async def put(self, reveal: Reveal, who: Actor, *, run_id: str) -> None:
        """Write a reveal down, and tell it in the log of the case.

        Args:
            reveal: The reveal.
            who: Whom the log names.
            run_id: The run that is shown.
        """
        told = {"what": "case", "reason": reveal.reason.value, "note": bool(reveal.note)}
        happened = Happened(kind=Kind.REVEALED, at=reveal.at, actor=who, body=told)
        row = reveal.model_dump() | {
            "reason": reveal.reason.value,
            "at": int(reveal.at.timestamp()),
        }
        async with self._writing() as connection:
            await connection.execute(reveals.insert(), row)
            await append(connection, reveal.case_id, run_id, [happened])

    async def last(self, case_id: str, member: str) -> Reveal | None:
        """The newest reveal of a case to a member, or None."""
        own = reveals.c.case_id == case_id, reveals.c.member == member
        columns = (c for c in reveals.c if c.name != "entry")
        newest = reveals.c.at.desc(), reveals.c.entry.desc()
        query = select(*columns).where(*own).order_by(*newest).limit(1)
        async with self._transaction() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            return None
        return Reveal.model_construct(  # its note may be erased, whatever the reason was
            case_id=row.case_id,
            member=row.member,
            reason=RevealReason(row.reason),
            note=row.note,
            at=datetime.fromtimestamp(row.at, UTC),
        )
