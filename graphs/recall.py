"""Similar closed cases, retrieved behind the knowledge base's guard and frozen as Evidence."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from casewright.models import Case, Evidence, EvidenceStatus, Factor, Money
from graphs.claims import situation
from graphs.facts import Facts
from graphs.sop import POLICY, Sop
from graphs.state import Services
from knowledge_base.precedents import stratified

RECALL = "recall"
"""What the tool of a frozen retrieval is called."""

POOL = 50
"""How many of the nearest closed cases are looked through for other outcomes."""


async def recall(facts: Facts, factors: Sequence[Factor], services: Services) -> Evidence | None:
    """The nearest closed cases by what is known of the facts; None without a knowledge base.

    Where the services hold a retrieval that was frozen before, it is that one: nothing is searched.

    The query is the case's facts in the SOP's own sentences and the case's text; never a verdict.
    Beside the nearest stands, for each outcome that none of them had, the nearest one of that.
    """
    if services.recalled is not None:
        return services.recalled()
    if services.precedents is None or not services.precedent_count:
        return None
    text = situation(facts, factors)
    known = {one.name: one.value for one in factors if one.value is not None}
    found = await asyncio.to_thread(
        services.precedents.search,
        thaw_case(facts.case),
        as_of=facts.case.as_of,
        text=text,
        k=max(POOL, services.precedent_count),
        in_force=clauses_in_force(facts),
        facts=known,
    )
    nearest, others = found[: services.precedent_count], found[services.precedent_count :]
    had = {one.outcome for one in nearest}
    contrast = stratified((one for one in others if one.outcome not in had), 1)
    return Evidence.freeze(
        tool=RECALL,
        request={"text": text, "k": services.precedent_count, "facts": known},
        status=EvidenceStatus.OK,
        data={
            "items": [precedent.model_dump(mode="json") for precedent in nearest],
            "contrast": [precedent.model_dump(mode="json") for precedent in contrast],
        },
        source="knowledge base",
        as_of=facts.case.as_of,
        retrieved_at=services.clock(),
    )


def clauses_in_force(facts: Facts) -> frozenset[str]:
    """References of the clauses that hold for the case: what its precedents were decided under.

    They hold on the day of the fact; those whose values a factor takes as of the decision, on that
    day as well.
    """
    sop, region = facts.sop, str((facts.case.data or {})["region"])
    by_day = (facts.fact_date, sop.policy.clause_ids), (facts.case.as_of, _read_at_decision(sop))
    held = (
        sop.policy.in_force(clause_id, on=day, region=region)
        for day, clause_ids in by_day
        for clause_id in clause_ids
    )
    return frozenset(clause.reference for clause in held if clause)


def _read_at_decision(sop: Sop) -> frozenset[str]:
    """Clauses whose values are those of the day of the decision, for some factor."""
    factors = (one for one in sop.factors.values() if one.spec.in_force == "decision")
    paths = (path for one in factors for text in one.expressions for path in text.node.paths())
    return frozenset(sop.policy.values[str(p[1])].clause for p in paths if p[0] == POLICY)


def thaw_case(item: Evidence) -> Case:
    """The Case that was frozen as this Evidence."""
    data = dict(item.data or {})
    impact = Money(cents=data.pop("impact_cents"), currency=data.pop("currency"))
    data.pop("as_of")
    opened_at = datetime.fromisoformat(data.pop("opened_at"))
    return Case.model_validate({**data, "impact": impact, "opened_at": opened_at})
