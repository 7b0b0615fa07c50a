"""Keeps the cases of one type away from what other types have planted for the same seller."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sandbox.streams import Ints


@dataclass(frozen=True)
class Apart:
    """Events that a case must keep away from, as parallel arrays of seller index and instant.

    No event of a case's seller may lie from ``before`` seconds before the case opens to ``after``
    seconds after it, as far as there are sellers enough.
    """

    seller: Ints
    at: Ints
    before: int
    after: int

    @classmethod
    def of(cls, rows: Sequence[tuple[int, int]], before: int, after: int) -> Apart:
        """Return the events given as rows of seller index and instant."""
        found = np.array(rows, dtype=np.int64).reshape(-1, 2)
        return cls(found[:, 0], found[:, 1], before, after)

    def arrange(self, seller: Ints, opened_at: Ints, sellers: int) -> Ints:
        """Give cases other sellers where theirs is in the way.

        Args:
            seller: The seller of each case, an index from 0.
            opened_at: When each case opens.
            sellers: How many sellers there are.
        """
        at = [np.sort(self.at[self.seller == number]) for number in range(sellers)]

        def free(who: int, second: int) -> bool:
            first = np.searchsorted(at[who], second - self.before)
            return bool(first == np.searchsorted(at[who], second + self.after, side="right"))

        arranged, times = seller.tolist(), opened_at.tolist()
        spare = sorted(set(range(sellers)) - set(arranged))
        for case, second in enumerate(times):
            if not free(arranged[case], second):
                _exchange(arranged, times, spare, case, free)
        return np.array(arranged, dtype=np.int64)


def _exchange(
    arranged: list[int],
    times: Sequence[int],
    spare: list[int],
    case: int,
    free: Callable[[int, int], bool],
) -> None:
    """Let ``case`` take a spare seller, or change with another case, where both are free."""
    mine, second = arranged[case], times[case]
    for place, who in enumerate(spare):
        if free(who, second):
            arranged[case], spare[place] = who, mine
            return
    for other, who in enumerate(arranged):
        if free(who, second) and free(mine, times[other]):
            arranged[case], arranged[other] = who, mine
            return
