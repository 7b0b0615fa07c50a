"""Turns closed cases into gold cases: what reviewers decided here, and what a source settled.

A gold case is judged as of a moment at which it was still open, and says where its outcome comes
from. What is drawn of them, :mod:`evals.new_sample` says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from casewright.models import (
    ALWAYS_OUTCOMES,
    Case,
    ClosedCase,
    Decision,
    GoldCase,
    GoldTruth,
    Review,
    ReviewAct,
    Run,
    Value,
)
from casewright.second_look import SecondLook, disputed, settled_by

STANDS: Final = frozenset({"A1", "A3"})
"""Reasons of an approval by which a reviewer stands by the facts, not by the outcome alone."""

MARGIN: Final = timedelta(minutes=1)
"""How long before its closing a case is judged that closed sooner than it would have been."""


@dataclass(frozen=True)
class Closed:
    """A closed case as a gold case, and what its draw needs besides.

    Attributes:
        gold: The gold case, of weight 1.
        overridden: Whether a reviewer changed the outcome, or a fact that it rested on.
    """

    gold: GoldCase
    overridden: bool = False


@dataclass(frozen=True)
class Population:
    """The closed cases that can be drawn, and how many cannot, by reason."""

    closed: tuple[Closed, ...]
    left_out: Mapping[str, int]

    def in_world(self, seed: int) -> Population:
        """The same, of the small simulated world of that seed."""
        named = (
            replace(one, gold=one.gold.model_copy(update={"seed": seed})) for one in self.closed
        )
        return Population(tuple(named), self.left_out)


def of_reviews(
    runs: Iterable[Run], looks: Mapping[str, Sequence[SecondLook]] | None = None
) -> Population:
    """What people decided here, the latest run of each case.

    Left out is what nobody looked at, is not over, ended in a question or with somebody else, or
    is disputed. Where several people judged a case, the last word holds (a second reader's, or the
    arbiter's), and the share of them that agrees with it is written down.

    Args:
        runs: Runs that are done, in any order.
        looks: What second readers said, by run id.
    """
    cases: defaultdict[str, list[_Judged]] = defaultdict(list)
    left_out: defaultdict[str, int] = defaultdict(int)
    for run in runs:
        judged = _Judged(run, tuple((looks or {}).get(run.run_id, ())))
        if reason := judged.unfit:
            left_out[reason] += 1
        else:
            cases[run.case.case_id].append(judged)
    found = {
        case_id: _reviewed(sorted(some, key=lambda one: one.closed))
        for case_id, some in cases.items()
    }
    appeals = {
        judged.run.appeal_of: case_id
        for case_id, (judged, *_) in cases.items()
        if judged.run.appeal_of
    }
    first = [one for case_id, one in found.items() if case_id not in appeals.values()]
    if appeals:
        left_out["an appeal: it tells how the case that it contests ended"] += len(appeals)
    return Population(tuple(_appealed(one, found, appeals) for one in first), dict(left_out))


def _appealed(one: Closed, found: Mapping[str, Closed], appeals: Mapping[str, str]) -> Closed:
    """The gold case with what appeals made of it."""
    last = one.gold.case_id
    while last in appeals:
        last = appeals[last]
    if last == one.gold.case_id:
        return one
    outcome = found[last].gold.outcome
    gold = one.gold.model_copy(update={"outcome": outcome, "truth": "appeal"})
    return Closed(gold, one.overridden or outcome != one.gold.outcome)


def of_settled(
    closed: Iterable[ClosedCase],
    *,
    after: timedelta,
    now: datetime,
    facts: Iterable[str] | None = None,
) -> Population:
    """What a source settled, each case as of a moment at which it was still open.

    That is ``after`` its opening, or a minute before its closing where it closed sooner. Left out
    is what is not settled by ``now``, what was overturned by then (the source does not say how it
    ended at last), and what closed as soon as it was opened.

    Args:
        closed: Closed cases of the source.
        after: How long after it opened a case is judged.
        now: The present moment, as the source has it.
        facts: Names of the facts to keep; None: all.
    """
    found: list[Closed] = []
    left_out: defaultdict[str, int] = defaultdict(int)
    kept = None if facts is None else frozenset(facts)
    for one in closed:
        as_of = min(one.case.opened_at + after, one.closed_at - MARGIN)
        if one.closed_at > now:
            left_out["not settled yet"] += 1
        elif one.overturned_at is not None and one.overturned_at <= now:
            left_out["overturned, and how it ended is not known"] += 1
        elif as_of < one.case.opened_at:
            left_out["closed as soon as it was opened"] += 1
        else:
            held = {n: v for n, v in one.facts.items() if kept is None or n in kept}
            gold = _gold(one.case, one.outcome, as_of, "settled", held)
            found.append(Closed(gold))
    return Population(tuple(found), dict(left_out))


@dataclass(frozen=True)
class _Judged:
    """A closed run, and what second readers said of it."""

    run: Run
    looks: tuple[SecondLook, ...]

    @property
    def unfit(self) -> str:
        """Why nothing can be learned from it, or an empty text."""
        run = self.run
        if not self.looks and (run.automatic or not run.reviews):
            return "passed without a person"
        if run.decision is None or self.outcome in ALWAYS_OUTCOMES:
            return "ended without an outcome"
        if disputed(self.looks, run.decision.outcome):
            return "a second reader differs, and nobody has settled it"
        return ""

    @property
    def outcome(self) -> str:
        """What stands after all looks."""
        decided = self.run.decision.outcome if self.run.decision else ""
        return settled_by(self.looks, decided)

    @property
    def closed(self) -> tuple[datetime, str]:
        """When the last word on it was said."""
        said = [*(review.at for review in self.run.reviews[-1:]), *(one.at for one in self.looks)]
        return max(said), self.run.run_id

    @property
    def verdicts(self) -> dict[str, str]:
        """What each person who judged it would have decided."""
        decision, reviews = self.run.decision, self.run.reviews
        closing = {reviews[-1].reviewer: decision.outcome} if decision and reviews else {}
        return {**closing, **{look.reviewer: look.outcome for look in self.looks}}


def _reviewed(judged: Sequence[_Judged]) -> Closed:
    """The gold case of the runs of one case, oldest first; their decisions are there."""
    last = judged[-1]
    run, outcome = last.run, last.outcome
    verdicts = {name: said for one in judged for name, said in one.verdicts.items()}
    agreement = None
    if len(verdicts) > 1:
        agreement = sum(said == outcome for said in verdicts.values()) / len(verdicts)
    truth: GoldTruth = "second look" if last.looks or len(verdicts) > 1 else "review"
    facts = {} if run.decision is None else _confirmed(run, run.decision)
    gold = _gold(run.case, outcome, run.as_of, truth, facts)
    gold = gold.model_copy(update={"agreement": agreement, "key_factors": _corrected(run)})
    changed = run.decision is not None and outcome != run.decision.outcome
    return Closed(gold, changed or any(map(_overrides, run.standing)))


def _confirmed(run: Run, decision: Decision) -> dict[str, Value]:
    """Facts that a person stands by: all that an approval stands by, else those set by people."""
    last = run.reviews[-1] if run.reviews else None
    stands = (
        last is not None and last.act is ReviewAct.APPROVE and not STANDS.isdisjoint(last.codes)
    )
    return {
        one.name: one.value
        for one in decision.factors
        if one.value is not None and (stands or one.by == "human")
    }


def _corrected(run: Run) -> tuple[str, ...]:
    """Factors that reviewers set right: whoever decides rightly has to know them."""
    return tuple(sorted({name for review in run.standing for name in review.factors}))


def _overrides(review: Review) -> bool:
    return review.act is ReviewAct.EDIT and bool(review.outcome or review.factors)


def _gold(
    case: Case, outcome: str, as_of: datetime, truth: GoldTruth, facts: Mapping[str, Value]
) -> GoldCase:
    return GoldCase(
        case_id=case.case_id,
        case_type=case.case_type,
        outcome=outcome,
        as_of=as_of,
        seller_id=case.seller_id,
        region=case.region,
        channel=case.channel,
        language=case.language,
        facts=dict(facts),
        truth=truth,
    )
