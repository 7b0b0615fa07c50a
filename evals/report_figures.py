"""Tables of what a report of a graph version measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from casewright.bill import UNIT, bill
from casewright.cost import Cost
from evals.attribution import wrong
from evals.comparison import Comparison
from evals.measures import Measure
from evals.metrics import SLICE_MINIMUM, Report, Slice
from evals.outcomes import OutcomeScore
from evals.rates import Rate
from evals.report_table import (
    DASH,
    Cell,
    Row,
    Table,
    count,
    ends,
    figure,
    part_name,
    rated,
    share,
    spent,
    table,
)
from evals.scored import Scored
from evals.slices import Against
from evals.verdict import points

RATES = ("coverage", "accuracy", "first_look", "requests", "appropriate", "escalations", "errors")


def precisions(report: Report) -> Table:
    """Precision by outcome with its lower bound: what is promised, at the least."""
    rows = (
        (
            one.outcome,
            share(one.precision.value),
            Cell(figure(one.precision.low), one.precision.low),
            Cell(_counts(one.precision), one.precision.denominator),
        )
        for one in report.outcomes
    )
    columns = ("outcome", "#precision", "#lower end (95%)", "#right of decided so")
    return table("precision", "Precision of each outcome", columns, rows)


def _counts(rate: Rate) -> str:
    return f"{rate.numerator:,} of {rate.denominator:,}"


def outcomes(report: Report) -> Table:
    """Precision, recall and F1 by outcome."""
    columns = ("outcome", "#precision", "#recall", "#F1", "#gold cases", "#asked rightly")
    caption = "Precision, recall and F1 with 95% intervals"
    return table("outcomes-table", caption, columns, map(_outcome_row, report.outcomes))


def _outcome_row(one: OutcomeScore) -> Row:
    rates = (rated(rate) for rate in (one.precision, one.recall, one.f1))
    return (one.outcome, *rates, count(one.support), count(one.asked_rightly))


def confusion(report: Report, scored: Iterable[Scored]) -> Table:
    """Gold in rows, what came out in columns; a cell says how many of its cases are wrong."""
    bad = Counter((one.gold.outcome, one.predicted) for one in scored if wrong(one))
    predicted = next(iter(report.confusion.values()), {})
    rows: list[Row] = [
        (gold, *(_cell(number, bad[gold, said]) for said, number in cells.items()))
        for gold, cells in report.confusion.items()
    ]
    caption = "Gold (rows) against what came out (columns), and how many of these are wrong"
    return table("confusion-table", caption, ("gold", *(f"#{one}" for one in predicted)), rows)


def _cell(number: int, bad: int) -> Cell:
    if not bad:
        return Cell(f"{number:,}" if number else "·", number, mark="good" if number else "")
    told = "wrong" if bad == number else f"{bad:,} wrong"
    return Cell(f"{number:,} ({told})", number, mark="bad")


def rates(report: Report) -> Table:
    """What became of all cases, in words as well."""
    rows = []
    for name in RATES:
        rate: Rate = getattr(report, name)
        interval = Cell(ends(rate.low, rate.high), rate.low)
        rows.append((name.replace("_", " "), share(rate.value), interval, rate.reason))
    return table("rates", "Rates", ("measure", "#rate", "#95% interval", "in words"), rows)


def slices(report: Report, compared: Comparison | None) -> Table:
    """Parts of the cases, those first that lag behind the champion or the rest."""
    named = {(one.dimension, one.value): one.named for one in (compared.parts if compared else ())}
    flagged = [(one, named.get((one.dimension, one.value), "")) for one in report.slices]
    rows = (_slice_row(*one) for one in sorted(flagged, key=lambda one: _rank(*one)))
    columns = (
        *("slice", "flag", "#cases", "#decided", "#right of these", "#asked"),
        *("#coverage", "#accuracy", "#first look"),
    )
    caption = f"Slices; under {SLICE_MINIMUM} cases counts only"
    return table("slices-table", caption, columns, rows)


def lagging(report: Report) -> tuple[str, ...]:
    """The slices that do worse than the rest of the cases."""
    return tuple(part_name(one) for one in report.slices if one.abnormal)


def _rank(one: Slice, named: str) -> int:
    if named == "worse":
        return 0
    return 1 if one.abnormal else 2 if named else 3


def _slice_row(one: Slice, named: str) -> Row:
    flags = ["worse than the champion"] * (named == "worse")
    flags += [_behind(found) for found in one.against if found.abnormal]
    mark = "bad" if flags else ""
    return (
        part_name(one),
        Cell("; ".join(flags) or named, mark=mark),
        *(count(number) for number in (one.n, one.decided, one.right, one.asked)),
        *(rated(rate) for rate in (one.coverage, one.accuracy, one.first_look)),
    )


def _behind(found: Against) -> str:
    told = f"{found.measure} {points(found.difference)} points beside the rest"
    return f"{told} (p = {found.p_holm:.2g})"


def measures(found: Sequence[Measure]) -> Table:
    """What the registered metrics say."""
    rows = (
        (
            one.name.replace("_", " "),
            Cell(_value(one), -1.0 if one.value is None else one.value),
            _interval(one),
            count(one.n),
            one.reason,
        )
        for one in found
    )
    columns = ("metric", "#value", "#95% interval", "#rests on", "in words")
    return table("measures-table", "What each metric says", columns, rows)


def _value(one: Measure) -> str:
    if one.value is None:
        return DASH
    return f"{one.value:,.3f} {one.unit}".rstrip()


def _interval(one: Measure) -> Cell:
    if one.low is None or one.high is None:
        return Cell("", -1.0)
    return Cell(f"{one.low:,.3f} to {one.high:,.3f}", one.low)


def parts(found: Sequence[Measure]) -> Iterator[Table]:
    """What lies within the measures that have parts: bins, points, shares."""
    for number, one in enumerate(found):
        if one.parts:
            rows = (
                (
                    part.name,
                    share(part.at),
                    share(part.value),
                    Cell(ends(part.low, part.high), -1.0 if part.low is None else part.low),
                    count(part.n),
                )
                for part in one.parts
            )
            columns = ("part", "#at", "#value", "#95% interval", "#rests on")
            name = one.name.replace("_", " ")
            yield table(f"parts-{number}", f"Parts of {name}", columns, rows)


def costs(scored: Sequence[Scored], report: Report) -> Table:
    """What the model calls and the time of all cases came to, and of a middling and a dear one."""
    rows: list[Row] = [_cost_row("all cases", report.cost, report.currency)]
    for name, wanted in (("median case", 0.5), ("95 of 100 cases use at most", 0.95)):
        rows.append(_quantile_row(name, [one.cost for one in scored], wanted, report.currency))
    columns = ("", "#model calls", "#tokens in", "#tokens out", "#money")
    return table("cost-table", "What model calls used", columns, rows)


def _cost_row(name: str, cost: Cost, currency: str) -> Row:
    numbers = (cost.model_calls, cost.tokens_in, cost.tokens_out)
    return (name, *(count(number) for number in numbers), spent(cost, currency))


def _quantile_row(name: str, costs: Sequence[Cost], wanted: float, currency: str) -> Row:
    """The nearest-rank quantile of each figure by itself."""
    numbers = [
        _quantile([getattr(one, field) for one in costs], wanted)
        for field in ("model_calls", "tokens_in", "tokens_out", "micros")
    ]
    money = Cell(f"{numbers[3] / UNIT:,.6f} {currency}".rstrip(), numbers[3])
    return (name, *(count(number) for number in numbers[:3]), money)


def _quantile(values: Sequence[int], wanted: float) -> int:
    ordered = sorted(values)
    return ordered[max(0, -int(-wanted * len(ordered) // 1) - 1)] if ordered else 0


def billed(report: Report) -> str:
    """What the model calls of all cases came to, in one line."""
    return bill(report.cost, report.currency)
