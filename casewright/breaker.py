"""Circuit breakers: who fails too often is left alone for a while, and then asked once.

Closed, open, half-open (Nygard, "Release It!", 2007). It opens after a *share* of failures in a
window, as single ones are what retries are for. Own code: the libraries (pybreaker, aiobreaker,
purgatory, circuitbreaker) count failures in a row, and none lets others wait until a call is worth
while, which is what keeps a batch from failing thousands of cases on one outage.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

LONGEST_REST_S = 60.0
"""A rest doubles from one failed probe to the next, up to this."""

GRACE_S = 5.0
"""How long one who was let in may take until it makes the call that shows how things stand."""

LAST = 100
"""How many calls are looked back at."""

LOOK_S = 0.25
"""How often those who wait look."""


@dataclass
class Breaker:
    """Whether a place may be asked.

    Attributes:
        place: Who is asked, as people call it.
        share: It opens when this share of the last calls failed.
        least: And these are at least so many.
        window_s: How long ago the last calls may be, in seconds.
        rest_s: The first rest, in seconds.
        needed: Whether nearly all cases ask the place, so that none need begin while it is away.
        instead: Who can be asked in its place.
        clock: Seconds that pass.
    """

    place: str
    share: float = 0.5
    least: int = 20
    window_s: float = 30.0
    rest_s: float = 2.0
    needed: bool = True
    instead: tuple[Breaker, ...] = ()
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self._calls: deque[tuple[float, bool]] = deque(maxlen=LAST)  # when; failed?
        self._until: float | None = None
        self._rest_s = self.rest_s
        self._probed_at = self._admitted_at = float("-inf")

    @property
    def closed(self) -> bool:
        """Whether anybody may ask."""
        return self._until is None

    @property
    def resting(self) -> bool:
        """Whether nobody may ask for now."""
        return self._until is not None and self.clock() < self._until

    @property
    def holds(self) -> bool:
        """Whether who would ask the place had better wait: there is nobody to ask instead."""
        away = not self.closed and not any(one.closed for one in self.instead)
        return self.needed and away

    def admits(self) -> bool:
        """Whether a call may be made now; after a rest it is one, the probe, until that ends."""
        if self.closed:
            return True
        if self.resting or self.clock() - self._probed_at < GRACE_S:
            return False
        self._probed_at = self.clock()
        return True

    def answered(self) -> None:
        """A call was answered: the place is there."""
        if self.resting:
            return  # a call of before it opened
        if not self.closed:
            self._calls.clear()
            self._until, self._rest_s = None, self.rest_s
        self._count(failed=False)

    def failed(self) -> None:
        """A call failed for a reason that is the place's own."""
        if self.resting:
            return
        if not self.closed:
            self._open(min(self._rest_s * 2, LONGEST_REST_S))
            return
        self._count(failed=True)
        failures = sum(failed for _, failed in self._calls)
        if len(self._calls) >= self.least and failures >= self.share * len(self._calls):
            self._open(self._rest_s)

    def left(self) -> None:
        """A call ended and says nothing of the place, as one that was cancelled."""
        self._probed_at = float("-inf")

    async def ready(self) -> None:
        """Wait until it is worth while to begin something that will ask the place.

        After a rest one is let in, whose call is the probe; the others wait for what comes of it.
        """
        # Time alone ends a rest, so there is no event to wait for.
        while self.holds and (self.resting or self.clock() - self._admitted_at < GRACE_S):  # noqa: ASYNC110
            await asyncio.sleep(LOOK_S)
        if self.holds:
            self._admitted_at = self.clock()

    def _open(self, rest_s: float) -> None:
        self._rest_s = rest_s
        self._until = self.clock() + rest_s
        self._probed_at = self._admitted_at = float("-inf")

    def _count(self, *, failed: bool) -> None:
        now = self.clock()
        self._calls.append((now, failed))
        while now - self._calls[0][0] > self.window_s:
            self._calls.popleft()


@dataclass
class Breakers:
    """The breakers of a run, by place."""

    clock: Callable[[], float] = time.monotonic
    by_place: dict[str, Breaker] = field(default_factory=dict)

    def of(self, place: str) -> Breaker:
        """The breaker of a place, made when it is first asked for."""
        return self.by_place.setdefault(place, Breaker(place, clock=self.clock))

    def open(self) -> tuple[str, ...]:
        """The places for which what asks them had better wait."""
        return tuple(place for place, one in self.by_place.items() if one.holds)

    async def ready(self) -> None:
        """Wait until none of them has to be waited for."""
        for breaker in list(self.by_place.values()):
            await breaker.ready()
