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


def render(report: Report) -> Group:
    """Lay a report out for a terminal: what ran, rates, outcomes, confusion, slices, failures.

    Returns:
        A rich renderable; it holds no colours that carry meaning.
    """
    from rich.console import Group

    return Group(
        _heading(report),
        _rates(report),
        _outcomes(report),
        _confusion(report),
        _slices(report),
        *_failures(report),
    )


def _heading(report: Report) -> Text:
    from rich.text import Text

    versions = ", ".join(report.graph_versions) or "no graph version"
    since, until = report.window or (None, None)
    window = f", as of {since:%Y-%m-%d} to {until:%Y-%m-%d}" if since and until else ""
    cost = f"\nCost: {bill(report.cost, report.currency)}" * bool(report.cost.model_calls)
    told = f"{report.n} gold cases through {versions}{window}; 95% Wilson intervals"
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


def _slices(report: Report) -> Table:
    table = new_table(
        f"Slices; under {SLICE_MINIMUM} cases counts only",
        *("slice", "cases", "decided", "right", "asked", "coverage", "accuracy"),
    )
    for one in report.slices:
        counts = (str(count) for count in (one.n, one.decided, one.right, one.asked))
        rates = (_full(rate) if rate else "" for rate in (one.coverage, one.accuracy))
        table.add_row(plain(f"{one.dimension} {one.value}"), *counts, *rates)
    return table


def _failures(report: Report) -> list[Table]:
    if not report.failures:
        return []
    table = new_table("Errors", "case", "reason")
    for failure in report.failures:
        table.add_row(plain(failure.case_id), plain(failure.reason))
    return [table]


def _value(rate: Rate) -> str:
    return "–" if rate.value is None else f"{rate.value:.3f}"  # noqa: RUF001


def _interval(rate: Rate) -> str:
    return f"{rate.low:.3f} to {rate.high:.3f}"


def _full(rate: Rate) -> str:
    if rate.value is None:
        return f"{_value(rate)} (of 0)"
    return f"{_value(rate)} ({_interval(rate)}; {rate.numerator}/{rate.denominator})"
