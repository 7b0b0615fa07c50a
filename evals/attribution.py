"""Why a gold case came out wrong: the fewest factors that would have made it right, and whence.

Pure functions over what a run left; gold answers are met here for the first time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from casewright.errors import (
    CasewrightError,
    EvidenceIncomplete,
    ModelError,
    SopError,
    SourceError,
)
from casewright.models import Decision, Money
from evals.causes import Attribution, Part
from evals.causes import Kind as Fault
from evals.counterfactual import Counterfactual
from evals.loss import Kind, kind_of
from evals.measures import MetricContext
from evals.scored import ERROR, Scored
from graphs.facts import Facts


@dataclass(frozen=True)
class Miss:
    """A gold case that came out wrong, and what its run left.

    Attributes:
        scored: The gold case beside the outcome.
        decision: What the run decided; None where it came to no decision.
        facts: What its frozen evidence says; None without a run.
        error: What stopped it, or None.
        stake: The case's impact, or None where the case never entered.
        home: The home folder of its world where that is not the usual one, or empty.
    """

    scored: Scored
    decision: Decision | None = None
    facts: Facts | None = None
    error: CasewrightError | None = None
    stake: Money | None = None
    home: str = ""


def wrong(scored: Scored) -> bool:
    """Whether a case came out neither as gold says nor by asking for a record that was withheld."""
    return not (scored.right or scored.asked_rightly)


def attribute(miss: Miss) -> Attribution:
    """Say why one case came out wrong."""
    gold = miss.scored.gold
    parts, others = _parts(miss)
    return Attribution(
        case_id=gold.case_id,
        seed=gold.seed,
        as_of=gold.as_of,
        home=miss.home,
        sop=miss.facts.sop.name if miss.facts else gold.case_type,
        gold=gold.outcome,
        said=miss.scored.predicted,
        parts=parts,
        others=others,
        stake=miss.stake,
        lost=_lost(miss),
    )


def _lost(miss: Miss) -> Money | None:
    """What the wrong end costs by the SOP, or None where it does not say."""
    costs = miss.facts.sop.spec.costs if miss.facts else None
    if costs is None:
        return None
    kind = kind_of(miss.scored, MetricContext({miss.scored.gold.case_type: costs}))
    return Money(cents=kind.cents, currency=costs.currency) if isinstance(kind, Kind) else None


def _parts(miss: Miss) -> tuple[tuple[Part, ...], int]:
    """What was wrong, and how many other sets of factors would have done as well."""
    if miss.scored.predicted == ERROR or miss.facts is None or miss.decision is None:
        return tuple(_failed(miss)), 0
    asked = Counterfactual(miss.facts, miss.decision, miss.scored.gold.facts)
    if not asked.gold:
        told = "the gold case holds no fact that the procedure reads"
        return (Part(kind="unattributed", told=told),), 0
    found = asked.smallest(miss.scored.gold.outcome)
    if not found:
        return tuple(asked.no_way()), 0
    if found == [()]:
        return (asked.beside_the_table(),), 0
    return tuple(asked.part(name) for name in found[0]), len(found) - 1


def _failed(miss: Miss) -> Iterator[Part]:
    """What stopped a run, an action for each that failed."""
    reason, records = miss.scored.reason, miss.facts.records.values() if miss.facts else ()
    actions = [record for record in records if record.status == "error"]
    for record in actions:
        yield Part(kind="tool failure", factor=record.action, told=record.reason)
    if not actions:
        yield Part(kind=_kind_of(miss.error), told=reason)


def _kind_of(error: CasewrightError | None) -> Fault:
    if isinstance(error, EvidenceIncomplete | SourceError | ModelError):
        return "tool failure"
    return "rule" if isinstance(error, SopError) else "unattributed"
