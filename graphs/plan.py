"""From an outcome to its plan: parameters checked against their bounds, and writes with keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_jsonable_python

from casewright.canonical import digest_of
from casewright.enforcement import Parameter, ParameterValue, PlannedAction, Purpose
from casewright.errors import ExpressionError
from casewright.models import (
    ESCALATE,
    REQUEST_INFORMATION,
    Citation,
    Claim,
    Decision,
    Evidence,
    Route,
)
from graphs.consequences import NOTHING, PARAMETERS, ParameterRule, Step, fitted
from graphs.facts import Facts
from graphs.logic import Expression
from graphs.scope import Bound, Result, Scope, Unknown
from graphs.sentence import spell
from tools.enforcement import REQUEST_INFORMATION as ASK

FITTING: Mapping[str, type | tuple[type, ...]] = {
    "integer": int,
    "number": (int, float),
    "text": str,
    "ids": (list, tuple),
}
"""The Python types of a parameter's value, by its type in the SOP."""

DESK = "platform"
"""Where questions to the platform's own desks go."""


@dataclass(frozen=True)
class ReviewerValues:
    """Values that a reviewer gave in place of the rules' own, and the review as evidence."""

    values: Mapping[str, ParameterValue]
    reviewer: str
    evidence: Evidence


def planned(
    facts: Facts, decision: Decision, run_id: str, given: ReviewerValues | None = None
) -> Decision:
    """The decision with its outcome's parameters, their claims, and the writes it asks for.

    A parameter outside its bounds is not clipped: the decision goes to a person, with the reason
    and without a plan. One that is unknown stays open for the reviewer, and its write says so.

    Args:
        facts: The case's facts.
        decision: What the table, or a reviewer, decided.
        run_id: The run, which the idempotency keys cover.
        given: What a reviewer gave, or None.

    Raises:
        ExpressionError: a value is of another type than the SOP says.
    """
    follows = facts.sop.consequences.get(decision.outcome, NOTHING)
    parameters = tuple(_parameter(facts, rule, given) for rule in follows.parameters.values())
    told = _with_claims(decision, parameters)
    outside = [one for one in parameters if one.value is not None and one.reason]
    if outside:
        return _escalated(told, outside)
    unknown = tuple(f"{one.name} is unknown: {one.reason}" for one in parameters if one.reason)
    update = {
        "enforcement": tuple(_writes(facts, told, run_id)),
        "reasons": (*told.reasons, *(why for why in unknown if why not in told.reasons)),
        "route": told.route.raised_to(Route.REVIEW) if unknown else told.route,
    }
    return told.model_copy(update=update)


def _parameter(facts: Facts, rule: ParameterRule, given: ReviewerValues | None) -> Parameter:
    scope = facts.scope_with_policy("fact")
    low, high = _bound(rule, rule.at_least, scope), _bound(rule, rule.at_most, scope)
    found = Parameter(name=rule.name, at_least=low.value, at_most=high.value)
    if given is not None and rule.name in given.values:
        told: dict[str, Any] = _as_given(rule.name, given)
    else:
        told = _by_rule(facts, rule, scope, (low, high))
    found = found.model_copy(update=told)
    return found.model_copy(update={"reason": found.reason or out_of_bounds(found)})


def _as_given(name: str, given: ReviewerValues) -> dict[str, Any]:
    value = given.values[name]
    proof = Citation(
        kind="evidence",
        reference=given.evidence.digest,
        pointer=f"/parameters/{name}",
        quote=to_jsonable_python(value),
        label=f"review by {given.reviewer}",
    )
    return {"value": value, "set_by": given.reviewer, "citations": (proof,)}


def _by_rule(
    facts: Facts, rule: ParameterRule, scope: Scope, bounds: tuple[Result, Result]
) -> dict[str, Any]:
    result = _typed(rule, rule.value.evaluate(scope))
    reads = (*result.reads, *(read for bound in bounds for read in bound.reads))
    gaps = (*result.gaps, *(gap for bound in bounds for gap in bound.gaps))
    if gaps:
        return {"reason": "; ".join(dict.fromkeys(gap.reason for gap in gaps))}
    value = tuple(result.value) if rule.spec.type == "ids" else result.value
    return {"value": value, "citations": facts.cite_all(reads)}


def _bound(rule: ParameterRule, bound: Expression | None, scope: Scope) -> Result:
    return Result(None) if bound is None else _typed(rule, bound.evaluate(scope))


def _typed(rule: ParameterRule, result: Result) -> Result:
    value, wanted = result.value, FITTING[rule.spec.type]
    fits = isinstance(value, wanted) and not isinstance(value, bool)
    if isinstance(value, list | tuple):
        fits = fits and all(isinstance(one, str) for one in value)
    if result.known and not fits:
        raise ExpressionError(
            f"The parameter {rule.name} is of type {rule.spec.type}, not {type(value).__name__}: "
            f"`{rule.value.text}`.",
            line=rule.value.line,
        )
    return result


def out_of_bounds(parameter: Parameter) -> str:
    """How a known value breaks its bounds, or an empty text."""
    value = parameter.value
    if not isinstance(value, int | float):
        return ""
    if parameter.at_least is not None and value < parameter.at_least:
        return f"{value} lies below {parameter.at_least}, the lowest value allowed"
    if parameter.at_most is not None and value > parameter.at_most:
        return f"{value} lies above {parameter.at_most}, the highest value allowed"
    return ""


