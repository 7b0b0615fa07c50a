"""Tables of a page: plain values, which the template lays out and escapes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from casewright.bill import money
from casewright.cost import Cost
from casewright.models import Money, Value
from evals.comparison import PartCompared
from evals.rates import Rate
from evals.slices import Slice

DASH = "–"  # noqa: RUF001 (it stands for no number)


@dataclass(frozen=True)
class Cell:
    """One cell.

    Attributes:
        text: What it shows.
        key: The number it is sorted by; None: its text.
        href: Where it leads within the pages of this report, or empty.
        mark: ``bad`` or ``good``, beside a word that says so; or empty.
        code: Whether it is something to be typed.
    """

    text: str
    key: float | None = None
    href: str = ""
    mark: str = ""
    code: bool = False


Row = tuple[Cell | str, ...]
"""Cells, or their texts."""


@dataclass(frozen=True)
class Column:
    """A column: its name, and whether numbers stand in it."""

    name: str
    number: bool = False


@dataclass(frozen=True)
class Table:
    """A table; the first cell of a row names it.

    Attributes:
        name: Its id; unique in the page.
        caption: What it shows.
        columns: Its columns.
        rows: Its rows, as many cells in each as there are columns.
    """

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


def table(name: str, caption: str, columns: Iterable[str], rows: Iterable[Row]) -> Table:
    """Make a table.

    Args:
        name: Its id.
        caption: What it shows.
        columns: Their names; ``#`` in front: numbers stand in it.
        rows: Its rows.
    """
    return Table(
        name,
        caption,
        tuple(Column(one.removeprefix("#"), one.startswith("#")) for one in columns),
        tuple(tuple(one if isinstance(one, Cell) else Cell(one) for one in row) for row in rows),
    )


def count(number: int) -> Cell:
    """A whole number."""
    return Cell(f"{number:,}", number)


def share(value: float | None) -> Cell:
    """A share or index with three digits, or a dash."""
    return Cell(figure(value), -1.0 if value is None else value)


def figure(value: float | None) -> str:
    """Three digits, or a dash where there is nothing."""
    return DASH if value is None else f"{value:.3f}"


def rated(rate: Rate | None) -> Cell:
    """A rate with its interval and its counts."""
    if rate is None:
        return Cell("", -2.0)
    told = f" ({ends(rate.low, rate.high)}; {rate.numerator:,}/{rate.denominator:,})"
    shown = told if rate.value is not None else " (of 0)"
    return Cell(figure(rate.value) + shown, -1.0 if rate.value is None else rate.value)


def ends(low: float | None, high: float | None) -> str:
    """An interval, or nothing where there is none."""
    return "" if low is None or high is None else f"{low:.3f} to {high:.3f}"


def amount(stake: Money | None) -> Cell:
    """A sum in its own currency."""
    if stake is None:
        return Cell(DASH, -1.0)
    return Cell(f"{stake.cents / 100:,.2f} {stake.currency}", stake.cents)


def amounts(stakes: Iterable[Money]) -> str:
    """Sums of several currencies, which are not added up."""
    return ", ".join(amount(one).text for one in stakes)


def spent(cost: Cost, currency: str) -> Cell:
    """What model calls cost, in money."""
    return Cell(money(cost, currency) if cost.model_calls else "no model call", cost.micros)


def spelt(value: Value | None) -> str:
    """A factor's value in words."""
    from graphs.sentence import spell

    return "unknown" if value is None else spell(value)


def part_name(one: Slice | PartCompared) -> str:
    """What a slice is called: its dimension and its value."""
    return f"{one.dimension.replace('_', ' ')} {one.value}"


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: ``1 case``, ``2 cases``."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
