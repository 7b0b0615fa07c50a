"""Which rows apply when and where: a row whose clause is not in force is passed over.

So one table is several: one for each span of days and each group of regions in which the same
clauses hold. What is proved of the table must hold of every one that a case can meet.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from graphs.sop import Row, Sop

ELSEWHERE = ""
"""A region that no clause names."""


@dataclass(frozen=True)
class Epoch:
    """A span of days, in some regions, on which the same rows apply.

    Attributes:
        first: Its first day.
        last: Its last day; None for the one that goes on.
        regions: The regions; :data:`ELSEWHERE` stands for all that no clause names.
        rows: The numbers of the rows that apply.
    """

    first: date
    last: date | None
    regions: tuple[str, ...]
    rows: frozenset[int]

    @property
    def told(self) -> str:
        """When and where, in words."""
        days = f"from {self.first} on" if self.last is None else f"of {self.first} to {self.last}"
        if ELSEWHERE not in self.regions:
            return f"{days} in {', '.join(self.regions)}"
        return (
            days
            if len(self.regions) == 1
            else f"{days} in {', '.join(self.regions[1:])} or elsewhere"
        )


def epochs(sop: Sop, *, today: date) -> tuple[Epoch, ...]:
    """The tables that facts of any day so far can meet, the latest first.

    Days before any cited clause was in force are left out: nothing was decided by them.
    """
    cited = {clause for row in sop.rows for clause in row.spec.policy}
    clauses = [one for one in sop.policy.clauses if one.clause_id in cited]
    starts = sorted({one.start for one in clauses if one.start <= today}, reverse=True)
    regions = (ELSEWHERE, *sorted({region for one in clauses for region in one.regions}))
    found: list[Epoch] = []
    last: date | None = None
    for start in starts:
        grouped: dict[frozenset[int], list[str]] = {}
        for region in regions:
            rows = frozenset(row.number for row in sop.rows if _applies(sop, row, start, region))
            grouped.setdefault(rows, []).append(region)
        found += [Epoch(start, last, tuple(group), rows) for rows, group in grouped.items()]
        last = start - timedelta(days=1)
    return tuple(found)


def distinct(found: Iterable[Epoch]) -> tuple[Epoch, ...]:
    """One epoch for each set of rows, the first of each."""
    return tuple({one.rows: one for one in reversed(list(found))}.values())[::-1]


def _applies(sop: Sop, row: Row, day: date, region: str) -> bool:
    on = datetime.combine(day, time(12), UTC)
    return all(sop.policy.in_force(one, on=on, region=region) for one in row.spec.policy)
