"""The plots of a page, each with words for who does not see it, or why it is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from casewright.bill import UNIT
from evals import plots
from evals.measures import Measure
from evals.metrics import Report
from evals.rates import Rate
from evals.scored import Scored

RELIABILITY = "calibration error"
"""The metric whose parts are the bins of a reliability diagram."""
RISK = "risk-coverage area"
"""The metric whose parts are the points of a risk-coverage curve."""
SHOWN = 24
"""Outcomes in the plot; the table has them all."""


@dataclass(frozen=True)
class Plot:
    """A plot, or why there is none.

    Attributes:
        title: What it shows.
        svg: The plot as SVG, or empty.
        words: What it says, for who does not see it; without a plot, why it is left out.
    """

    title: str
    svg: str
    words: str


def forest(report: Report) -> Plot:
    """Precision and recall of the outcomes with their intervals."""
    title = "Precision and recall with 95% intervals"
    scores = report.outcomes[:SHOWN]
    precision = [_interval(one.outcome, one.precision) for one in scores]
    recall = [_interval(one.outcome, one.recall) for one in scores]
    groups = [("precision", [*filter(None, precision)]), ("recall", [*filter(None, recall)])]
    if not any(found for _, found in groups):
        return Plot(title, "", "Nothing was decided, and no gold outcome could be found.")
    told = "The table beside it holds the same figures"
    more = f"; {len(report.outcomes) - SHOWN} further outcomes stand there only"
    words = f"{told}{more if len(report.outcomes) > SHOWN else ''}."
    return Plot(title, plots.forest(groups, "forest"), words)


def _interval(outcome: str, rate: Rate) -> plots.Interval | None:
    if rate.value is None:
        return None
    return plots.Interval(outcome, rate.value, rate.low, rate.high)


def reliability(measures: Sequence[Measure]) -> Plot:
    """How often decisions were right, by the confidence that they had."""
    title = "Reliability: right of the decisions, by their confidence"
    found = _named(measures, RELIABILITY)
    bins = [
        plots.Bin(
            part.at, part.value, part.low or 0.0, 1.0 if part.high is None else part.high, part.n
        )
        for part in (found.parts if found else ())
        if part.at is not None and part.value is not None
    ]
    if not bins:
        return Plot(title, "", _lacking(found))
    told = (f"{one.confidence:.2f}: {one.right:.2f} right of {one.n}" for one in bins)
    words = f"By mean confidence of each bin: {'; '.join(told)}."
    return Plot(title, plots.reliability(bins, "reliability"), words)


def risk_coverage(measures: Sequence[Measure]) -> Plot:
    """How many of the surest decisions are wrong, by how many are taken."""
    title = "Risk and coverage: wrong of the surest decisions"
    found = _named(measures, RISK)
    points = [
        plots.Risk(part.at, part.value)
        for part in (found.parts if found else ())
        if part.at is not None and part.value is not None
    ]
    if not points:
        return Plot(title, "", _lacking(found))
    last = points[-1]
    reason = f"{found.reason}. " if found else ""
    words = f"{reason}With {last.coverage:.0%} taken {last.risk:.3f} are wrong."
    return Plot(title, plots.risk_coverage(points, "risk"), words)


def spending(scored: Sequence[Scored], report: Report) -> Plot:
    """What one case cost: money where its price is known, else tokens."""
    title = "Cost of one case"
    if not report.cost.model_calls:
        return Plot(title, "", "No model call was made: the cases cost no tokens and no money.")
    priced = not report.cost.unpriced and report.cost.micros > 0
    used = [
        one.cost.micros / UNIT if priced else one.cost.tokens_in + one.cost.tokens_out
        for one in scored
    ]
    unit = (report.currency or "money") if priced else "tokens"
    words = f"One case cost {max(used):,.6g} {unit} at most, all together {sum(used):,.6g}."
    return Plot(title, plots.spending(used, unit, "spending"), words)


def _named(measures: Sequence[Measure], name: str) -> Measure | None:
    return next((one for one in measures if one.name == name), None)


def _lacking(found: Measure | None) -> str:
    if found is None:
        return "Left out: the metric that it is drawn from is not registered."
    return f"Left out: {found.reason}."
