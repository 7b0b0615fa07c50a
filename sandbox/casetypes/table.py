"""Hidden causes of a case type: how often each occurs, and what it makes observable.

Tables are read from the handbook's printed ones. Rates are renormalised, so they need not sum
to one. Columns are independent given the cause, save those that are drawn only where others hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

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


@dataclass(frozen=True)
class Beta:
    """``B(a, b)``: a share from 0 to 1."""

    a: float
    b: float

    def draw(self, rng: np.random.Generator, count: int) -> Floats:
        """Draw ``count`` values."""
        return rng.beta(self.a, self.b, count)


@dataclass(frozen=True)
class Poisson:
    """``P(mean)``: a count."""

    mean: float

    def draw(self, rng: np.random.Generator, count: int) -> Floats:
        """Draw ``count`` values."""
        return rng.poisson(self.mean, count).astype(np.float64)


Cell: TypeAlias = Normal | LogNormal | Chance | Beta | Poisson


def chances(columns: Sequence[str], values: Sequence[float]) -> dict[str, Cell]:
    """The cells of yes-or-no columns, one probability a column."""
    return {name: Chance(p) for name, p in zip(columns, values, strict=True)}


@dataclass(frozen=True)
class Cause:
    """One row of a cause table.

    ``fair`` says whether the party acts in good faith; it sets how often its text tries to
    instruct whoever decides. ``looks`` marks the hard ones: honest but looks bad, dishonest but
    looks clean.
    """

    name: str
    rate: float
    right: str
    fair: bool
    cells: Mapping[str, Cell]
    looks: Literal["bad", "clean"] | None = None


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
    """The causes of one case type and how they drift.

    ``given`` names the columns that are drawn only where others hold, and are false elsewhere:
    ``{"x": ("y", "!z")}`` draws x where y holds and z does not. They stand after those they name.
    ``read`` names the columns that somebody has to read from texts, ``unnoted`` those that no
    reviewer writes down.
    """

    causes: tuple[Cause, ...]
    drifts: tuple[Drift, ...] = ()
    given: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    read: tuple[str, ...] = ()
    unnoted: tuple[str, ...] = ()

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
        for name in self.columns:
            for other in self.given.get(name, ()):
                holds = columns[other.removeprefix("!")] > 0.5
                columns[name] *= ~holds if other.startswith("!") else holds
        return Drawn(cause, columns)

    def flags(self) -> tuple[str, ...]:
        """Names of the yes-or-no columns, in order."""
        cells = self.causes[0].cells.items()
        return tuple(name for name, cell in cells if isinstance(cell, Chance))

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
