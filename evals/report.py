"""A report for people. Programs take ``report.model_dump(mode="json")``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casewright.bill import bill
from evals.metrics import SLICE_MINIMUM, Rate, Report
from evals.tables import new_table, plain

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    from evals.measures import Measure

NONE = "–"  # noqa: RUF001


def render(report: Report) -> Group:
    """Lay a report out for a terminal.

    What ran, rates, outcomes, confusion, what the metrics say, slices and failures.

    Returns:
        A rich renderable; it holds no colours that carry meaning.
    """
    from rich.console import Group

    return Group(
        _heading(report),
        _rates(report),
        _outcomes(report),
        _confusion(report),
        *_measures(report),
        *_abnormal(report),
        _slices(report),
        *_failures(report),
    )


def _heading(report: Report) -> Text:
    from rich.text import Text

    versions = ", ".join(report.graph_versions) or "no graph version"
    since, until = report.window or (None, None)
    window = f", as of {since:%Y-%m-%d} to {until:%Y-%m-%d}" if since and until else ""
    cost = f"\nCost: {bill(report.cost, report.currency)}" * bool(report.cost.model_calls)
    told = f"{report.n} gold cases through {versions}{window}; 95% intervals by seller"
    return Text(f"{told}{cost}\n")


def _rates(report: Report) -> Table:
    table = new_table("", "measure", "rate", "95% interval", "in words")
    for name in (
        "coverage",
        "accuracy",
        "first_look",
        "requests",
        "appropriate",
        "escalations",
        "errors",
    ):
        rate: Rate = getattr(report, name)
        table.add_row(name.replace("_", " "), _value(rate), _interval(rate), plain(rate.reason))
    return table


def _outcomes(report: Report) -> Table:
    table = new_table("Outcomes", "outcome", "precision", "recall", "F1", "gold", "asked rightly")
    for one in report.outcomes:
        table.add_row(
            plain(one.outcome),
            *(_full(rate) for rate in (one.precision, one.recall, one.f1)),
            str(one.support),
            str(one.asked_rightly),
        )
    return table


def _confusion(report: Report) -> Table:
    columns = next(iter(report.confusion.values()), {})
    table = new_table("Gold (rows) against predicted (columns)", "gold", *columns)
    for gold, cells in report.confusion.items():
        table.add_row(plain(gold), *(str(count) if count else "·" for count in cells.values()))
    return table


def _measures(report: Report) -> list[Table]:
    if not report.measures:
        return []
    table = new_table("Metrics", "metric", "value", "95% interval", "of", "in words")
    for one in report.measures:
        count = str(one.n) if one.n else ""
        table.add_row(
            plain(one.name), amount(one), interval(one.low, one.high), count, plain(one.reason)
        )
    return [table]


def _abnormal(report: Report) -> list[Table]:
    """The slices that a reader must not miss."""
    found = [(part, one) for part in report.slices for one in part.against if one.abnormal]
    if not found:
        return []
    table = new_table(
        "Abnormal: at least five points worse than all other cases, Holm's p at most 0.05",
        *("slice", "measure", "here", "elsewhere", "points", "p"),
    )
    for part, one in found:
        here = part.accuracy if one.measure == "accuracy" else part.first_look
        cells = (_full(here) if here else "", _full(one.rest))
        points = f"{100 * (one.difference or 0):+.1f}"
        name = plain(f"{part.dimension} {part.value}")
        table.add_row(name, one.measure, *cells, points, f"{one.p_holm:.4f}")
    return [table]


def _slices(report: Report) -> Table:
    table = new_table(
        f"Slices; under {SLICE_MINIMUM} cases counts only",
        *("slice", "cases", "decided", "right", "asked", "coverage", "accuracy", "first look"),
    )
    for one in report.slices:
        counts = (str(count) for count in (one.n, one.decided, one.right, one.asked))
        rates = (one.coverage, one.accuracy, one.first_look)
        told = (_short(rate) if rate else "" for rate in rates)
        table.add_row(plain(f"{one.dimension} {one.value}"), *counts, *told)
    return table


def _failures(report: Report) -> list[Table]:
    if not report.failures:
        return []
    table = new_table("Errors", "case", "reason")
    for failure in report.failures:
        table.add_row(plain(failure.case_id), plain(failure.reason))
    return [table]


def amount(measure: Measure) -> str:
    """A measure's value with its unit, or a dash."""
    if measure.value is None:
        return NONE
    return f"{_number(measure.value)} {measure.unit}".rstrip()


def interval(low: float | None, high: float | None) -> str:
    """Both ends of an interval; empty where there is none."""
    return "" if low is None or high is None else f"{_number(low)} to {_number(high)}"


def _number(value: float) -> str:
    """Three decimals, or four digits of what is smaller or larger."""
    return f"{value:.3f}" if value == 0 or 0.01 <= abs(value) < 1000 else f"{value:,.4g}"


def _value(rate: Rate) -> str:
    return NONE if rate.value is None else f"{rate.value:.3f}"


def _interval(rate: Rate) -> str:
    return f"{rate.low:.3f} to {rate.high:.3f}"


def _short(rate: Rate) -> str:
    return _value(rate) if rate.value is None else f"{_value(rate)} ({_interval(rate)})"


def _full(rate: Rate) -> str:
    if rate.value is None:
        return f"{_value(rate)} (of 0)"
    return f"{_value(rate)} ({_interval(rate)}; {rate.numerator}/{rate.denominator})"
