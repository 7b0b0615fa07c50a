"""Answer windows (construct E1): who was asked once and did not answer lets the case be decided.

A case whose questions went out to a party is investigated again when something new is known, or
when the window has closed. Then the factor that was asked for is false, ``not_supplied``, unless
the evidence has come in meanwhile; nobody is asked a second time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from casewright.asking import Awaiting
from casewright.canonical import digest_of
from casewright.models import REQUEST_INFORMATION, Factor, MissingInformation, Run, RunStatus
from graphs.assess import NOT_SUPPLIED
from graphs.sop import FactorRule

ASKED: Final = "question"
"""Purpose of the writes that put an SOP's questions."""
NONE: Final = timedelta(0)
NOWHERE: Final[Mapping[str, datetime]] = MappingProxyType({})


def asked_by(earlier: Run | None) -> dict[str, datetime]:
    """Factors that parties have been asked for, with the moment of the first asking.

    Args:
        earlier: The case's run before. Its questions went out where they were approved, as of its
            own moment; what was asked before it stays asked.
    """
    if earlier is None:
        return {}
    put = {one.factor: earlier.as_of for one in sent(earlier) if one.factor}
    return {**put, **earlier.asked}


def sent(run: Run) -> tuple[MissingInformation, ...]:
    """The questions to parties that went out when a run was closed with them."""
    decision = run.decision
    if run.status is not RunStatus.DONE or decision is None:
        return ()
    if decision.outcome != REQUEST_INFORMATION:
        return ()
    return tuple(one for one in decision.missing if one.party != "reviewer")


def answer_by(earlier: Run | None) -> dict[str, datetime]:
    """When the windows of what was asked close, where a reviewer gave another time than the SOP."""
    if earlier is None:
        return {}
    given = {one.number for review in earlier.reviews[-1:] for one in review.questions if one.days}
    missing = earlier.decision.missing if earlier.decision else ()
    ends = {
        one.factor: earlier.as_of + timedelta(days=one.answer_days)
        for number, one in enumerate(missing, start=1)
        if number in given and one in sent(earlier) and one.factor not in earlier.asked
    }
    return {**ends, **earlier.answer_by}


def out(run: Run) -> tuple[Awaiting, ...]:
    """The questions that a closed run put, as what is awaited; oldest window first."""
    since = run.reviews[-1].at if run.reviews else run.updated_at
    by = run.reviews[-1].reviewer if run.reviews else "casewright"
    keys = {one.write.name: one.write.key for one in run.enforced if one.write.purpose == ASKED}
    found = (
        Awaiting(
            to=one.party,
            question=one.question,
            factor=one.factor,
            by=by,
            since=since,
            until=since + timedelta(days=one.answer_days),
            as_of=run.as_of,
            key=keys.get(one.factor) or digest_of([run.run_id, one.factor, one.question]),
        )
        for one in sent(run)
    )
    return tuple(sorted(found, key=lambda one: one.until))


def paused(earlier: Run | None, at: datetime) -> timedelta:
    """For how long the time to decide stood still before a case's next run.

    That is as long as its questions had time to be answered, and no longer: what lies between the
    end of the windows and the next run is an internal wait.

    Args:
        earlier: The case's run before.
        at: The present moment, or when the answer came.
    """
    if earlier is None:
        return timedelta(0)
    waits = [*out(earlier), *filter(None, [earlier.awaiting])]
    longest = max((max(min(at, one.until) - one.since, NONE) for one in waits), default=NONE)
    return earlier.paused + longest


def resolved(
    factors: Sequence[Factor],
    asked: Mapping[str, datetime],
    as_of: datetime,
    rules: Mapping[str, FactorRule],
    answer_by: Mapping[str, datetime] = NOWHERE,
) -> tuple[Factor, ...]:
    """The factors, with those false that are still unknown when their window has closed.

    A text that has come in and that nobody has read stays open: that is no debt of the party.

    Args:
        factors: All factors.
        asked: When a party was asked for which of them.
        as_of: The moment at which the case is judged.
        rules: The SOP's factors, which say how long a party has.
        answer_by: When windows close that are not the SOP's own.
    """
    return tuple(
        _resolved(one, asked.get(one.name), as_of, rules, answer_by.get(one.name))
        for one in factors
    )


def _resolved(
    factor: Factor,
    asked: datetime | None,
    as_of: datetime,
    rules: Mapping[str, FactorRule],
    closes: datetime | None,
) -> Factor:
    if asked is None or factor.known:
        return factor
    spec = rules[factor.name].spec
    until = closes or asked + timedelta(days=spec.answer_days)
    if as_of < until or _unread(factor, rules[factor.name]):
        return factor
    days = (until - asked).days
    told = f"the {spec.burden} was asked as of {asked:%Y-%m-%d} and had {days} days"
    return Factor(name=factor.name, value=False, reason=f"{NOT_SUPPLIED}: {told}")


def _unread(factor: Factor, rule: FactorRule) -> bool:
    return bool(rule.spec.question) and not factor.waits_for and factor.by == "rule"
