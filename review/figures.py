"""Figures per reviewer: how they work, for those who lead them and for nobody else.

A figure is a reason to look, never a verdict: who gets the hard cases overrides more often.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from casewright.base import Model, Moment
from casewright.intervals import wilson
from casewright.store import Store
from casewright.store.figures import Looked, Read, Sitting

UNREAD_S: Final = 20
"""An approval in less time on a case with more than ``UNREAD_CLAIMS`` claims counts as unread
(handbook 12)."""
UNREAD_CLAIMS: Final = 5
OVERRIDES: Final = frozenset({"edit", "reject"})


class Share(Model):
    """A proportion with Wilson's 95% interval.

    Attributes:
        hits: What counted.
        n: Out of what.
        value: Their ratio; None with nothing to count.
        low: Lower end.
        high: Upper end.
    """

    hits: int
    n: int
    value: float | None
    low: float
    high: float

    @classmethod
    def of(cls, counted: Iterable[bool]) -> Share:
        """The share of what is true."""
        found = list(counted)
        hits, n = sum(found), len(found)
        low, high = wilson(hits, n)
        return cls(hits=hits, n=n, value=hits / n if n else None, low=low, high=high)


class ReviewerFigures(Model):
    """How one reviewer works, or all of them together.

    Attributes:
        reviewer: Who; empty: everybody.
        cases: Different cases that they acted on.
        acts: How often they did what.
        overrides: Edits and rejections, of all acts.
        seconds_median: Time on a case up to an act: from the first time that they were shown it,
            with gaps between two events cut at five minutes. None without any.
        seconds_p90: Its 90th percentile.
        unread: Approvals under 20 seconds, of those with more than five claims.
        citations: Citations followed for an act, on average; None without any.
        missed: Checks that they approved, of all that they acted on.
        first_reads: First reads that came to what was proposed.
        moved: Of first reads that differed and were acted on, those that then approved the
            proposal: minds changed towards it.
        second_readers: Their decisions with which second readers agree.
        codes: How often they gave each reason code.
    """

    reviewer: str = ""
    cases: int
    acts: Mapping[str, int]
    overrides: Share
    seconds_median: float | None
    seconds_p90: float | None
    unread: Share
    citations: float | None
    missed: Share
    first_reads: Share
    moved: Share
    second_readers: Share
    codes: Mapping[str, int]


class Figures(Model):
    """Figures since a moment: everybody together, then each reviewer by name."""

    since: Moment
    everybody: ReviewerFigures
    reviewers: tuple[ReviewerFigures, ...]


@dataclass(frozen=True)
class _Counted:
    sittings: Sequence[Sitting]
    codes: Mapping[tuple[str, str], int]
    reads: Sequence[Read]
    looked: Sequence[Looked]
    checks: Mapping[tuple[str, str], int]

    def names(self) -> list[str]:
        found = {one.reviewer for one in self.sittings} | {one.reviewer for one in self.reads}
        found |= {one.reviewer for one in self.looked} | {who for who, _ in self.checks}
        return sorted(found)


async def figures(store: Store, since: datetime) -> Figures:
    """Count the figures of all reviewers since a moment."""
    table = store.figures
    counted = _Counted(
        await table.sittings(since),
        await table.codes(since),
        await table.reads(since),
        await table.looked(since),
        await table.checks(since),
    )
    each = tuple(_of(counted, name) for name in counted.names())
    return Figures(since=since, everybody=_of(counted, ""), reviewers=each)


def _of(counted: _Counted, name: str) -> ReviewerFigures:
    def mine(who: str) -> bool:
        return name in ("", who)

    sat = [one for one in counted.sittings if mine(one.reviewer)]
    read = [one for one in counted.reads if mine(one.reviewer)]
    looked = [one for one in counted.looked if mine(one.reviewer)]
    codes: Counter[str] = Counter()
    for (who, code), number in counted.codes.items():
        codes[code] += number if mine(who) else 0
    times = sorted(one.seconds for one in sat)
    return ReviewerFigures(
        reviewer=name,
        cases=len({one.case_id for one in sat}),
        acts=dict(sorted(Counter(one.act for one in sat).items())),
        overrides=Share.of(one.act in OVERRIDES for one in sat),
        seconds_median=_percentile(times, 0.5),
        seconds_p90=_percentile(times, 0.9),
        unread=Share.of(one.seconds < UNREAD_S for one in sat if _long(one)),
        citations=sum(one.citations for one in sat) / len(sat) if sat else None,
        missed=Share.of(_missed(counted.checks, mine)),
        first_reads=Share.of(one.outcome == one.proposed for one in read),
        moved=Share.of(one.act == "approve" for one in read if _differed(one)),
        second_readers=Share.of(one.decided == one.second for one in looked),
        codes={code: number for code, number in sorted(codes.items()) if number},
    )


def _long(one: Sitting) -> bool:
    return one.act == "approve" and one.claims > UNREAD_CLAIMS


def _differed(one: Read) -> bool:
    return one.outcome != one.proposed and one.act in ("approve", "edit")


def _missed(checks: Mapping[tuple[str, str], int], mine: Callable[[str], bool]) -> list[bool]:
    return [
        status == "missed"
        for (who, status), number in checks.items()
        if mine(who)
        for _ in range(number)
    ]


def _percentile(values: Sequence[float], share: float) -> float | None:
    """The percentile of sorted values, between two of them by a straight line."""
    if not values:
        return None
    place = share * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (place - low) * (values[high] - values[low])
