"""Keeps the cases of one type away from what other types have planted for the same seller."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sandbox.streams import Bools, Ints


@dataclass(frozen=True)
class Apart:
    """Events that a case must keep away from, as parallel arrays of seller index and instant.

    No event of a case's seller may lie from ``before`` seconds before the case opens to ``after``
    seconds after it, as far as there are sellers enough; otherwise those of least ``harm`` do.
    """

    seller: Ints
    at: Ints
    harm: Ints
    before: int
    after: int

    @classmethod
    def of(cls, rows: Sequence[tuple[int, int, int]], before: int, after: int) -> Apart:
        """Return the events given as rows of seller index, instant and harm."""
        found = np.array(rows, dtype=np.int64).reshape(-1, 3)
        return cls(found[:, 0], found[:, 1], found[:, 2], before, after)

    def arrange(self, seller: Ints, opened_at: Ints, sellers: int) -> Ints:
        """Give cases other sellers where theirs is in the way, and no seller twice.

        Where that is not possible for all, some keep a seller of whom another type has something.

        Args:
            seller: The seller of each case, an index from 0.
            opened_at: When each case opens.
            sellers: How many sellers there are.
        """
        harm = self._harm(opened_at, sellers)
        free, case_of = harm == 0, dict[int, int]()
        for case in np.argsort(free.sum(axis=1), kind="stable").tolist():
            first = [int(seller[case])] if free[case, seller[case]] else []
            _seat(case, free, case_of, first)
        arranged, left = seller.copy(), sorted(set(range(sellers)) - set(case_of))
        seated = {case: who for who, case in case_of.items()}
        for case in range(len(seller)):
            if case in seated:
                arranged[case] = seated[case]
            elif left:
                arranged[case] = left.pop(int(np.argmin(harm[case, left])))
        return arranged

    def _harm(self, opened_at: Ints, sellers: int) -> Ints:
        """What stands in the way of each case (row) at each seller (column)."""
        harm = np.zeros((len(opened_at), sellers), dtype=np.int64)
        for who in np.unique(self.seller[self.seller < sellers]).tolist():
            mine = np.flatnonzero(self.seller == who)
            at = self.at[mine][:, None]
            near = (at >= opened_at - self.before) & (at <= opened_at + self.after)
            harm[:, who] = (near * self.harm[mine][:, None]).sum(axis=0)
        return harm


def _seat(case: int, free: Bools, case_of: dict[int, int], first: list[int]) -> None:
    """Find ``case`` a seller, moving others on where needed (augmenting paths, breadth first)."""
    came: dict[int, tuple[int, int | None]] = {}
    queue: list[tuple[int, int | None]] = [(case, None)]
    while queue:
        mover, behind = queue.pop(0)
        options = [*(first if mover == case else []), *np.flatnonzero(free[mover]).tolist()]
        for who in options:
            if who in came:
                continue
            came[who] = (mover, behind)
            if who not in case_of:
                _move(who, came, case_of)
                return
            queue.append((case_of[who], who))


def _move(who: int, came: dict[int, tuple[int, int | None]], case_of: dict[int, int]) -> None:
    """Let everybody on the path take the seller that was found for them."""
    place: int | None = who
    while place is not None:
        case_of[place], place = came[place]
