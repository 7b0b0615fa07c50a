"""How large a world is, and how its cases spread over types, states and time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Size = Literal["small", "default", "large"]

OPEN_SHARE: Final = 0.1
GOLD_SHARE: Final = 0.4


@dataclass(frozen=True)
class Scale:
    """Counts of a world of one size (handbook 11); ``cases`` is over all ten types.

    ``orders`` counts those placed up to the start of the world clock.
    """

    sellers: int
    buyers: int
    orders: int
    cases: int

    def past(self, share: float) -> int:
        """Return how many closed cases a type with this share of the mix has."""
        return round(self.cases * share)

    def open(self, share: float) -> int:
        """Return how many open cases the inbox lists for such a type."""
        return round(self.cases * share * OPEN_SHARE)

    def gold(self, share: float) -> int:
        """Return how many gold cases such a type has."""
        return round(self.cases * share * GOLD_SHARE)


SCALES: Final[dict[Size, Scale]] = {
    "small": Scale(sellers=120, buyers=4_000, orders=25_000, cases=600),
    "default": Scale(sellers=1_200, buyers=40_000, orders=250_000, cases=6_000),
    "large": Scale(sellers=12_000, buyers=400_000, orders=2_500_000, cases=60_000),
}
