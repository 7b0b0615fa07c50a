"""Tables of what casewright, its rivals and the handbook's ceilings reach, SOP by SOP.

A case is *decided* when the run named an outcome other than ``request_information`` and
``escalate``. Rates are given of the decided cases and of all, where an undecided one counts as
wrong unless it was to go to a person; a rival always decides, so it is also shown on the cases that
casewright decided. The *first look* is right also where it asked for a record that was withheld.

The handbook's ceilings are those of its columns. The rows that a learner sees hold more than these,
such as the share of reviews within a day of delivery, so a learner may pass a ceiling. The best
rival is the best on the very cases that it is compared on, which favours it.

Intervals are at 95% and clustered by world, since a rival that learned from a world is right or
wrong there in common. Rates: Wilson (1927) on n over the design effect (Kish 1965), which is at
least 1. Differences, on the same cases: the linearised ratio estimator (Cochran 1977, 6.4). Both
take Student's t with as many degrees of freedom as worlds less one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from judged import Judged
from rivals import RIVALS, Predicted, Split, hits

from casewright.intervals import Interval, wilson

Test = Callable[[Judged], bool]


@dataclass(frozen=True)
class Handbook:
    """What the handbook of the simulation prints of a case type, in percent.

    ``ceiling`` and ``table`` hold before the parties change, with every question read rightly and
    nothing withheld; ``kept`` and ``refitted`` are a perfect model's after the second change.
    """

    sop: str
    ceiling: int
    table: str
    kept: int
    refitted: int


HANDBOOK: Mapping[str, Handbook] = {
    "appeal.late_dispatch": Handbook("late_shipment_appeal", 90, "86", 85, 87),
    "fulfilment.fake_shipping": Handbook("fake_shipping", 96, "85", 84, 91),
    "appeal.ip_complaint": Handbook("ip_complaint_appeal", 89, "87", 84, 85),
    "integrity.fake_orders": Handbook("fake_orders", 90, "84", 85, 87),
    "integrity.linked_accounts": Handbook("linked_accounts", 91, "86", 83, 89),
    "aftersales.refund_abuse": Handbook("refund_abuse", 89, "86", 81, 84),
    "payout.hold_release": Handbook("payout_hold_release", 92, "85", 87, 88),
    "identity.kyb": Handbook("business_verification", 96, "97 of 87 decided", 93, 94),
    "product.safety": Handbook("unsafe_product", 91, "84", 84, 86),
    "integrity.reviews": Handbook("review_manipulation", 90, "82", 85, 87),
}


@dataclass(frozen=True)
class Counts:
    """Sums of a figure and numbers of cases, world by world."""

    sums: npt.NDArray[np.float64]
    n: npt.NDArray[np.float64]

    @property
    def value(self) -> float:
        return float(self.sums.sum() / self.n.sum())

    @property
    def error(self) -> float:
        """Standard error of the ratio of the sums, worlds being independent."""
        worlds, residuals = len(self.n), self.sums - self.value * self.n
        return math.sqrt(worlds / (worlds - 1) * float((residuals**2).sum())) / float(self.n.sum())

    @property
    def quantile(self) -> float:
        from scipy.stats import t

        return float(t.ppf(0.975, len(self.n) - 1))


def counts(cases: Sequence[Judged], figure: Callable[[Judged], float]) -> Counts:
    """A figure of cases, summed world by world."""
    worlds = sorted({one.world for one in cases})
    mine = [[figure(one) for one in cases if one.world == world] for world in worlds]
    return Counts(np.array([sum(m) for m in mine], float), np.array([len(m) for m in mine], float))


def rate_interval(found: Counts) -> Interval:
    """Wilson's interval on the effective number of cases; one world alone: on all of them."""
    n, p = float(found.n.sum()), found.value
    if len(found.n) < 2:
        return wilson(round(found.sums.sum()), round(n))
    plain = p * (1 - p) / n
    effect = max(1.0, found.error**2 / plain) if plain else 1.0
    held = n / effect
    return wilson(p * held, held, z=found.quantile)  # type: ignore[arg-type]


def difference_interval(found: Counts) -> Interval:
    """The interval of a mean difference; nothing can be told from one world."""
    if len(found.n) < 2:
        return Interval(-1.0, 1.0)
    half = found.quantile * found.error
    return Interval(found.value - half, found.value + half)