def _escalated(decision: Decision, outside: list[Parameter]) -> Decision:
    reasons = (f"not {decision.outcome}: {one.name} {one.reason}" for one in outside)
    return decision.model_copy(
        update={
            "outcome": ESCALATE,
            "row": 0,
            "stability": None,
            "enforcement": (),
            "route": decision.route.raised_to(Route.REVIEW),
            "reasons": (*decision.reasons, *reasons),
        }
    )


def _with_claims(decision: Decision, parameters: tuple[Parameter, ...]) -> Decision:
    """The decision with these parameters and their claims in place of the ones it had."""
    before = {claim.sentence for claim in _claims(decision.parameters)}
    kept = (claim for claim in decision.claims if claim.sentence not in before)
    claims = (*kept, *_claims(parameters))
    return decision.model_copy(update={"parameters": parameters, "claims": claims})


def _claims(parameters: tuple[Parameter, ...]) -> Iterator[Claim]:
    for one in parameters:
        if one.citations:
            told = one.value if not isinstance(one.value, tuple) else ", ".join(one.value)
            sentence = f"The parameter {one.name} is {spell(told)}{_limits(one)}."
            yield Claim(sentence=sentence, citations=one.citations)


def _limits(parameter: Parameter) -> str:
    bounds = {"at least": parameter.at_least, "at most": parameter.at_most}
    told = [f"{word} {spell(value)}" for word, value in bounds.items() if value is not None]
    return f", allowed {' and '.join(told)}" if told else ""


def _writes(facts: Facts, decision: Decision, run_id: str) -> Iterator[PlannedAction]:
    scope = {
        **facts.scope_with_policy("fact"),
        PARAMETERS: Bound({one.name: _seen(one) for one in decision.parameters}, PARAMETERS),
    }
    identity = _identity(decision, run_id)
    follows = facts.sop.consequences.get(decision.outcome, NOTHING)
    for number, step in enumerate(follows.enforce):
        yield write(step, scope, {**identity, "number": number})
    for effect in facts.sop.side_effects:
        if decision.outcome in effect.on:
            yield write(effect.step, scope, identity, purpose="side_effect", name=effect.name)
    if decision.outcome == REQUEST_INFORMATION:
        yield from questions(facts, decision, identity)


def _seen(parameter: Parameter) -> object:
    if parameter.value is None:
        return Unknown.of(PARAMETERS, f"{parameter.name} is unknown")
    return list(parameter.value) if isinstance(parameter.value, tuple) else parameter.value


def _identity(decision: Decision, run_id: str) -> dict[str, Any]:
    """What a key covers besides the action itself: the run and what was decided in it."""
    return {
        "run": run_id,
        "version": decision.graph_version,
        "outcome": decision.outcome,
        "factors": {factor.name: factor.value for factor in decision.factors},
        "parameters": {one.name: one.value for one in decision.parameters},
    }


def write(
    step: Step,
    scope: Scope,
    identity: Mapping[str, Any],
    *,
    purpose: Purpose = "outcome",
    name: str = "",
) -> PlannedAction:
    """One write of a plan: its arguments as far as they are known, what it lacks, and its key.

    Args:
        step: The write with its expressions.
        scope: What they read.
        identity: What the idempotency key covers besides the write itself.
        purpose: Why it is asked for.
        name: The side effect or the interim measure that it belongs to.
    """
    results = {name: one.evaluate(scope) for name, one in step.arguments.items()}
    known = {one: result.value for one, result in results.items() if result.known}
    gaps = [gap.reason for result in results.values() for gap in result.gaps]
    arguments, wrong = fitted(step.tool, known)
    told = [f"{one}: {message}" for one, message in wrong.items() if one in known or not gaps]
    lacks = (*gaps, *told)
    planned = {"do": step.tool.name, "purpose": purpose, "name": name, "arguments": arguments}
    return PlannedAction.model_validate(
        {**planned, "lacks": tuple(dict.fromkeys(lacks)), "key": digest_of({**identity, **planned})}
    )


def questions(
    facts: Facts, decision: Decision, identity: Mapping[str, Any]
) -> Iterator[PlannedAction]:
    """The questions to parties that a request for information puts."""
    case = facts.case.data or {}
    buyer = only_buyer(case["subject"], facts.evidence.values())
    ids = {"seller": case["seller_id"], "buyer": buyer, "platform": DESK}
    for one in decision.missing:
        if one.party == "reviewer":
            continue
        asked = {
            "party": one.party,
            "party_id": ids[one.party],
            "question": one.question,
            "answer_days": one.answer_days,
            "case_id": case["case_id"],
            "factor": one.factor,
        }
        known = {name: value for name, value in asked.items() if value is not None}
        planned = {"do": ASK, "purpose": "question", "name": one.factor, "arguments": known}
        yield PlannedAction.model_validate(
            {
                **planned,
                "lacks": () if ids[one.party] else (f"the case names no one {one.party}",),
                "key": digest_of({**identity, **planned}),
            }
        )


def only_buyer(subject: Mapping[str, str], evidence: Iterable[Evidence]) -> str | None:
    """The one buyer that a case or its records name; None where they name none, or several."""
    records = (item.data or {} for item in evidence)
    named = {one["buyer_id"] for one in (subject, *records) if isinstance(one.get("buyer_id"), str)}
    return named.pop() if len(named) == 1 else None
