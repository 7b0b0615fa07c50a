"""Answer windows (construct E1): who was asked once and did not answer lets the case be decided.

A case whose questions went out to a party is investigated again when something new is known, or
when the window has closed. Then the factor that was asked for is false, ``not_supplied``, unless
the evidence has come in meanwhile; nobody is asked a second time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from casewright.models import REQUEST_INFORMATION, Factor, Run, RunStatus
from graphs.assess import NOT_SUPPLIED
from graphs.sop import FactorRule


def asked_by(earlier: Run | None) -> dict[str, datetime]:
    """Factors that parties have been asked for, with the moment of the first asking.

    Args:
        earlier: The case's run before. Its questions went out where they were approved, as of its
            own moment; what was asked before it stays asked.
    """
    if earlier is None:
        return {}
    decision = earlier.decision
    sent = earlier.status is RunStatus.DONE and decision is not None
    missing = (
        decision.missing if sent and decision and decision.outcome == REQUEST_INFORMATION else ()
    )
    put = {one.factor: earlier.as_of for one in missing if one.factor and one.party != "reviewer"}
    return {**put, **earlier.asked}


def resolved(
    factors: Sequence[Factor],
    asked: Mapping[str, datetime],
    as_of: datetime,
    rules: Mapping[str, FactorRule],
) -> tuple[Factor, ...]:
    """The factors, with those false that are still unknown when their window has closed.

    A text that has come in and that nobody has read stays open: that is no debt of the party.

    Args:
        factors: All factors.
        asked: When a party was asked for which of them.
        as_of: The moment at which the case is judged.
        rules: The SOP's factors, which say how long a party has.
    """
    return tuple(_resolved(one, asked.get(one.name), as_of, rules) for one in factors)


def _resolved(
    factor: Factor, asked: datetime | None, as_of: datetime, rules: Mapping[str, FactorRule]
) -> Factor:
    if asked is None or factor.known:
        return factor
    spec = rules[factor.name].spec
    if as_of < asked + timedelta(days=spec.answer_days) or _unread(factor, rules[factor.name]):
        return factor
    told = f"the {spec.burden} was asked as of {asked:%Y-%m-%d} and had {spec.answer_days} days"
    return Factor(name=factor.name, value=False, reason=f"{NOT_SUPPLIED}: {told}")


def _unread(factor: Factor, rule: FactorRule) -> bool:
    return bool(rule.spec.question) and not factor.waits_for and factor.by == "rule"
