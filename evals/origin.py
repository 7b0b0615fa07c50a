"""Where a factor's value came from, or why it has none."""

from __future__ import annotations

from casewright.models import Factor
from evals.causes import Kind
from graphs.assess import NOT_SUPPLIED
from graphs.facts import Facts
from graphs.sentence import spell
from graphs.sop import FactorRule


def origin_of(facts: Facts, factor: Factor) -> tuple[Kind, str]:
    """Where a factor's value came from, or why it has none."""
    rule = facts.sop.factors[factor.name]
    match factor.by:
        case "human":
            return "note", factor.reason
        case "classifier":
            return "classifier", factor.reason or _sure(factor)
        case "model":
            return "model reading", factor.reason or _sure(factor)
    return _of_question(factor) if rule.spec.question else _of_rule(facts, rule, factor)


def _of_question(factor: Factor) -> tuple[Kind, str]:
    if factor.waits_for:
        return "source data", factor.reason
    if factor.known:
        return "phrase", _sure(factor)
    answered = any(one.by == "model" and one.answer for one in factor.opinions)
    return "model reading" if answered else "nobody read it", factor.reason


def _of_rule(facts: Facts, rule: FactorRule, factor: Factor) -> tuple[Kind, str]:
    lacking = factor.reason.startswith(NOT_SUPPLIED) or not (factor.known or _shut(facts, rule))
    if lacking:
        return "source data", factor.reason
    told = factor.reason or f"came out {spell(factor.value)} by {rule.spec.told}"
    return "statistic" if rule.measured else "rule", told


def _shut(facts: Facts, rule: FactorRule) -> bool:
    """Whether the rule's own guard leaves it unknown on evidence that is there."""
    scope = facts.scope_with_policy(rule.spec.in_force)
    guards = ((rule.needs_first, False), (rule.unknown_if, True))
    return any(guard is not None and guard.evaluate(scope).value is shut for guard, shut in guards)


def _sure(factor: Factor) -> str:
    quotes = [f"“{citation.quote}”" for citation in factor.citations]
    sure = "" if factor.probability is None else f", {factor.probability:.2f} sure"
    return f"read in {', '.join(quotes) or 'a text'}{sure}"
