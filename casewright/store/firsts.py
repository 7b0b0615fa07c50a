"""First reads in the store: what reviewers would have decided before they saw a proposal."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from casewright.audit import Happened, Kind, reviewer
from casewright.errors import StoreCorrupt, UsageError
from casewright.first_read import FirstRead
from casewright.happenings import digest_of_model
from casewright.store.log import append, case_of
from casewright.store.tables import first_reads
from casewright.store.transaction import Transaction


class FirstReads:
    """See ``Store.first_reads``. Nothing here changes one.

    Args:
        transaction: Opens one transaction on the store.
        writing: Opens one that nobody else can write beside.
    """

    def __init__(self, transaction: Transaction, writing: Transaction) -> None:
        self._transaction = transaction
        self._writing = writing

    async def put(self, read: FirstRead) -> None:
        """Write a read down, and that it happened; the log names the outcome, not the note.

        Raises:
            UsageError: that reviewer has read that run before.
        """
        row = read.model_dump(include={"run_id", "reviewer", "outcome", "proposed"})
        row |= {"at": read.at.isoformat(), "body": read.model_dump_json()}
        body = {"outcome": read.outcome, "read": digest_of_model(read)}
        happened = Happened(
            kind=Kind.FIRST_READ, at=read.at, actor=reviewer(read.reviewer), body=body
        )
        try:
            async with self._writing() as connection:
                await connection.execute(first_reads.insert(), row)
                case_id = await case_of(connection, read.run_id)
                await append(connection, case_id, read.run_id, [happened])
        except IntegrityError as error:
            raise UsageError(f"{read.reviewer} has read this case before.") from error

    async def by(self, reviewer: str, run_ids: Iterable[str]) -> frozenset[str]:
        """Those of some runs that a reviewer has read."""
        mine = first_reads.c.reviewer == reviewer
        query = select(first_reads.c.run_id).where(mine, first_reads.c.run_id.in_(list(run_ids)))
        async with self._transaction() as connection:
            return frozenset((await connection.execute(query)).scalars())

    async def all(self) -> tuple[FirstRead, ...]:
        """Every read, oldest first.

        Raises:
            StoreCorrupt: one does not read.
        """
        query = select(first_reads.c.body).order_by(first_reads.c.at, first_reads.c.run_id)
        async with self._transaction() as connection:
            bodies = (await connection.execute(query)).scalars().all()
        try:
            return tuple(FirstRead.model_validate_json(body) for body in bodies)
        except ValidationError as error:
            raise StoreCorrupt(
                "A first read in the store does not read.",
                remedy="Restore the store from a backup.",
            ) from error
