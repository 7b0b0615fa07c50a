"""Makes a wrong recommendation of a closed case: one known fact turned, the table asked again.

What is turned is stated in its claim as the SOP would state it, while the citation beside it still
shows the true evidence: whoever opens that can see it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from casewright.calibration import Standing
from casewright.errors import CasewrightError
from casewright.models import (
    ALWAYS_OUTCOMES,
    Decision,
    Evidence,
    Factor,
    Route,
    Run,
    Value,
)
from casewright.proposal import Proposal
from casewright.store import Store
from graphs.confidence import told
from graphs.decide import Given, decide
from graphs.facts import Facts
from graphs.plan import planned
from graphs.replay import Recording, facts_then
from graphs.route import route
from graphs.sop import Sop
from graphs.verify import verify
from tools.base import Tool

SHOWN = frozenset({Route.REVIEW, Route.SENIOR})
"""Routes on which a check can wait: counsel is not to be led astray."""


@dataclass(frozen=True)
class Misled:
    """A wrong recommendation.

    Attributes:
        factor: The fact that was turned.
        true: What it is.
        shown: What it was turned into.
        decision: What the SOP decides with it.
        proposal: The same as a run keeps it.
    """

    factor: str
    true: Value
    shown: Value
    decision: Decision
    proposal: Proposal


async def misled(
    sop: Sop, run: Run, store: Store, tools: Mapping[str, Tool], at: datetime
) -> tuple[Misled, ...]:
    """Every wrong recommendation that turning one fact of a closed run makes.

    Args:
        sop: The procedure that decided.
        run: The closed run.
        store: Holds its evidence.
        tools: Tools by name; none of them is called.
        at: The present moment: calibrations expire.

    Returns:
        None of them where the SOP does not decide the run today as it did.
    """
    if run.decision is None or run.decision.notes or run.decision.narrative:
        return ()
    try:
        evidence = await store.evidence_of(await store.linked(run.run_id))
        facts = await facts_then(sop, run, Recording(tools, evidence.values()))
        recalled = await _recalled(store, run.decision)
        standing = await store.calibrations.standing(run.graph_version)
        return tuple(await _turned(facts, run, run.decision, recalled, store, standing, at))
    except CasewrightError:  # evidence that was erased or changed, or is of another tool by now
        return ()


async def _recalled(store: Store, decision: Decision) -> Evidence | None:
    found = (c for claim in decision.claims for c in claim.citations if c.kind == "precedent")
    first = next(found, None)
    return await store.evidence(first.reference) if first else None


async def _turned(
    facts: Facts,
    run: Run,
    decision: Decision,
    recalled: Evidence | None,
    store: Store,
    standing: Standing | None,
    at: datetime,
) -> list[Misled]:
    def decided(factors: Sequence[Factor]) -> Decision:
        given = Given(factors, recalled, decision.cost, run.graph_version, decision.calls)
        return planned(facts, decide(facts, given), run.run_id)

    if decided(decision.factors).outcome != decision.outcome:
        return []
    found = []
    for factor, value in _turnable(facts, decision):
        others = tuple(_as(one, value) if one is factor else one for one in decision.factors)
        wrong = decided(others)
        if wrong.outcome in (decision.outcome, *ALWAYS_OUTCOMES):
            continue
        cited = {c.reference for claim in wrong.claims for c in claim.citations}
        checked = verify(wrong, await store.intact_evidence(cited), facts.sop.policy)
        if not _states(checked, factor.name):
            continue
        shown = told(checked, facts, standing, at)
        routed = route(facts, shown.decision)
        if routed.route in SHOWN and factor.value is not None:
            found.append(Misled(factor.name, factor.value, value, routed, shown.proposal))
    return found


def _turnable(facts: Facts, decision: Decision) -> Iterator[tuple[Factor, Value]]:
    """Known facts that evidence proves, each with every other word it could be."""
    for factor in decision.factors:
        proven = any(one.kind == "evidence" for one in factor.citations)
        if not factor.known or not proven or factor.by == "human":
            continue
        domain = facts.sop.factors[factor.name].domain
        if domain.kind == "bool":
            yield factor, not factor.value
        elif domain.kind == "enum":
            yield from ((factor, word) for word in domain.values if word != factor.value)


def _as(factor: Factor, value: Value) -> Factor:
    return factor.model_copy(update={"value": value})


def _states(decision: Decision, factor: str) -> bool:
    """Whether nothing was struck, and a claim that stands states the fact with its evidence."""
    if any(claim.struck for claim in decision.claims):
        return False
    return any(
        claim.factor == factor and any(one.kind == "evidence" for one in claim.citations)
        for claim in decision.claims
    )
