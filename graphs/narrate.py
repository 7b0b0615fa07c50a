"""What a narrator is told of a decision: its claims that stand, and the values that they cite."""

from __future__ import annotations

import json

from agents.ledger import ledger
from agents.narrator import Narrator, Point
from agents.reading import Errand
from casewright.models import Citation, Decision


def points_of(decision: Decision) -> tuple[Point, ...]:
    """The claims that stand, by their numbers; words that a party wrote are no proof of them."""
    return tuple(
        Point(
            number=number,
            sentence=claim.sentence,
            proof=tuple(_spelled(c) for c in claim.citations if not c.excerpt),
            stance=claim.stance,
        )
        for number, claim in enumerate(decision.claims, start=1)
        if not claim.struck
    )


async def narrated(
    decision: Decision, narrator: Narrator, errand: Errand, outcomes: tuple[str, ...]
) -> Decision:
    """The decision with its narrative, and with what the telling cost."""
    with ledger() as calls:
        narrative, cost = await narrator.tell(
            points_of(decision), errand, outcome=decision.outcome, outcomes=outcomes
        )
    return decision.model_copy(
        update={
            "narrative": narrative,
            "cost": decision.cost + cost,
            "calls": (*decision.calls, *calls),
        }
    )


def _spelled(citation: Citation) -> str:
    quote = citation.quote
    return quote if isinstance(quote, str) else json.dumps(quote, ensure_ascii=False)
