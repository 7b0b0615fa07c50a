"""What a case became by a review after which it waits again, told from the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casewright.audit import Event, Kind
from casewright.models import Review, ReviewAct, Run, RunStatus
from review.layout import worded


@dataclass(frozen=True)
class Change:
    """One thing before and after."""

    name: str
    was: str
    now: str


@dataclass(frozen=True)
class Correction:
    """What the SOP made of corrected facts, or of evidence that was fetched again.

    Attributes:
        review: The review that asked for it.
        outcome: The outcome before and after.
        route: The route before and after.
        factors: The facts that differ since.
    """

    review: Review
    outcome: Change
    route: Change
    factors: tuple[Change, ...]


def correction(run: Run, events: Sequence[Event]) -> Correction | None:
    """What the newest review changed, where the SOP decided again and the case waits."""
    review = run.reviews[-1] if run.reviews else None
    decision = run.decision
    if decision is None or run.status is not RunStatus.WAITING:
        return None
    if review is None or not (review.factors or review.act is ReviewAct.REJECT):
        return None
    before = _before(run, events)
    outcome, route, values = _stood(before)
    factors = tuple(
        Change(one.name, values[one.name], worded(one.value))
        for one in decision.factors
        if one.name in values and values[one.name] != worded(one.value)
    )
    return Correction(
        review,
        Change("outcome", outcome, decision.outcome),
        Change("route", route, decision.route.value),
        factors,
    )


def _before(run: Run, events: Sequence[Event]) -> list[Event]:
    own = [event for event in events if event.run_id == run.run_id]
    last = max(number for number, event in enumerate(own) if event.kind is Kind.REVIEWED)
    return own[:last]


def _stood(events: Sequence[Event]) -> tuple[str, str, Mapping[str, str]]:
    """The outcome, the route and the facts that stood after some events."""
    outcome = route = ""
    values: dict[str, str] = {}
    for event in events:
        outcome = str(event.body.get("outcome") or outcome) if _decides(event) else outcome
        route = str(event.body.get("route") or route)
        for factor in event.body.get("factors", ()) if event.kind is Kind.FACTORS else ():
            values[factor["name"]] = _value(factor.get("value"))
    return outcome, route, values


def _decides(event: Event) -> bool:
    return event.kind in (Kind.PROPOSED, Kind.DECIDED)


def _value(told: Any) -> str:
    return "a text" if isinstance(told, Mapping) else worded(told)
