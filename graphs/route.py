"""Routing: who must look at a decision. A gate can raise a route, never lower it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from casewright.models import Decision, Route
from graphs.always_human import Passing, always_human
from graphs.confidence import UNPROVEN
from graphs.facts import Facts
from graphs.logic import Expression


@dataclass(frozen=True)
class Clearance:
    """What the team allows to pass without a person.

    Attributes:
        automatic: Whether anything may.
        reviewed: Whether a person has acted on the case: then it stays with people.
        protected: Ids of parties whose cases people decide.
        unproven: Why no statistical bound on the decision's error holds; empty where one does.
    """

    automatic: bool = False
    reviewed: bool = False
    protected: frozenset[str] = frozenset()
    unproven: str = UNPROVEN


NONE = Clearance()


def route(
    facts: Facts,
    decision: Decision,
    *,
    floor: Route = Route.REVIEW,
    clearance: Clearance = NONE,
) -> Decision:
    """Raise the decision's route by the factors that every SOP has, and by the SOP's gate.

    Args:
        facts: The case's facts, which the gate's conditions read.
        decision: The verified proposal with the route of its row.
        floor: The least strict route allowed, such as what a reviewer escalated to.
        clearance: What the team allows to pass without a person.

    Returns:
        The decision with its route, and a reason for each condition that raised it. It is
        ``auto-eligible`` only where the decision passes without a person.
    """
    raised = decision.route.raised_to(floor)
    reasons: list[str] = []
    for least, reason in _raising(facts, decision):
        raised = raised.raised_to(least)
        reasons.append(reason)
    routed = decision.model_copy(update={"route": raised})
    if raised is Route.AUTO:
        held = tuple(_holding(facts, routed, clearance))
        raised = Route.REVIEW if held else Route.AUTO
        # Where the SOP passes nothing there is nothing to explain.
        reasons += [f"not automatic: {why}" for why in held] if facts.sop.auto_when else []
    kept = tuple(reason for reason in reasons if reason not in decision.reasons)
    return decision.model_copy(update={"route": raised, "reasons": (*decision.reasons, *kept)})


def _raising(facts: Facts, decision: Decision) -> Iterator[tuple[Route, str]]:
    for flag in decision.flags:
        if flag.value is not False:
            yield Route.REVIEW, f"review: {flag.name}"
    for note in decision.notes:
        yield Route.REVIEW, f"review: note {note.note_id}"
    for least, condition in (
        (Route.LEGAL, facts.sop.legal_if),
        (Route.SENIOR, facts.sop.senior_if),
    ):
        if condition and _may_hold(condition, facts):
            yield least, f"{least.value}: {condition.text}"


def _holding(facts: Facts, decision: Decision, clearance: Clearance) -> Iterator[str]:
    """Why a decision on the automatic route does not pass without a person."""
    gate, when = facts.sop.spec.gate, facts.sop.auto_when
    if when is None:
        yield "the gate passes nothing"
        return
    if not clearance.automatic:
        yield "the setting `automatic` is off"
    if clearance.reviewed:
        yield "a person has acted on it"
    if clearance.unproven:
        yield clearance.unproven
    if decision.outcome not in gate.auto_outcomes:
        yield f"{decision.outcome} is not among the outcomes that may pass"
    if when.evaluate(facts.scope).value is not True:
        yield f"`{when.text}` is not known to hold"
    yield from always_human(Passing(facts, decision, gate.stability_floor, clearance.protected))


def _may_hold(condition: Expression, facts: Facts) -> bool:
    """True, or not known to be false: a doubt raises the route."""
    return condition.evaluate(facts.scope).value is not False
