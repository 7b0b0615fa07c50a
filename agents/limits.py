"""What all conversations of a process may ask of model endpoints together, in a minute and at once.

A rate is a leaky bucket whose burst is a tenth of a minute's allowance and whose leak is the rest,
so that no span of a minute holds more than the allowance. Whoever came first is served first.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.perloop import PerLoop

if TYPE_CHECKING:
    from aiolimiter import AsyncLimiter

MINUTE_S = 60.0

BURST = 10
"""A burst is this part of a minute's allowance."""


@dataclass
class Slot:
    """A call that may be made.

    Attributes:
        tokens: Tokens that it uses: as estimated, until the one who made it knows better.
    """

    tokens: int


class Limits:
    """Bounds shared by all who hold the same object.

    Args:
        requests: Most calls a minute; None for no bound.
        tokens: Most tokens a minute, in and out together; None for no bound.
        at_once: Most calls in flight.
    """

    def __init__(self, requests: int | None, tokens: int | None, at_once: int) -> None:
        self._gates = PerLoop(lambda: _Gates(requests, tokens, at_once))

    @asynccontextmanager
    async def slot(self, tokens: int) -> AsyncIterator[Slot]:
        """Wait until a call may be made, and hold its place until it is over.

        Args:
            tokens: Estimated need; what :attr:`Slot.tokens` says at the end is what counts, and
                the difference makes the next calls wait longer or shorter.
        """
        async with self._gates.here().slot(tokens) as slot:
            yield slot


class _Gates:
    """The limits in one event loop."""

    def __init__(self, requests: int | None, tokens: int | None, at_once: int) -> None:
        self._requests = _bucket(requests)
        self._tokens = _bucket(tokens)
        self._seats = asyncio.Semaphore(at_once)
        # The buckets serve small wishes first, so that a large one might wait for ever.
        self._turnstile = asyncio.Lock()
        self._debt = 0

    @asynccontextmanager
    async def slot(self, tokens: int) -> AsyncIterator[Slot]:
        """See :meth:`Limits.slot`."""
        async with self._seats:
            async with self._turnstile:
                await self._pass(tokens)
            slot = Slot(tokens)
            try:
                yield slot
            finally:
                self._debt += slot.tokens - tokens

    async def _pass(self, tokens: int) -> None:
        if self._requests:
            await self._requests.acquire()
        if self._tokens:
            wanted, self._debt = tokens + self._debt, 0
            self._debt = min(wanted, 0)
            await _drawn(self._tokens, wanted)


async def _drawn(bucket: AsyncLimiter, amount: float) -> None:
    """Draw an amount that may be more than the bucket holds at once."""
    while amount > 0:
        part = min(amount, bucket.max_rate)
        await bucket.acquire(part)
        amount -= part


def _bucket(per_minute: int | None) -> AsyncLimiter | None:
    if per_minute is None:
        return None
    from aiolimiter import AsyncLimiter

    burst = max(1, per_minute // BURST)
    # The one more is the burst's own first call: it opens the minute that it counts in.
    return AsyncLimiter(burst, MINUTE_S * burst / (per_minute - burst + 1))
