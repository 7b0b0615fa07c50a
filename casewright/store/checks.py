"""Seeded checks in the store, in tables of their own: nothing else counts them as cases."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError
from sqlalchemy import ColumnElement, delete, func, select, text, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from casewright.audit import Happened, Kind, reviewer
from casewright.check import Check
from casewright.errors import StoreCorrupt, UsageError
from casewright.happenings import digest_of_model
from casewright.store.log import append
from casewright.store.queue import Queue, listed_as
from casewright.store.tables import (
    check_queue,
    first_reads,
    queue,
    reviews,
    runs,
    second_looks,
    seeded_checks,
)
from casewright.store.transaction import Transaction
from casewright.waiting import Waiting, Wanted

MOST: Final = 500
"""So many open checks are listed at most."""

_KNOWN: Final = text(
    """
WITH said AS (
  SELECT run_id, json_extract(body, '$.outcome') AS outcome FROM second_looks
  UNION ALL SELECT run_id, outcome FROM first_reads
), newest AS (
  SELECT run_id, body, started_at FROM runs WHERE status = 'done' AND (:sop = '' OR sop = :sop)
    AND run_id IN (SELECT run_id FROM said)
    AND run_id NOT IN (SELECT source_id FROM seeded_checks)
  ORDER BY started_at DESC LIMIT :most
)
SELECT newest.run_id FROM newest JOIN said ON said.run_id = newest.run_id
GROUP BY newest.run_id, newest.started_at
HAVING MIN(CASE WHEN said.outcome = json_extract(newest.body, '$.decision.outcome')
  THEN 1 ELSE 0 END) = 1
