"""What an eval reports, defined once. Pure functions from scored cases to a frozen report.

A run *decided* a case when it named an outcome other than ``request_information`` and ``escalate``
and did not fail. It *asked rightly* when it requested information, was not meant to end there, and
one of the actions it asked for is in the gold case's ``ask``: the generator had withheld that
record. Such a first look is right; it is counted by itself, and is no miss of the outcome that
will be scored once the answer is in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from casewright.cost import Cost, total
from casewright.models import ESCALATE, REQUEST_INFORMATION, Model
from evals.measures import Measure, Metric, MetricContext, measure_all
from evals.outcomes import OutcomeScore as OutcomeScore
from evals.outcomes import accuracy as accuracy
from evals.outcomes import appropriate, first_look
from evals.outcomes import confusion as confusion
from evals.outcomes import coverage as coverage
from evals.outcomes import outcome_scores as outcome_scores
from evals.rates import Rate as Rate
from evals.scored import ERROR, Scored
from evals.slices import DIMENSIONS as DIMENSIONS
from evals.slices import SLICE_MINIMUM as SLICE_MINIMUM
from evals.slices import Slice as Slice
from evals.slices import slices as slices


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
        slices: The same by case type, region, channel, language, gold outcome, tier and impact.
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
    return Report(
        n=len(scored),
        graph_versions=tuple(sorted({one.graph_version for one in scored} - {""})),
        window=(min(times), max(times)) if times else None,
        outcomes=outcome_scores(scored),
        confusion=confusion(scored),
        coverage=coverage(scored),
        accuracy=accuracy(scored),
        requests=_ended_in(REQUEST_INFORMATION, scored, "were sent to request information"),
        appropriate=appropriate(scored),
        first_look=first_look(scored),
        escalations=_ended_in(ESCALATE, scored, "were escalated"),
        errors=_ended_in(ERROR, scored, "ended in an error"),
        failures=tuple(
            Failure(case_id=one.gold.case_id, reason=one.reason)
            for one in scored
            if one.predicted == ERROR
        ),
        slices=slices(scored),
        cost=total(one.cost for one in scored),
        currency=next((one.currency for one in scored if one.currency), ""),
        measures=measure_all(scored, metrics, context),
    )


def _ended_in(end: str, scored: Sequence[Scored], words: str) -> Rate:
    return Rate.over(scored, lambda one: (one.predicted == end, 1), f"cases {words}")
