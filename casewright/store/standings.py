"""How cases stand before a batch takes them: which are settled, held by a batch, or never begun."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from sqlalchemy import exists, func, select

from casewright.cost import Cost
from casewright.models import Case, RunStatus
from casewright.store.tables import batch_cases, batches, opened_cases, runs
from casewright.store.transaction import Transaction

CHUNK: Final = 500
"""Ids that are asked for in one statement."""

UNFINISHED: Final = ("pending", "leased")
"""States of a batch's case that something is still to happen to."""


class Standings:
    """How cases stand, see ``Store.standings``. Nothing is written here.

    Args:
        transaction: Opens one transaction on the store.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def of(self, case_ids: Sequence[str]) -> dict[str, RunStatus]:
        """How the newest run of each case stands; a case without a run is left out."""
        found: dict[str, RunStatus] = {}
        async with self._transaction() as connection:
            for chunk in _chunks(case_ids):
                query = select(runs.c.case_id, runs.c.status).where(runs.c.case_id.in_(chunk))
                rows = await connection.execute(query.order_by(runs.c.started_at, runs.c.run_id))
                found |= {case_id: RunStatus(status) for case_id, status in rows}
        return found

    async def held(self, case_ids: Sequence[str]) -> Counter[str]:
        """How many of these cases each batch that is not over has still to do, by its id."""
        found: Counter[str] = Counter()
        own = batch_cases.c.batch_id == batches.c.batch_id
        query = select(batches.c.batch_id, func.count()).join(batch_cases, own)
        alive = batches.c.state.in_(["open", "stopped"]), batch_cases.c.state.in_(UNFINISHED)
        async with self._transaction() as connection:
            for chunk in _chunks(case_ids):
                wanted = query.where(*alive, batch_cases.c.case_id.in_(chunk))
                for batch_id, count in await connection.execute(
                    wanted.group_by(batches.c.batch_id)
                ):
                    found[batch_id] += count
        return found

    async def unbegun(self) -> list[Case]:
        """Cases that were opened here and never investigated, oldest first."""
        begun = exists().where(runs.c.case_id == opened_cases.c.case_id)
        query = select(opened_cases.c.body).where(~begun, opened_cases.c.body != "")
        async with self._transaction() as connection:
            found = await connection.execute(query.order_by(opened_cases.c.at))
            return [Case.model_validate_json(body) for body in found.scalars()]

    async def costs(self, sop: str, *, limit: int = 200) -> list[Cost]:
        """What the newest runs of an SOP used that came to a decision.

        Args:
            sop: Its name.
            limit: How many runs at most.
        """
        decided = runs.c.status.in_([RunStatus.WAITING.value, RunStatus.DONE.value])
        query = select(runs.c.body).where(runs.c.sop == sop, decided)
        newest = query.order_by(runs.c.started_at.desc(), runs.c.run_id.desc()).limit(limit)
        async with self._transaction() as connection:
            bodies = (await connection.execute(newest)).scalars().all()
        decisions = (json.loads(body).get("decision") for body in bodies)
        return [Cost.model_validate(one["cost"]) for one in decisions if one]


def _chunks(case_ids: Iterable[str]) -> Iterator[list[str]]:
    ids = list(dict.fromkeys(case_ids))
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]
