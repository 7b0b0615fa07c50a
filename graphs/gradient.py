"""How many cases in flight are worth while, learned from how the calls of cases fare.

It doubles while nothing speaks against it, and then grows slowly (TCP's slow start and additive
increase, RFC 5681). It falls by half where a place tells callers to come later, by a third where
it fails, and by the *gradient* where it grows slow: its floor over its latency of now, with a
tolerance (Netflix's concurrency-limits, ``Gradient2Limit``). What calls tell holds only for the
number that was in flight when they began, so calls of before its last change are not counted.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from statistics import median

START = 16
"""Where it begins: so few that floors are seen, so many that little time is lost."""

FIRST = 10, 0.05
"""While it doubles, so many calls and so many seconds make a round, whose median is what counts."""

LATER = 40, 1.0
"""And afterwards: calls differ in length, and the median of a few is no queue."""

TOLERANCE = 2.0
"""A median of so many times the floor is no queue yet: the first rounds hold what came back first,
so a floor may be too low by a third."""

LAST = 100
"""How many calls of a place are looked back at."""

THROTTLED = 3, 0.1
"""So many of them were told to come later, and this share, before it falls; what comes in ones is
what retries are for."""

FAILED = 9, 0.3
"""The same for those that failed."""

AGAIN_S = 1.0
"""It falls at most once in this time: what was on its way then says nothing new."""

CALM_S = 3.0
"""And does not grow until so long after."""

FORGET_S = 60.0
"""Where latency has held it down for this long, it falls once to see a new floor."""


@dataclass
class _Place:
    """What is known of one place since the last change."""

    floor: float = 0.0
    latency: float = 0.0
    heard_at: float = 0.0
    rounds_slow: int = 0
    began_at: float = 0.0
    samples: list[float] = field(default_factory=list)
    last: deque[str] = field(default_factory=lambda: deque(maxlen=LAST))

    def ended(self, now: float, bound: tuple[int, float]) -> bool:
        """Whether a round is over."""
        least, seconds = bound
        return len(self.samples) >= least and now - self.began_at >= seconds

    def settle(self, now: float) -> float:
        """End the round: how many times the floor its median is."""
        self.latency = median(self.samples)
        self.restart(now)
        if not self.floor:
            self.floor = self.latency
        elif self.latency < self.floor:
            # One lucky round is no floor.
            self.floor += (self.latency - self.floor) / 2
        return self.latency / self.floor if self.floor else 1.0

    def restart(self, now: float) -> None:
        """Begin a new round."""
        self.samples.clear()
        self.began_at = now

    def too_many(self, how: str, bound: tuple[int, float]) -> bool:
        """Whether so many of the last calls ended so that it is more than chance."""
        self.last.append(how)
        least, share = bound
        bad = self.last.count(how)
        return bad >= least and bad >= share * len(self.last)


class Gradient:
    """The number, from 1 up to a ceiling. Times are seconds of any steady clock.

    Args:
        ceiling: The most.
        now: The present moment.
    """

    def __init__(self, ceiling: int, now: float) -> None:
        self.ceiling = ceiling
        """The most."""
        self.limit = float(min(START, ceiling))
        """How many are worth while now."""
        self.reason = ""
        """Why it is below the ceiling; empty while it has not fallen."""
        self._places: dict[str, _Place] = {}
        self._changed_at = self._fell_at = now
        self._calm_at = now
        self._doubling = True

    def answered(
        self, place: str, seconds: float, now: float, *, full: bool = True, busy: bool = False
    ) -> None:
        """A call was answered.

        Args:
            place: Who answered.
            seconds: After how long.
            now: The present moment.
            full: Whether as many cases are in flight as may be.
            busy: Whether this process has no time left itself: then it is what makes calls slow,
                and more cases would not help.
        """
        one = self._of(place, now)
        one.last.append("answered")
        if now - seconds < self._changed_at:
            return
        one.samples.append(seconds)
        if one.ended(now, FIRST if self._doubling else LATER):
            self._judge(place, one.settle(now), now, full=full, busy=busy)

    def throttled(self, place: str, now: float, after_s: float = 0.0) -> None:
        """A call was told to come later.

        Args:
            place: Who told it.
            now: The present moment.
            after_s: How much later, in seconds; 0 where that was not said.
        """
        if self._of(place, now).too_many("throttled", THROTTLED):
            self._fall(0.5, f"429 from {place}", now)
            self._calm_at = max(self._calm_at, now + after_s)

    def failed(self, place: str, now: float) -> None:
        """A call had no usable answer."""
        if self._of(place, now).too_many("failed", FAILED):
            self._fall(2 / 3, f"failures of {place}", now)

    def _of(self, place: str, now: float) -> _Place:
        one = self._places.setdefault(place, _Place(began_at=now))
        if now - one.heard_at > CALM_S:
            one.last.clear()
        one.heard_at = now
        return one

    def _judge(self, place: str, ratio: float, now: float, *, full: bool, busy: bool) -> None:
        one = self._places[place]
        if ratio <= TOLERANCE or busy:
            one.rounds_slow = 0
            if full and not busy:
                self._grow(now)
            return
        one.rounds_slow += 1
        if one.rounds_slow > 1:
            one.rounds_slow = 0
            self._fall(max(0.5, TOLERANCE / ratio), f"latency of {place}", now)

    def _grow(self, now: float) -> None:
        if self.reason.startswith("latency") and now - self._fell_at > FORGET_S:
            for one in self._places.values():
                one.floor = 0.0
            self._fall(0.5, self.reason, now)
            return
        if self.limit >= self.ceiling or now < self._calm_at or now < self._seen_at():
            return
        more = self.limit if self._doubling else max(1.0, self.limit / 10)
        self._change(self.limit + more, now)
        if self.limit >= self.ceiling:
            self.reason, self._doubling = "", False

    def _seen_at(self) -> float:
        """When every place that is being asked has shown what the last change did."""
        asked = [one for one in self._places.values() if one.heard_at >= self._changed_at]
        return self._changed_at + max((one.latency for one in asked), default=0.0)

    def _fall(self, factor: float, reason: str, now: float) -> None:
        if now - self._fell_at < AGAIN_S and self.reason:
            return
        self.reason, self._doubling = reason, False
        self._fell_at, self._calm_at = now, now + CALM_S
        for one in self._places.values():
            one.last.clear()
        self._change(self.limit * factor, now)

    def _change(self, limit: float, now: float) -> None:
        self.limit = min(float(self.ceiling), max(1.0, limit))
        self._changed_at = now
        for one in self._places.values():
            one.restart(now)
