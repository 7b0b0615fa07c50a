"""How often something may be done: bounds on a minute, for one process or for many together.

A rate is a bucket that leaks evenly and holds a small part of a minute's allowance, such that no
span of a minute holds more than the allowance. For many processes its state is one moment, the
*theoretical arrival time* of the generic cell rate algorithm (ITU-T I.371, annex A): whoever wants
more reserves it there and is told how long to wait, so that all are served in the order in which
they came, and nobody starves.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from aiolimiter import AsyncLimiter

MINUTE_S = 60.0

BURST = 30
"""This part of a minute's allowance may be used at once: what two seconds bring."""

HOLD_S = 1.0
"""How long a process keeps what it has reserved and not used, in seconds."""

OFTEN_S = 0.5
"""A process that reserves more often than this reserves more at a time."""


@dataclass(frozen=True)
class Rate:
    """Most of something in any span of a minute.

    Attributes:
        per_minute: The allowance.
    """

    per_minute: int

    @property
    def burst(self) -> int:
        """How much may be used at once."""
        return max(1, self.per_minute // BURST)

    def spacing_s(self, held_s: float = 0.0) -> float:
        """Seconds from one use to the next where all is used evenly.

        Args:
            held_s: How much later than granted a use may come; as much wider is the span that
                holds no more than the allowance.
        """
        # The one more is the burst's own first use: it opens the minute that it counts in.
        return (MINUTE_S + held_s) / (self.per_minute - self.burst + 1)


class Reserved(NamedTuple):
    """What came of a wish.

    Attributes:
        free_at: From when on the next wish would be free, in seconds; kept for the next one.
        granted: Whether it may be used after the wait; else it has to be wished anew.
        wait_s: Seconds to wait.
    """

    free_at: float
    granted: bool
    wait_s: float


def reserve(free_at: float, now: float, amount: float, rate: Rate) -> Reserved:
    """Reserve an amount, behind all that was reserved before.

    Nothing is reserved that could be used only after more than a minute, so what lies further
    away was written by a clock that has jumped, and is cut.

    Args:
        free_at: What the reservation before left, in seconds of the same clock; 0 at first.
        now: The present moment.
        amount: How much; at most the rate's burst.
        rate: The bound.
    """
    spacing = rate.spacing_s(HOLD_S)
    burst_s = rate.burst * spacing
    start = min(max(free_at, now), now + MINUTE_S + burst_s)
    end = start + amount * spacing
    wait_s = max(0.0, end - burst_s - now)
    if wait_s > MINUTE_S:
        return Reserved(start, False, wait_s - MINUTE_S)
    return Reserved(end, True, wait_s)


class Reserve(Protocol):
    """Reserves where all who share a rate do."""

    async def __call__(self, name: str, kind: str, rate: Rate, amount: float) -> Reserved:
        """Reserve an amount of what one place may be asked; see :func:`reserve`.

        Args:
            name: The place.
            kind: What is bounded: ``requests`` or ``tokens``.
            rate: The bound.
            amount: How much.
        """
        ...


class Bucket(Protocol):
    """Where an allowance is drawn from, by one at a time."""

    async def draw(self, amount: float, queued: float = 0.0) -> None:
        """Wait until an amount may be used.

        Args:
            amount: How much; it may be more than a burst.
            queued: How much others wait to draw after it.
        """
        ...


class Own:
    """An allowance that one process has for itself, in one event loop."""

    def __init__(self, rate: Rate) -> None:
        from aiolimiter import AsyncLimiter

        self._limiter: AsyncLimiter = AsyncLimiter(rate.burst, rate.burst * rate.spacing_s())

    async def draw(self, amount: float, queued: float = 0.0) -> None:
        """See :meth:`Bucket.draw`."""
        while amount > 0:
            part = min(amount, self._limiter.max_rate)
            await self._limiter.acquire(part)
            amount -= part


class Portioned:
    """A part of an allowance that many processes have together, reserved a portion at a time.

    A portion is what those who wait need, and grows while portions are reserved in quick
    succession: at most about two transactions a second. What is not used within ``HOLD_S`` is lost.

    Args:
        name: The place that is asked.
        kind: What is bounded: ``requests`` or ``tokens``.
        rate: The bound.
        reserve: Reserves where all do.
    """

    def __init__(self, name: str, kind: str, rate: Rate, reserve: Reserve) -> None:
        self._of = name, kind
        self._rate = rate
        self._reserve = reserve
        self._left = 0.0
        self._until = self._portioned_at = float("-inf")
        self._portion = 1.0

    async def draw(self, amount: float, queued: float = 0.0) -> None:
        """See :meth:`Bucket.draw`."""
        while True:
            if _now() >= self._until:
                self._left = 0.0
            part = min(amount, self._left)
            self._left -= part
            amount -= part
            if amount <= 0:
                return
            await self._fetch(amount + queued)

    async def _fetch(self, wanted: float) -> None:
        since = _now() - self._portioned_at
        self._portioned_at = _now()
        if since < OFTEN_S:
            self._portion *= 2
        elif since > 2 * OFTEN_S:
            self._portion = max(1.0, self._portion / 2)
        self._portion = min(max(self._portion, wanted), float(self._rate.burst))
        reserved = await self._reserve(*self._of, self._rate, self._portion)
        await asyncio.sleep(reserved.wait_s)
        if reserved.granted:
            self._left, self._until = self._portion, _now() + HOLD_S


def bucket(
    name: str, kind: str, per_minute: int | None, shared: Reserve | None = None
) -> Bucket | None:
    """Where an allowance is drawn from; None where it has no bound.

    Args:
        name: The place that is asked.
        kind: What is bounded: ``requests`` or ``tokens``.
        per_minute: The allowance.
        shared: Where all who share it reserve; None: this process has it for itself.
    """
    if per_minute is None:
        return None
    rate = Rate(per_minute)
    return Own(rate) if shared is None else Portioned(name, kind, rate, shared)


def _now() -> float:
    return asyncio.get_running_loop().time()
