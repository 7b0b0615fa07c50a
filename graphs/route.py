"""Routing: who must look at a decision. A gate can raise a route, never lower it."""

from __future__ import annotations

from casewright.models import Decision, Route
from graphs.facts import Facts
from graphs.logic import Expression


def route(facts: Facts, decision: Decision, *, floor: Route = Route.REVIEW) -> Decision:
    """Raise the decision's route by the factors that every SOP has, and by the SOP's gate.

    Args:
        facts: The case's facts, which the gate's conditions read.
        decision: The verified proposal with the route of its row.
        floor: The least strict route allowed: ``review`` while the SOP says ``auto: never``, or
            what a reviewer escalated to.

    Returns:
        The decision with its route, and a reason for each condition that raised it.
    """
    raised = decision.route.raised_to(floor)
    reasons: list[str] = []
    for flag in decision.flags:
        if flag.value is not False:
            raised = raised.raised_to(Route.REVIEW)
            reasons.append(f"review: {flag.name}")
    conditions = ((Route.LEGAL, facts.sop.legal_if), (Route.SENIOR, facts.sop.senior_if))
    for least, condition in conditions:
        if condition and _may_hold(condition, facts):
            raised = raised.raised_to(least)
            reasons.append(f"{least.value}: {condition.text}")
    kept = tuple(reason for reason in reasons if reason not in decision.reasons)
    return decision.model_copy(update={"route": raised, "reasons": (*decision.reasons, *kept)})


def _may_hold(condition: Expression, facts: Facts) -> bool:
    """True, or not known to be false: a doubt raises the route."""
    return condition.evaluate(facts.scope).value is not False
