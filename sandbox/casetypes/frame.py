"""What every case has, whatever its type: who, where, when, in which language, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle
from typing import Final

import numpy as np

from sandbox.accounts import Sellers
from sandbox.casetypes.apart import Apart
from sandbox.casetypes.base import Slots, Stage
from sandbox.casetypes.table import Cause, CauseTable, Drawn
from sandbox.streams import Bools, Floats, Ints, pick

NEAR_SHARE: Final = 0.2
"""Share of the cases whose facts lie within a tenth of a threshold (handbook 0.7)."""

REPEAT_SHARE: Final = 0.14
_SPANISH: Final = {"US": 0.075, "MX": 0.80}
_CHINESE: Final = 0.93


@dataclass(frozen=True)
class Frame:
    """Frames of a batch of cases as parallel arrays; times in epoch seconds.

    ``seller`` are indices from 0. ``near`` marks the cases whose facts lie close to a threshold.
    """

    slots: Slots
    table: CauseTable
    drawn: Drawn
    seller: Ints
    region: list[str]
    language: list[str]
    channel: list[str]
    near: Bools

    def __len__(self) -> int:
        return len(self.slots)

    @property
    def opened_at(self) -> Ints:
        """When each case opened."""
        return self.slots.opened_at

    @property
    def past(self) -> Bools:
        """Which cases are closed."""
        return np.array([state == "past" for state in self.slots.state], dtype=bool)

    @property
    def fair(self) -> Bools:
        """Whether each party acts in good faith."""
        return np.array([cause.fair for cause in self.table.causes])[self.drawn.cause]

    @property
    def right(self) -> list[str]:
        """The outcome that each case's cause deserves."""
        return [self.cause(case).right for case in range(len(self))]

    def column(self, name: str) -> Bools:
        """Return a drawn yes-or-no column."""
        return self.drawn.columns[name] > 0.5

    def amount(self, name: str) -> Floats:
        """Return a drawn column of numbers."""
        return self.drawn.columns[name]

    def cause(self, case: int) -> Cause:
        """Return the cause of a case, as named in the table before drift."""
        return self.table.causes[int(self.drawn.cause[case])]


def make_frame(
    stage: Stage,
    slots: Slots,
    table: CauseTable,
    channels: Mapping[str, float],
    rng: np.random.Generator,
    *,
    repeat: str | None = None,
    apart: Apart | None = None,
) -> Frame:
    """Draw causes, columns and frames of the cases in ``slots``.

    Args:
        stage: The world so far.
        slots: The cases to fill.
        table: Their causes.
        channels: Weights by channel (handbook, *Channel* of each type).
        rng: Source of randomness.
        repeat: A column that marks sellers with a record; such cases go to a small share of the
            sellers, all others to the rest.
        apart: What the cases must keep away from, where other types plant for the same sellers.
    """
    drawn = table.draw(slots.opened_at, rng)
    count = len(slots)
    marked = drawn.columns[repeat] > 0.5 if repeat else np.zeros(count, dtype=bool)
    seller = assign_sellers(stage.sellers, marked, rng)
    if apart is not None:
        seller = apart.arrange(seller, slots.opened_at, len(stage.sellers))
    return Frame(
        slots=slots,
        table=table,
        drawn=drawn,
        seller=seller,
        region=[stage.sellers.region[i] for i in seller.tolist()],
        language=draw_languages(stage.sellers, seller, rng),
        channel=pick(rng, tuple(channels), tuple(channels.values()), count),
        near=rng.random(count) < NEAR_SHARE,
    )


def assign_sellers(sellers: Sellers, repeat: Bools, rng: np.random.Generator) -> Ints:
    """Give each case a seller, so that cases of one seller lie far apart in time.

    A share of the sellers, spread over the regions, has a record; cases where ``repeat`` holds go
    to them in turn, the others to the rest in turn.
    """
    place = np.zeros(len(sellers))
    marked = np.zeros(len(sellers), dtype=bool)
    for name in sorted(set(sellers.region)):
        inside = rng.permutation([i for i, region in enumerate(sellers.region) if region == name])
        # Places spread each region evenly, so that every stretch of time has the regions' mix.
        place[inside] = (np.arange(len(inside)) + rng.random()) / len(inside)
        marked[rng.permutation(inside)[: max(1, round(REPEAT_SHARE * len(inside)))]] = True
    if not repeat.any():
        marked[:] = False
    order = [int(i) for i in np.argsort(place, kind="stable")]
    pools: dict[bool, Iterator[int]] = {
        flag: cycle([i for i in order if bool(marked[i]) is flag]) for flag in (True, False)
    }
    return np.array([next(pools[flag]) for flag in repeat.tolist()], dtype=np.int64)


def draw_languages(sellers: Sellers, seller: Ints, rng: np.random.Generator) -> list[str]:
    """Language of each party's text: 78% English, 11% Spanish, 11% Chinese (handbook 0.1)."""
    languages: list[str] = []
    for i, draw in zip(seller.tolist(), rng.random(len(seller)).tolist(), strict=True):
        if sellers.home_country[i] == "CN":
            languages.append("zh" if draw < _CHINESE else "en")
        else:
            languages.append("es" if draw < _SPANISH.get(sellers.region[i], 0.0) else "en")
    return languages
