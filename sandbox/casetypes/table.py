"""Hidden causes of a case type: how often each occurs, and what it makes observable.

Tables are read from the handbook's printed ones. Rates are renormalised, so they need not sum
to one. Columns are independent given the cause.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from sandbox.streams import Floats, Ints


@dataclass(frozen=True)
class Normal:
    """``N(mean, deviation)``."""

    mean: float
    deviation: float

    def draw(self, rng: np.random.Generator, count: int) -> Floats:
        """Draw ``count`` values."""
        return rng.normal(self.mean, self.deviation, count)


@dataclass(frozen=True)
class LogNormal:
    """``LN(median, sigma)``."""

    median: float
    sigma: float

    def draw(self, rng: np.random.Generator, count: int) -> Floats:
        """Draw ``count`` values."""
        return self.median * np.exp(self.sigma * rng.standard_normal(count))


@dataclass(frozen=True)
class Chance:
    """True with probability ``p``; drawn as 0.0 or 1.0."""

    p: float

    def draw(self, rng: np.random.Generator, count: int) -> Floats:
        """Draw ``count`` values."""
        return (rng.random(count) < self.p).astype(np.float64)


Cell: TypeAlias = Normal | LogNormal | Chance


@dataclass(frozen=True)
class Cause:
    """One row of a cause table.

    ``fair`` says whether the party acts in good faith; it sets how often its text tries to
    instruct whoever decides.
    """

    name: str
    rate: float
    right: str
    fair: bool
    cells: Mapping[str, Cell]


@dataclass(frozen=True)
class Drift:
    """What changes at ``since``: new rates by cause, new cells by (cause, column)."""

    since: int
    rates: Mapping[str, float]
    cells: Mapping[tuple[str, str], Cell]


@dataclass(frozen=True)
class Drawn:
    """Causes and columns of a batch of cases; ``cause`` indexes the table's causes."""

    cause: Ints
    columns: Mapping[str, Floats]


@dataclass(frozen=True)
class CauseTable:
    """The causes of one case type and how they drift."""

    causes: tuple[Cause, ...]
    drifts: tuple[Drift, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(self.causes[0].cells)

    def at(self, second: int) -> tuple[Cause, ...]:
        """Return the causes as they are at an epoch second."""
        causes = self.causes
        for drift in self.drifts:
            if drift.since <= second:
                causes = tuple(_drifted(cause, drift) for cause in causes)
        return causes

    def draw(self, opened_at: Ints, rng: np.random.Generator) -> Drawn:
        """Draw cause and columns of cases opened at the given epoch seconds."""
        count = len(opened_at)
        cause = np.zeros(count, dtype=np.int64)
        columns = {name: np.zeros(count) for name in self.columns}
        edges = np.array([drift.since for drift in self.drifts])
        era = np.searchsorted(edges, opened_at, side="right")
        for number in range(len(self.drifts) + 1):
            causes = self.at(int(edges[number - 1]) if number else 0)
            self._draw_era(causes, np.flatnonzero(era == number), cause, columns, rng)
        return Drawn(cause, columns)

    def _draw_era(
        self,
        causes: tuple[Cause, ...],
        cases: Ints,
        cause: Ints,
        columns: Mapping[str, Floats],
        rng: np.random.Generator,
    ) -> None:
        rates = np.array([each.rate for each in causes])
        cause[cases] = rng.choice(len(causes), size=len(cases), p=rates / rates.sum())
        for number, each in enumerate(causes):
            rows = cases[cause[cases] == number]
            for name, cell in each.cells.items():
                columns[name][rows] = cell.draw(rng, len(rows))


def _drifted(cause: Cause, drift: Drift) -> Cause:
    changed = {column: cell for (name, column), cell in drift.cells.items() if name == cause.name}
    return replace(
        cause,
        rate=drift.rates.get(cause.name, cause.rate),
        cells={name: changed.get(name, cell) for name, cell in cause.cells.items()},
    )
