"""Tables of what a report of a graph version measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from casewright.bill import UNIT, bill
from casewright.cost import Cost
from evals.attribution import wrong
from evals.comparison import Comparison
from evals.measures import Measure
from evals.metrics import SLICE_MINIMUM, Rate, Report, Slice
from evals.report_table import DASH, Cell, Table, count, ends, figure, rated, share, spent, table
from evals.scored import Scored

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
    rows = (
        (
            one.outcome,
            *(rated(rate) for rate in (one.precision, one.recall, one.f1)),
            count(one.support),
            count(one.asked_rightly),
        )
        for one in report.outcomes
    )
    columns = ("outcome", "#precision", "#recall", "#F1", "#gold cases", "#asked rightly")
    return table("outcomes-table", "Precision, recall and F1 with 95% intervals", columns, rows)


def confusion(report: Report, scored: Iterable[Scored]) -> Table:
    """Gold in rows, what came out in columns; a cell says how many of its cases are wrong."""
    bad = Counter((one.gold.outcome, one.predicted) for one in scored if wrong(one))
    predicted = next(iter(report.confusion.values()), {})
    rows = (
        (gold, *(_cell(number, bad[gold, said]) for said, number in cells.items()))
        for gold, cells in report.confusion.items()
    )
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
    """Parts of the cases, those first that the comparison names."""
    named = _named(compared)
    ordered = sorted(report.slices, key=lambda one: _rank(named.get(f"{one.dimension} {one.value}")))
    rows = (_slice_row(one, named.get(f"{one.dimension} {one.value}", "")) for one in ordered)
    columns = (
        *("slice", "flag", "#cases", "#decided", "#right of these", "#asked"),
        *("#coverage", "#accuracy"),
    )
    caption = f"Slices; under {SLICE_MINIMUM} cases counts only"
    return table("slices-table", caption, columns, rows)


def _named(compared: Comparison | None) -> dict[str, str]:
    return {one.name: one.named for one in (compared.parts if compared else ()) if one.named}


def _rank(named: str | None) -> int:
    return {"worse": 0, "not shown": 1}.get(named or "", 2)


def _slice_row(one: Slice, named: str) -> tuple[Cell | str, ...]:
    return (
        f"{one.dimension.replace('_', ' ')} {one.value}",
        Cell(named, mark="bad" if named == "worse" else ""),
        *(count(number) for number in (one.n, one.decided, one.right, one.asked)),
        rated(one.coverage),
        rated(one.accuracy),
    )


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
    rows: list[tuple[Cell | str, ...]] = [_cost_row("all cases", report.cost, report.currency)]
    for name, wanted in (("median case", 0.5), ("95 of 100 cases use at most", 0.95)):
        rows.append(_quantile_row(name, [one.cost for one in scored], wanted, report.currency))
    columns = ("", "#model calls", "#tokens in", "#tokens out", "#money")
    return table("cost-table", "What model calls used", columns, rows)


def _cost_row(name: str, cost: Cost, currency: str) -> tuple[Cell | str, ...]:
    numbers = (cost.model_calls, cost.tokens_in, cost.tokens_out)
    return (name, *(count(number) for number in numbers), spent(cost, currency))


def _quantile_row(
    name: str, costs: Sequence[Cost], wanted: float, currency: str
) -> tuple[Cell | str, ...]:
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
