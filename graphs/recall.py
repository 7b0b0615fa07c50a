"""Similar closed cases, retrieved behind the knowledge base's guard and frozen as Evidence."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from casewright.models import Case, Evidence, EvidenceStatus, Factor, Money
from graphs.claims import situation
from graphs.facts import Facts
from graphs.state import Services


async def recall(facts: Facts, factors: Sequence[Factor], services: Services) -> Evidence | None:
    """The nearest closed cases by what is known of the facts; None without a knowledge base.

    The query is the case's facts in the SOP's own sentences and the case's text; never a verdict.
    """
    if services.precedents is None or not services.precedent_count:
        return None
    text = situation(facts, factors)
    found = await asyncio.to_thread(
        services.precedents.search,
        thaw_case(facts.case),
        as_of=facts.case.as_of,
        text=text,
        k=services.precedent_count,
    )
    return Evidence.freeze(
        tool="recall",
        request={"text": text, "k": services.precedent_count},
        status=EvidenceStatus.OK,
        data={"items": [precedent.model_dump(mode="json") for precedent in found]},
        source="knowledge base",
        as_of=facts.case.as_of,
        retrieved_at=services.clock(),
    )


def thaw_case(item: Evidence) -> Case:
    """The Case that was frozen as this Evidence."""
    data = dict(item.data or {})
    impact = Money(cents=data.pop("impact_cents"), currency=data.pop("currency"))
    data.pop("as_of")
    opened_at = datetime.fromisoformat(data.pop("opened_at"))
    return Case.model_validate({**data, "impact": impact, "opened_at": opened_at})
