"""Factors: what the rules make of the evidence, and what stays unknown and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from casewright.errors import ExpressionError, UsageError
from casewright.models import Factor
from graphs.factor_schema import FactorSpec
from graphs.facts import Facts
from graphs.logic import Expression
from graphs.scope import Bound, Gap, Result, Scope, gaps_of, merged, reads_of
from graphs.sop import VALUE, FactorRule

NOT_SUPPLIED = "not_supplied"


def assess(facts: Facts) -> tuple[Factor, ...]:
    """All factors of the SOP in its order; questions stay unknown until somebody reads.

    Raises:
        ExpressionError: a rule compares what cannot be compared, or is not true or false.
    """
    return tuple(_factor(rule, facts) for rule in facts.sop.factors.values())


def _factor(rule: FactorRule, facts: Facts) -> Factor:
    condition = rule.measured.holds if rule.measured else rule.rule
    if condition is None:
        return _question(rule, facts)
    scope = facts.scope_with_policy(rule.spec.in_force)
    result = _guarded(rule, scope) or _evaluated(rule, condition, scope)
    if not result.known:
        return _unknown(rule.name, rule.spec, result)
    if not rule.domain.types(result.value):
        kind = type(result.value).__name__
        told = f"The rule of {rule.name} is {rule.domain.told}, not a {kind}"
        raise ExpressionError(f"{told}: `{condition.text}`.", line=condition.line)
    if not rule.domain.holds(result.value):
        roots = sorted(rule.needs)
        told = f"{result.value} is not {rule.domain.told}"
        return _unknown(rule.name, rule.spec, Result(None, gaps=tuple(Gap(r, told) for r in roots)))
    citations = facts.cite_all(result.reads, in_force=rule.spec.in_force)
    return Factor(name=rule.name, value=result.value, citations=citations)


def _evaluated(rule: FactorRule, condition: Expression, scope: Scope) -> Result:
    """The rule's value; or the condition's over the statistic's number, citing the inputs."""
    if rule.measured is None:
        return condition.evaluate(scope)
    inputs = {name: one.evaluate(scope) for name, one in rule.measured.inputs.items()}
    if gaps := gaps_of(inputs.values()):
        return Result(None, gaps=gaps)
    statistic = rule.measured.statistic
    try:
        value = statistic.value({name: result.value for name, result in inputs.items()})
    except UsageError as error:
        raise ExpressionError(f"{rule.name}: {error.message}", line=condition.line) from error
    if value is None:
        roots = sorted(rule.needs)
        told = f"there is no {statistic.name} of {_listed(inputs)}"
        return Result(None, gaps=tuple(Gap(root, told) for root in roots))
    result = condition.evaluate({**scope, VALUE: Bound(value, VALUE)})
    outside = tuple(read for read in result.reads if read.root != VALUE)
    return replace(result, reads=merged(reads_of(inputs.values()), outside))


def _listed(inputs: Mapping[str, Result]) -> str:
    return ", ".join(f"{name} {result.value}" for name, result in inputs.items())


def _guarded(rule: FactorRule, scope: Scope) -> Result | None:
    """Unknown, with the reason, where the factor's precondition fails or its doubt holds."""
    for guard, wanted in ((rule.needs_first, True), (rule.unknown_if, False)):
        result = guard.evaluate(scope) if guard else None
        if guard is None or result is None or result.value is wanted:
            continue
        if not result.known:
            return result
        told = f"`{guard.text}` {'does not hold' if wanted else 'holds'}"
        return Result(None, gaps=tuple(Gap(root, told) for root in sorted(guard.node.roots)))
    return None


def _unknown(name: str, spec: FactorSpec, result: Result) -> Factor:
    reason = _told(result.gaps)
    if spec.burden == "platform" and spec.answer_days == 0:
        # Evidence that nobody can supply resolves at once (construct E1).
        return Factor(name=name, value=False, reason=f"{NOT_SUPPLIED}: {reason}")
    waits = tuple(dict.fromkeys(gap.root for gap in result.gaps))
    return Factor(name=name, reason=reason, waits_for=waits)


def _question(rule: FactorRule, facts: Facts) -> Factor:
    lacking = [read.evaluate(facts.scope) for read in rule.read]
    gaps = tuple(gap for result in lacking if not result.known for gap in result.gaps)
    reason = _told(gaps) if gaps else "nobody has read the text yet"
    return Factor(
        name=rule.name, reason=reason, waits_for=tuple(dict.fromkeys(gap.root for gap in gaps))
    )


def _told(gaps: Iterable[Gap]) -> str:
    return "; ".join(dict.fromkeys(gap.reason for gap in gaps))
