"""How many cases of a batch are in flight, when the next may start, and what limits it."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil  # type: ignore[import-untyped]

from casewright.breaker import Breakers
from casewright.settings import Settings
from casewright.signals import Signals
from graphs.gradient import Gradient

LOOK_S = 0.25
"""How often memory and CPU are looked at, in seconds."""

BUSY = 0.9
"""From this share of one core on the process has no time left: an event loop has but one."""

FULL = 0.8
"""From this share of the limit on, more cases would start if they might."""

TOO_FEW = "too few cases"
"""More cases might be in flight than there are."""

MB = 1024 * 1024


@dataclass(frozen=True)
class Machine:
    """What the process uses; injected by tests.

    Attributes:
        clock: Seconds that pass.
        cpu: Seconds of CPU that the process has used.
        resident: Bytes of memory that it holds.
    """

    clock: Callable[[], float] = time.monotonic
    cpu: Callable[[], float] = time.process_time
    resident: Callable[[], int] = field(default_factory=lambda: _resident)


class Pace(Signals):
    """Hears how calls fare, and lets a worker begin cases accordingly; in one event loop.

    Args:
        ceiling: Most cases in flight.
        adapting: Whether fewer are in flight while calls fare badly.
        memory_mb: No case starts while the process holds more, unless none is in flight.
        breakers: Who is left alone for now: no case starts meanwhile.
        machine: What the process uses.
    """

    def __init__(
        self,
        ceiling: int,
        *,
        adapting: bool = True,
        memory_mb: int = 900,
        breakers: Breakers | None = None,
        machine: Machine | None = None,
    ) -> None:
        self._machine = machine or Machine()
        self._memory = memory_mb * MB
        self.breakers = breakers or Breakers()
        """Who is left alone for now."""
        now = self._machine.clock()
        self._adapting = adapting
        self._gradient = Gradient(ceiling, now)
        if not adapting:
            self._gradient.limit = float(ceiling)
        self.flying = 0
        """Cases in flight."""
        self._waiting: Counter[str] = Counter()
        self._stalled = ""
        self._spent: defaultdict[str, float] = defaultdict(float)
        self._told_at = self._looked_at = now
        self._cpu = self._machine.cpu()
        self._busy = self._heavy = False

    @classmethod
    def of(cls, settings: Settings, ceiling: int | None = None) -> Pace:
        """The pace of a batch, as the settings have it.

        Args:
            settings: ``concurrency`` and the ``batch_…`` settings are used.
            ceiling: Another bound on the cases in flight than the settings'; None: theirs.
        """
        return cls(
            ceiling or settings.concurrency,
            adapting=settings.batch_adaptive == "on",
            memory_mb=settings.batch_memory_mb,
        )

    @property
    def limit(self) -> int:
        """How many cases may be in flight now."""
        return int(self._gradient.limit)

    async def ready(self) -> None:
        """Wait until a case may be begun at all: nobody whom cases ask is resting."""
        self._tell()
        self._stalled = ""
        if resting := self.breakers.open():
            self._stalled = f"{resting[0]} resting"
            await self.breakers.ready()
            self._tell()
            self._stalled = ""

    def room(self, in_flight: int) -> int:
        """How many cases more may be begun now.

        Args:
            in_flight: How many there are.
        """
        self.flies(in_flight)
        room = max(0, self.limit - in_flight)
        if self.breakers.open():
            return min(room, 1)  # its call is the probe
        if self._heavy:
            self._stalled = "memory"
            return 0 if in_flight else 1  # where nothing is in flight, waiting frees nothing
        return room

    def flies(self, in_flight: int) -> None:
        """Be told how many cases are in flight."""
        self._tell()
        self.flying = in_flight

    @property
    def limited_by(self) -> str:
        """What limits the batch now, in words."""
        return self._why()

    def limits(self) -> dict[str, float]:
        """What limited the batch so far, in words, each with its share of the time, most first."""
        self._tell()
        total = sum(self._spent.values())
        most_first = sorted(self._spent.items(), key=lambda one: -one[1])
        return {why: spent / total for why, spent in most_first if spent > 0}

    def answered(self, place: str, seconds: float) -> None:
        """See :meth:`Signals.answered`."""
        self._tell()
        if self._adapting:
            full = self.flying >= FULL * self.limit
            now = self._machine.clock()
            self._gradient.answered(place, seconds, now, full=full, busy=self._busy)

    def failed(self, place: str) -> None:
        """See :meth:`Signals.failed`."""
        self._tell()
        if self._adapting:
            self._gradient.failed(place, self._machine.clock())

    def throttled(self, place: str, after_s: float = 0.0) -> None:
        """See :meth:`Signals.throttled`."""
        self._tell()
        if self._adapting:
            self._gradient.throttled(place, self._machine.clock(), after_s)

    @contextmanager
    def waiting(self, why: str) -> Iterator[None]:
        """See :meth:`Signals.waiting`."""
        self._waiting[why] += 1
        try:
            yield
        finally:
            self._waiting[why] -= 1

    def _look(self) -> None:
        now = self._machine.clock()
        if now - self._looked_at < LOOK_S:
            return
        cpu = self._machine.cpu()
        self._busy = cpu - self._cpu >= BUSY * (now - self._looked_at)
        self._looked_at, self._cpu = now, cpu
        self._heavy = self._machine.resident() > self._memory

    def _tell(self) -> None:
        """Put the time since the last look down to what limits the batch now."""
        self._look()
        now = self._machine.clock()
        self._spent[self._why()] += now - self._told_at
        self._told_at = now

    def _why(self) -> str:
        why, count = max(self._waiting.items(), key=lambda one: one[1], default=("", 0))
        if count and 2 * count >= self.flying:
            return why
        if self._stalled:
            return self._stalled
        if self._busy:
            return "CPU"
        if self.flying < self.limit:
            return TOO_FEW
        if self.limit < self._gradient.ceiling:
            return self._gradient.reason or "starting"
        return "--concurrency"


def _resident() -> int:
    held: int = psutil.Process().memory_info().rss
    return held
