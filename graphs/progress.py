"""How far a batch is: how many of how many, how fast, until when, and what came of it."""

from __future__ import annotations

import math
import time
from array import array
from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import Any, Final

from casewright.batching import Ended, Tally
from casewright.cost import Cost

SPAN_S: Final = 30.0
"""Over how long the rate is averaged: what lies further back counts for less and less."""

LAST: Final = 200
"""Cases that what is slow is told of."""

UNDECIDED: Final = "nothing"
"""The outcome of a case that came to none."""


class Progress:
    """Counts what ends. Safe for any number of cases: it keeps one number of each.

    Args:
        tally: How the batch stood at the beginning.
        clock: Seconds that pass.
    """

    def __init__(self, tally: Tally, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = self._last = clock()
        self._recent = self._span = 0.0
        self._seconds = array("d")
        self._latest: deque[tuple[float, str, float]] = deque(maxlen=LAST)
        self.stands(tally)
        self.outcomes: Counter[str] = Counter()
        """How often each outcome came."""
        self.routes: Counter[str] = Counter()
        """How often each route came."""
        self.cost = Cost()
        """What the cases used that ended here."""
        self.currency = ""
        """ISO 4217 code of its money, where any was counted."""

    def stands(self, tally: Tally) -> None:
        """Be told how the batch stands: others may work on it as well."""
        self.tally = tally
        """How it stands; what ends here is counted in."""
        self._counted = tally.ended + tally.parked

    def add(self, one: Ended) -> None:
        """Count a case that ended."""
        ending = one.ending
        self._pass(1)
        self._seconds.append(ending.seconds)
        self._latest.append((ending.seconds, *ending.slowest))
        if one.number > self._counted:  # what ended before the tally was taken is in it
            where = "parked" if ending.status == "failed" else "ended"
            self._move(where, ending.cost.micros)
        if ending.status != "failed":
            self.outcomes[ending.outcome or UNDECIDED] += 1
            self.routes[ending.route or UNDECIDED] += 1
        self.cost += ending.cost
        self.currency = self.currency or ending.currency

    def _move(self, where: str, micros: int) -> None:
        """One case more is over. Whoever had it, it was open when the batch was last counted."""
        tally = self.tally
        leased = max(tally.leased - 1, 0)
        pending = max(tally.pending - (not tally.leased), 0)
        changes = {"leased": leased, "pending": pending, where: getattr(tally, where) + 1}
        self.tally = tally.model_copy(update={**changes, "micros": tally.micros + micros})

    def _pass(self, ended: int) -> None:
        now = self._clock()
        fades = math.exp(-(now - self._last) / SPAN_S)
        self._recent = self._recent * fades + ended
        self._span = self._span * fades + (now - self._last)
        self._last = now

    @property
    def here(self) -> int:
        """Cases that ended here."""
        return len(self._seconds)

    @property
    def seconds(self) -> float:
        """How long it goes on."""
        return self._clock() - self._began

    @property
    def rate(self) -> float:
        """Cases a second of late, the last moments counting most; 0 before the first one."""
        self._pass(0)
        return self._recent / self._span if self._span > 0 else 0.0

    @property
    def left_s(self) -> float | None:
        """Seconds until all are over at that rate; None where that cannot be told."""
        rate = self.rate
        return (self.tally.pending + self.tally.leased) / rate if rate > 0 else None

    @property
    def slowest(self) -> tuple[str, float]:
        """The step that was most often the longest of late, and its mean seconds."""
        steps = Counter(step for _, step, _ in self._latest if step)
        if not steps:
            return "", 0.0
        name = steps.most_common(1)[0][0]
        took = [seconds for _, step, seconds in self._latest if step == name]
        return name, sum(took) / len(took)

    @property
    def late_p95(self) -> float:
        """Seconds within which 95 of 100 of the last cases ended."""
        return percentile([seconds for seconds, _, _ in self._latest], 95)

    def percentiles(self) -> dict[str, float]:
        """Seconds within which 50, 95 and 99 of 100 cases ended."""
        return {f"p{share}": percentile(self._seconds, share) for share in (50, 95, 99)}

    def told(self) -> dict[str, Any]:
        """As programs read it."""
        left, (step, took) = self.left_s, self.slowest
        tally = self.tally
        return {
            "done": tally.over,
            "of": tally.total,
            "in_flight": tally.leased,
            "parked": tally.parked,
            "rate": round(self.rate, 3),
            "left_s": None if left is None else round(left, 1),
            "outcomes": dict(self.outcomes.most_common()),
            "micros": tally.micros,
            "currency": self.currency or None,
            "slowest": {"step": step, "seconds": round(took, 3)} if step else None,
            "p95_s": round(self.late_p95, 3),
        }


def percentile(values: Sequence[float], share: int) -> float:
    """The least value that so many of a hundred do not exceed (nearest rank); 0 of none.

    Args:
        values: The values, in any order.
        share: Of a hundred, 1 to 100.
    """
    if not values:
        return 0.0
    return sorted(values)[math.ceil(len(values) * share / 100) - 1]
