"""Who acted before on what a case is about, in the store: what four eyes are asked of."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from casewright.base import Model
from casewright.models import Route, Run
from casewright.store.tables import evidence, reviews, run_evidence, runs, subjects
from casewright.store.transaction import Transaction

PARTY_KEYS: Final = frozenset({"seller_id", "peer_id", "buyer_id"})
"""Names of subjects that are somebody rather than something."""

NAMED: Final = ("violation_id", "notice_id", "claim_id", "hold_id", "appeal_id")
"""What a record says it is about, at its top level: an appeal names its violation there."""


class Before(Model):
    """An earlier run that somebody acted on.

    Attributes:
        run_id: The run.
        case_id: Its case.
        seller_id: Whom it is about.
        route: The route it was on when it was last decided; None: nothing was decided.
        matter: Ids of what it is about, without those of parties.
    """

    run_id: str
    case_id: str
    seller_id: str
    route: Route | None
    matter: frozenset[str]


class Matters:
    """See ``Store.matters``.

    Args:
        transaction: Opens one transaction on the store.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def of(self, run: Run) -> frozenset[str]:
        """Ids of what a run is about, without those of parties; its case is one of them."""
        async with self._transaction() as connection:
            named = await _named(connection, [run.run_id])
        parties = {run.case.seller_id, *run.case.linked_seller_ids, *run.case.party_ids}
        own = _things(run.case.subject, parties)
        return frozenset({run.case.case_id, *own, *named.get(run.run_id, ())})

    async def acted_on(self, reviewer: str, run: Run) -> tuple[Before, ...]:
        """Other runs about anybody or anything of this one's that a reviewer acted on."""
        shared = subjects.c.value.in_(sorted({*run.case.involved, run.case.case_id}))
        near = select(subjects.c.run_id).where(shared)
        same = select(runs.c.run_id).where(runs.c.case_id.in_(_cases(run)))
        theirs = select(reviews.c.run_id).where(
            reviews.c.run_id.in_(near.union(same)),
            reviews.c.reviewer == reviewer,
            reviews.c.run_id != run.run_id,
        )
        async with self._transaction() as connection:
            ids = (await connection.execute(theirs.distinct())).scalars().all()
            return await _before(connection, ids) if ids else ()


def _cases(run: Run) -> list[str]:
    """The case itself, and cases that it names as its subject: an appeal against a decision."""
    return sorted({run.case.case_id, *run.case.subject.values()})


async def _before(connection: AsyncConnection, run_ids: Sequence[str]) -> tuple[Before, ...]:
    body = runs.c.body
    columns = (
        runs.c.run_id,
        runs.c.case_id,
        func.json_extract(body, "$.case").label("case"),
        func.json_extract(body, "$.decision.route").label("route"),
    )
    query = select(*columns).where(runs.c.run_id.in_(run_ids))
    rows = (await connection.execute(query.order_by(runs.c.started_at))).all()
    named = await _named(connection, run_ids)
    return tuple(_read(row, named.get(row.run_id, frozenset())) for row in rows)


def _read(row: Any, named: Iterable[str]) -> Before:
    case = json.loads(row.case)
    parties = {case["seller_id"], *case["linked_seller_ids"], *case["party_ids"]}
    return Before(
        run_id=row.run_id,
        case_id=row.case_id,
        seller_id=case["seller_id"],
        route=Route(row.route) if row.route else None,
        matter=frozenset({row.case_id, *_things(case["subject"], parties), *named}),
    )


def _things(subject: dict[str, str], parties: set[str]) -> set[str]:
    return {
        one
        for name, one in subject.items()
        if one and name not in PARTY_KEYS and one not in parties
    }


def _said(data: Any) -> set[str]:
    named = (data.get(name) for name in NAMED) if isinstance(data, dict) else ()
    return {one for one in named if isinstance(one, str) and one}


async def _named(connection: AsyncConnection, run_ids: Sequence[str]) -> dict[str, frozenset[str]]:
    """What the records that runs rest on say they are about, by run."""
    query = (
        select(run_evidence.c.run_id, evidence.c.content)
        .join(evidence, evidence.c.digest == run_evidence.c.digest)
        .where(run_evidence.c.run_id.in_(run_ids), evidence.c.content != "")  # else it was erased
    )
    found: dict[str, set[str]] = {}
    for run_id, content in (await connection.execute(query)).all():
        found.setdefault(run_id, set()).update(_said(json.loads(content)["data"]))
    return {run_id: frozenset(ids) for run_id, ids in found.items()}
