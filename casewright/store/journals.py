"""Journals of runs in the store: what is asked on the way to the gate, and what it brought."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from casewright.models import Evidence
from casewright.store.away import patiently
from casewright.store.dialect import missing
from casewright.store.records import evidence_row
from casewright.store.tables import evidence as kept
from casewright.store.tables import journal, runs
from casewright.store.transaction import Transaction


class Journals:
    """What runs have asked and got, see ``Store.journals``.

    Args:
        transaction: Opens one transaction on the store.
        writing: Opens one that writes rows which others may write beside, and that is waited for.
        patience_s: How long to go on trying to keep what a call brought while the store is locked,
            full or away, in seconds: whoever gives up has to make the call again.
    """

    def __init__(
        self, transaction: Transaction, writing: Transaction, patience_s: float = 0.0
    ) -> None:
        self._transaction = transaction
        self._writing = writing
        self._patience_s = patience_s

    async def of(self, run_id: str) -> dict[str, str]:
        """What a run has asked and got, by key."""
        query = select(journal.c.key, journal.c.body).where(journal.c.run_id == run_id)
        async with self._transaction() as connection:
            return {row.key: row.body for row in await connection.execute(query)}

    async def keep(self, run_id: str, key: str, body: str, evidence: Evidence | None) -> None:
        """Write down what a call brought, and the evidence with it."""
        one = partial(self._keep, run_id, key, body, evidence)
        await patiently(one, self._patience_s)

    async def _keep(self, run_id: str, key: str, body: str, evidence: Evidence | None) -> None:
        row = {"run_id": run_id, "key": key, "body": body}
        async with self._writing() as connection:
            if evidence is not None:
                put = missing(connection, kept)
                await connection.execute(put, [evidence_row(evidence)])
            await connection.execute(missing(connection, journal), [row])

    async def drop(self, run_ids: Iterable[str]) -> None:
        """Forget what runs have asked that are at their gate, or over."""
        async with self._writing() as connection:
            await forget(connection, run_ids)


async def forget(connection: AsyncConnection, run_ids: Iterable[str]) -> None:
    """As ``Journals.drop``, in a transaction of somebody else."""
    await connection.execute(delete(journal).where(journal.c.run_id.in_([*run_ids])))


async def fetched(connection: AsyncConnection, *, beside: str) -> frozenset[str]:
    """The digests of what runs have fetched that are on their way: no record names them yet.

    Args:
        connection: The transaction.
        beside: A case whose runs are left out.
    """
    query = select(journal.c.body).join(runs, runs.c.run_id == journal.c.run_id)
    bodies = await connection.execute(query.where(runs.c.case_id != beside))
    return frozenset(body.partition(" ")[0] for body in bodies.scalars())