ORDER BY newest.started_at DESC
"""
)
"""Closed runs that somebody judged who had not seen the proposal, where nobody came to another
outcome than it was closed with."""


def _handled(me: str) -> ColumnElement[bool]:
    """Whether somebody knows the case that a check was made of: then they are not shown it."""
    mine = [
        select(table.c.run_id).where(table.c.reviewer == me)
        for table in (reviews, second_looks, first_reads)
    ]
    return seeded_checks.c.source_id.in_(union(*mine))


class Checks:
    """See ``Store.checks``.

    Args:
        transaction: Opens one transaction on the store.
        writing: Opens one that nobody else can write beside.
    """

    def __init__(self, transaction: Transaction, writing: Transaction) -> None:
        self._transaction = transaction
        self._writing = writing
        self.queue = Queue(transaction, writing, check_queue)

    async def put(self, check: Check) -> bool:
        """Plant a check; False where its case id is in use, which it then is not."""
        row = {
            "case_id": check.case_id,
            "run_id": check.run.run_id,
            "source_id": check.source_id,
            "sop": check.run.sop,
            "status": check.status,
            "planted_at": check.planted_at.isoformat(),
            "body": check.model_dump_json(),
        }
        async with self._writing() as connection:
            for table in (runs, seeded_checks):
                used = select(table.c.case_id).where(table.c.case_id == check.case_id).limit(1)
                if (await connection.execute(used)).first():
                    return False
            await connection.execute(seeded_checks.insert(), row)
            await connection.execute(check_queue.insert(), listed_as(check.run))
        return True

    async def of(self, case_id: str, me: str) -> Check | None:
        """The check of that case id that somebody is shown, or None.

        It is open, or they acted on it. A case that came in under the same id goes before it.
        """
        mine = seeded_checks.c.reviewer == me
        query = select(seeded_checks.c.body).where(
            seeded_checks.c.case_id == case_id,
            seeded_checks.c.body != "",
            mine | ((seeded_checks.c.status == "open") & ~_handled(me)),
            ~select(runs.c.run_id).where(runs.c.case_id == case_id).exists(),
        )
        async with self._transaction() as connection:
            body = (await connection.execute(query)).scalar()
        return _read(body) if body else None

    async def of_run(self, run_id: str, me: str) -> Check | None:
        """The check whose run has that id, as :meth:`of` has it."""
        query = select(seeded_checks.c.case_id).where(seeded_checks.c.run_id == run_id)
        async with self._transaction() as connection:
            case_id = (await connection.execute(query)).scalar()
        return await self.of(case_id, me) if case_id else None

    async def waiting(self, wanted: Wanted, at: datetime) -> tuple[Waiting, ...]:
        """Open checks that somebody (``wanted.me``) is shown, most urgent first."""
        listed = await self.queue.page(wanted, at, limit=MOST)
        if not listed.items:
            return ()
        handled = select(seeded_checks.c.case_id).where(_handled(wanted.me))
        real = select(runs.c.case_id).where(
            runs.c.case_id.in_([one.case_id for one in listed.items])
        )
        async with self._transaction() as connection:
            hidden = set((await connection.execute(handled)).scalars())
            hidden |= set((await connection.execute(real)).scalars())
        return tuple(one for one in listed.items if one.case_id not in hidden)

    async def settle(self, check: Check, codes: Sequence[str]) -> None:
        """Write down what became of a check; the log of its id says so, under the reviewer.

        Raises:
            UsageError: it is open no more.
        """
        if check.at is None:
            raise ValueError("a check is settled at a moment")
        body = {"act": check.act, "codes": list(codes), "caught": check.status == "caught"}
        body |= {"factor": check.factor, "check": digest_of_model(check)}
        happened = Happened(
            kind=Kind.CHECKED, at=check.at, actor=reviewer(check.reviewer), body=body
        )
        values = {"status": check.status, "reviewer": check.reviewer, "at": check.at.isoformat()}
        still = (seeded_checks.c.case_id == check.case_id) & (seeded_checks.c.status == "open")
        change = update(seeded_checks).where(still)
        async with self._writing() as connection:
            done = await connection.execute(change.values(**values, body=check.model_dump_json()))
            if not done.rowcount:
                raise UsageError(f"Case {check.case_id!r} does not wait for a person.")
            gone = check_queue.c.run_id == check.run.run_id
            await connection.execute(delete(check_queue).where(gone))
            await append(connection, check.case_id, check.run.run_id, [happened])

    async def counts(self) -> tuple[int, int]:
        """How many checks are open, and how many cases wait."""
        async with self._transaction() as connection:
            found = [
                (await connection.execute(select(func.count()).select_from(table))).scalar_one()
                for table in (check_queue, queue)
            ]
        return found[0], found[1]

    async def known(self, sop: str = "", *, most: int = 100) -> tuple[str, ...]:
        """Closed runs whose right outcome is known and no check was made of, the newest first."""
        async with self._transaction() as connection:
            rows = await connection.execute(_KNOWN, {"sop": sop, "most": most})
            return tuple(rows.scalars())

    async def numbers(self, before: str, after: str) -> tuple[int, ...]:
        """The numbers in the team's newest case ids that begin and end so."""
        newest = select(runs.c.case_id).order_by(runs.c.started_at.desc()).limit(1000)
        pattern = re.compile(re.escape(before) + r"(\d+)" + re.escape(after))
        async with self._transaction() as connection:
            ids = (await connection.execute(newest)).scalars().all()
        return tuple(int(found[1]) for found in map(pattern.fullmatch, ids) if found)


async def withdraw(connection: AsyncConnection, source_id: str) -> None:
    """Empty the checks that were made of a run, when that is erased: what became of them stays."""
    made = seeded_checks.c.source_id == source_id
    ids = select(seeded_checks.c.run_id).where(made)
    await connection.execute(delete(check_queue).where(check_queue.c.run_id.in_(ids)))
    still = update(seeded_checks).where(made, seeded_checks.c.status == "open")
    await connection.execute(still.values(status="withdrawn"))
    await connection.execute(update(seeded_checks).where(made).values(body=""))


def _read(body: Any) -> Check:
    try:
        return Check.model_validate_json(body)
    except ValidationError as error:
        raise StoreCorrupt(
            "A check in the store does not read.", remedy="Restore the store from a backup."
        ) from error
