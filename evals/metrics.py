"""What an eval reports, defined once. Pure functions from scored cases to a frozen report.

A run *decided* a case when it named an outcome other than ``request_information`` and ``escalate``
and did not fail. It *asked rightly* when it requested information, was not meant to end there, and
one of the actions it asked for is in the gold case's ``ask``: the generator had withheld that
record. Such a first look is right; it is counted by itself, and is no miss of the outcome that
will be scored once the answer is in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Self

from casewright.cost import Cost, total
from casewright.models import ESCALATE, REQUEST_INFORMATION, GoldCase, Model
from evals.intervals import wilson
from evals.measures import Measure, Metric, MetricContext, measure_all
from evals.scored import ERROR, UNDECIDED, Scored

SLICE_MINIMUM = 30
"""Under this many cases a slice shows counts only."""

DIMENSIONS: Mapping[str, Callable[[GoldCase], str]] = {
    "case_type": lambda gold: gold.case_type,
    "region": lambda gold: gold.region,
    "channel": lambda gold: gold.channel,
    "language": lambda gold: gold.language,
}


class Rate(Model):
    """A proportion with its 95% Wilson interval.

    Attributes:
        value: numerator / denominator; None where the denominator is 0.
        numerator: What counted.
        denominator: Out of what.
        low: Lower end of the interval.
        high: Upper end of the interval.
        reason: The same in one line of words.
    """

    value: float | None
    numerator: int
    denominator: int
    low: float
    high: float
    reason: str

    @classmethod
    def of(cls, numerator: int, denominator: int, words: str) -> Self:
        """Build a rate; ``words`` completes '3 of 4 …'."""
        low, high = wilson(numerator, denominator)
        return cls(
            value=numerator / denominator if denominator else None,
            numerator=numerator,
            denominator=denominator,
            low=low,
            high=high,
            reason=f"{numerator} of {denominator} {words}",
        )

    @classmethod
    def f1(cls, hits: int, misses: int) -> Self:
        """F1 = 2·hits / (2·hits + misses), misses being false positives and false negatives.

        F1 is no proportion, but F* = hits / (hits + misses) is, and F1 = 2F* / (1 + F*) grows with
        it (Hand, Christen and Kirielle 2021): the ends are those of F*, carried over.
        """
        rate = cls.of(2 * hits, 2 * hits + misses, "predictions and gold cases agree in pairs")
        star = wilson(hits, hits + misses)
        low, high = (2 * end / (1 + end) for end in star)
        return rate.model_copy(update={"low": low, "high": high})


class OutcomeScore(Model):
    """How well one outcome is found.

    Attributes:
        outcome: The outcome.
        precision: Predicted and gold, of the predicted.
        recall: Predicted and gold, of the gold cases that were not asked about rightly.
        f1: Harmonic mean of precision and recall.
        support: Gold cases of this outcome, all of them.
        asked_rightly: Those of them where the run asked for a withheld record.
    """

    outcome: str
    precision: Rate
    recall: Rate
    f1: Rate
    support: int
    asked_rightly: int


class Slice(Model):
    """A part of the cases: always its counts, its rates only from 30 cases on.

    Attributes:
        dimension: ``case_type``, ``region``, ``channel`` or ``language``.
        value: Which part.
        n: Cases in it.
        decided: Of them decided.
        right: Of those decided rightly.
        asked: Sent to ``request_information``.
        coverage: As in the report; None under 30 cases.
        accuracy: As in the report; None under 30 cases.
        outcomes: As in the report; empty under 30 cases.
    """

    dimension: str
    value: str
    n: int
    decided: int
    right: int
    asked: int
    coverage: Rate | None = None
    accuracy: Rate | None = None
    outcomes: tuple[OutcomeScore, ...] = ()


class Failure(Model):
    """A case that counts as ``error``, and why."""

    case_id: str
    reason: str


class Report(Model):
    """What a suite measured. Every rate carries numerator, denominator and a 95% interval.

    Attributes:
        n: Gold cases that entered.
        graph_versions: The versions that ran; one, unless runs were mixed.
        window: First and last as-of time; None without cases.
        outcomes: Scores by outcome, in alphabetical order.
        confusion: Count by gold outcome, then by predicted one. Every cell is there; the predicted
            side always has ``request_information``, ``escalate`` and ``error``.
        coverage: Decided, of all that entered.
        accuracy: Right, of the decided.
        requests: Sent to ``request_information``, of all that entered.
        appropriate: Asked rightly, of those requests.
        first_look: Right at the first look (decided or ended as the gold case says, or asked
            rightly), of all that entered.
        escalations: Escalated, of all that entered.
        errors: Failed or undecided without a word, of all that entered.
        failures: The cases behind ``errors``.
        slices: The same by case type, region, channel and language.
        cost: What the model calls of the whole run used.
        currency: Currency of that money, or empty.
        measures: What the registered metrics say, in the order of their names.
    """

    n: int
    graph_versions: tuple[str, ...]
    window: tuple[datetime, datetime] | None
    outcomes: tuple[OutcomeScore, ...]
    confusion: dict[str, dict[str, int]]
    coverage: Rate
    accuracy: Rate
    requests: Rate
    appropriate: Rate
    first_look: Rate
    escalations: Rate
    errors: Rate
    failures: tuple[Failure, ...]
    slices: tuple[Slice, ...]
    cost: Cost = Cost()
    currency: str = ""
    measures: tuple[Measure, ...] = ()

    def outcome(self, name: str) -> OutcomeScore:
        """The score of that outcome; KeyError where neither gold nor a run names it."""
        for score in self.outcomes:
            if score.outcome == name:
                return score
        raise KeyError(name)


def summarise(
    scored: Sequence[Scored],
    metrics: Iterable[Metric] = (),
    context: MetricContext | None = None,
) -> Report:
    """Compute the report of scored cases; their order does not matter, bar that of failures.

    Args:
        scored: The cases.
        metrics: What to measure besides, such as ``evals.measures.metrics().values()``.
        context: What those metrics need to know.
    """
    times = [one.gold.as_of for one in scored]
    asked = [one for one in scored if one.predicted == REQUEST_INFORMATION]
    errors = [one for one in scored if one.predicted == ERROR]
    return Report(
        n=len(scored),
        graph_versions=tuple(sorted({one.graph_version for one in scored} - {""})),
        window=(min(times), max(times)) if times else None,
        outcomes=outcome_scores(scored),
        confusion=confusion(scored),
        coverage=coverage(scored),
        accuracy=accuracy(scored),
        requests=Rate.of(len(asked), len(scored), "cases were sent to request information"),
        appropriate=Rate.of(
            _count(one.asked_rightly or one.right for one in asked),
            len(asked),
            "requests named a record that had been withheld",
        ),
        first_look=Rate.of(
            _count(one.right or one.asked_rightly for one in scored),
            len(scored),
            "cases were right at the first look",
        ),
        escalations=Rate.of(
            _count(one.predicted == ESCALATE for one in scored), len(scored), "cases were escalated"
        ),
        errors=Rate.of(len(errors), len(scored), "cases ended in an error"),
        failures=tuple(Failure(case_id=one.gold.case_id, reason=one.reason) for one in errors),
        slices=slices(scored),
        cost=total(one.cost for one in scored),
        currency=next((one.currency for one in scored if one.currency), ""),
        measures=measure_all(scored, metrics, context),
    )


def coverage(scored: Sequence[Scored]) -> Rate:
    """Decided (not ``request_information``, ``escalate`` or ``error``) / entered."""
    decided = _count(one.decided for one in scored)
    return Rate.of(decided, len(scored), "cases that entered were decided")


def accuracy(scored: Sequence[Scored]) -> Rate:
    """Decided and right / decided."""
    decided = [one for one in scored if one.decided]
    right = _count(one.right for one in decided)
    return Rate.of(right, len(decided), "decided cases have the gold outcome")


def outcome_scores(scored: Sequence[Scored]) -> tuple[OutcomeScore, ...]:
    """Precision, recall and F1 of every outcome that a gold case or a decision names.

    Precision of o is (predicted o and gold o) / predicted o. Recall of o is (predicted o and gold
    o) / gold o, where gold cases that were asked about rightly are left out of the denominator.
    """
    named = {one.gold.outcome for one in scored}
    named |= {one.predicted for one in scored if one.decided}
    return tuple(_outcome_score(outcome, scored) for outcome in sorted(named))


def confusion(scored: Sequence[Scored]) -> dict[str, dict[str, int]]:
    """Counts by gold outcome and predicted outcome, zeros included."""
    cells = Counter((one.gold.outcome, one.predicted) for one in scored)
    gold = sorted({outcome for outcome, _ in cells})
    predicted = sorted({o for cell in cells for o in cell} - set(UNDECIDED))
    return {row: {col: cells[row, col] for col in (*predicted, *UNDECIDED)} for row in gold}


def slices(scored: Sequence[Scored]) -> tuple[Slice, ...]:
    """Every part of every dimension, in the order of ``DIMENSIONS`` and then by value."""
    found = []
    for dimension, key in DIMENSIONS.items():
        parts: dict[str, list[Scored]] = {}
        for one in scored:
            parts.setdefault(key(one.gold), []).append(one)
        found += [_slice(dimension, value, parts[value]) for value in sorted(parts)]
    return tuple(found)


def _outcome_score(outcome: str, scored: Sequence[Scored]) -> OutcomeScore:
    gold = [one for one in scored if one.gold.outcome == outcome]
    predicted = [one for one in scored if one.predicted == outcome]
    asked_rightly = _count(one.asked_rightly for one in gold)
    hits, due = _count(one.right for one in predicted), len(gold) - asked_rightly
    return OutcomeScore(
        outcome=outcome,
        precision=Rate.of(hits, len(predicted), f"predictions of {outcome} were right"),
        recall=Rate.of(hits, due, f"gold cases of {outcome} were found"),
        f1=Rate.f1(hits, len(predicted) + due - 2 * hits),
        support=len(gold),
        asked_rightly=asked_rightly,
    )


def _slice(dimension: str, value: str, part: Sequence[Scored]) -> Slice:
    counts = Slice(
        dimension=dimension,
        value=value,
        n=len(part),
        decided=_count(one.decided for one in part),
        right=_count(one.decided and one.right for one in part),
        asked=_count(one.predicted == REQUEST_INFORMATION for one in part),
    )
    if len(part) < SLICE_MINIMUM:
        return counts
    rates = {
        "coverage": coverage(part),
        "accuracy": accuracy(part),
        "outcomes": outcome_scores(part),
    }
    return counts.model_copy(update=rates)


def _count(flags: Iterable[bool]) -> int:
    return sum(flags)