def told_rate(cases: Sequence[Judged], test: Test) -> str:
    """A rate with its interval."""
    if not cases:
        return "none"
    found = counts(cases, test)
    low, high = rate_interval(found)
    return f"{found.value:.3f} ({low:.3f} to {high:.3f})"


def told_difference(cases: Sequence[Judged], ours: Test, theirs: Test) -> str:
    """How much more often ours is right, with its interval."""
    found = counts(cases, lambda one: ours(one) - theirs(one))
    low, high = difference_interval(found)
    return f"{found.value:+.3f} ({low:+.3f} to {high:+.3f})"


def right(one: Judged) -> bool:
    """Whether casewright ended as it should: counsel's cases with a person, the others decided."""
    return one.scored.right


def right_at_first_look(one: Judged) -> bool:
    """Whether it ended as it should, or asked for a record that had been withheld."""
    return one.scored.right or one.scored.asked_rightly


def tables(judged: Sequence[Judged], split: Split, said: Mapping[str, Predicted]) -> Iterator[str]:
    """The lines of all tables of a split, as Markdown."""
    asked = [one for one in judged if split.asked(one)]
    groups = {
        book.sop: cases
        for case_type, book in HANDBOOK.items()
        if (cases := [one for one in asked if one.case_type == case_type])
    }
    groups["all"] = asked
    yield from (f"## {split.name}", "", *_ours(groups), "")
    yield from ("Right of all cases; undecided is wrong unless a person is to decide.", "")
    yield from (*_beside(groups, said), "")
    yield from ("Right of the cases that casewright decided.", "")
    decided = {sop: [one for one in cases if one.scored.decided] for sop, cases in groups.items()}
    yield from (*_beside(decided, said), "")


def _ours(groups: Mapping[str, Sequence[Judged]]) -> Iterator[str]:
    books = {book.sop: book for book in HANDBOOK.values()}
    yield from head(
        "SOP", "cases", "decided", "right of decided", "first look",
        "handbook: table", "ceiling", "after two changes: kept", "refitted",
    )  # fmt: skip
    for sop, cases in groups.items():
        decided = [one for one in cases if one.scored.decided]
        book = books.get(sop)
        figures = (book.table, book.ceiling, book.kept, book.refitted) if book else ("",) * 4
        yield line(
            sop, len(cases), f"{len(decided) / len(cases):.0%}", told_rate(decided, right),
            told_rate(cases, right_at_first_look), *figures,
        )  # fmt: skip


def _beside(groups: Mapping[str, Sequence[Judged]], said: Mapping[str, Predicted]) -> Iterator[str]:
    yield from head("SOP", "cases", "casewright", *RIVALS, "best rival", "casewright less best")
    for sop, cases in groups.items():
        if cases:
            yield _row(sop, cases, said)


def _row(sop: str, cases: Sequence[Judged], said: Mapping[str, Predicted]) -> str:
    def test(rival: str) -> Test:
        return lambda one: hits(one, said[rival])

    reached = {rival: counts(cases, test(rival)).value for rival in RIVALS}
    best = max(reached, key=lambda rival: reached[rival])
    shares = [f"{share:.3f}" for share in reached.values()]
    gain = told_difference(cases, right, test(best))
    return line(sop, len(cases), told_rate(cases, right), *shares, best, gain)


def drawn_tables() -> Iterator[str]:
    """What the decision tables alone make of facts as drawn, before and after each change."""
    from procedures import PROCEDURES, accuracy, loaded

    from sandbox.timeline import DRIFT_ONE, DRIFT_TWO

    moments = {"before": 0, "after the first change": DRIFT_ONE, "after the second": DRIFT_TWO}
    yield from ("## Decision tables alone, every fact as drawn and nothing withheld: right", "")
    yield from head("SOP", *moments)
    for one in PROCEDURES:
        sop = loaded(one.name)
        yield line(one.name, *(f"{accuracy(one, sop, at):.3f}" for at in moments.values()))


def head(*names: str) -> Iterator[str]:
    """The head of a Markdown table."""
    yield line(*names)
    yield line(*("---" for _ in names))


def line(*cells: object) -> str:
    """A line of a Markdown table."""
    return f"| {' | '.join(map(str, cells))} |"
