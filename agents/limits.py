"""What all conversations may ask of model endpoints together, in a minute and at once.

What may be asked in a minute is bounded for each endpoint, and by default for one process; with a
:class:`~casewright.rate.Reserve` it is one bound for all processes and nodes that share it. Whoever
came first is served first.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from agents.perloop import PerLoop
from casewright.rate import Bucket, Reserve, bucket
from casewright.signals import UNHEARD, Signals

REQUESTS = "model requests per minute"
TOKENS = "model tokens per minute"
AT_ONCE = "model_concurrency"
"""What a wait is told as."""


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
        requests: Most calls of an endpoint a minute; None for no bound.
        tokens: Most tokens of an endpoint a minute, in and out together; None for no bound.
        at_once: Most calls in flight, of all endpoints together.
        shared: Where all processes reserve what they use in a minute; None: each has all of it.
        signals: Who is told of waits.
    """

    def __init__(
        self,
        requests: int | None,
        tokens: int | None,
        at_once: int,
        *,
        shared: Reserve | None = None,
        signals: Signals = UNHEARD,
    ) -> None:
        def gates() -> _Gates:
            return _Gates(requests, tokens, at_once, shared, signals)

        self._gates = PerLoop(gates)

    @asynccontextmanager
    async def slot(self, tokens: int, endpoint: str = "") -> AsyncIterator[Slot]:
        """Wait until a call may be made, and hold its place until it is over.

        Args:
            tokens: Estimated need; what :attr:`Slot.tokens` says at the end is what counts, and
                the difference makes the next calls wait longer or shorter.
            endpoint: Which endpoint is called.
        """
        async with self._gates.here().slot(tokens, endpoint) as slot:
            yield slot


class _Gates:
    """The limits in one event loop."""

    def __init__(
        self,
        requests: int | None,
        tokens: int | None,
        at_once: int,
        shared: Reserve | None,
        signals: Signals,
    ) -> None:
        self._bounds = requests, tokens, shared
        self._seats = asyncio.Semaphore(at_once)
        self._signals = signals
        self._turnstiles: dict[str, _Turnstile] = {}

    @asynccontextmanager
    async def slot(self, tokens: int, endpoint: str) -> AsyncIterator[Slot]:
        """See :meth:`Limits.slot`."""
        turnstile = self._turnstile(endpoint)
        with self._signals.waiting(AT_ONCE):
            await self._seats.acquire()
        try:
            await turnstile.pass_through(tokens)
            slot = Slot(tokens)
            try:
                yield slot
            finally:
                turnstile.debt += slot.tokens - tokens
        finally:
            self._seats.release()

    def _turnstile(self, endpoint: str) -> _Turnstile:
        if endpoint not in self._turnstiles:
            requests, tokens, shared = self._bounds
            self._turnstiles[endpoint] = _Turnstile(
                bucket(endpoint, "requests", requests, shared),
                bucket(endpoint, "tokens", tokens, shared),
                self._signals,
            )
        return self._turnstiles[endpoint]


class _Turnstile:
    """Lets one call after another pass to one endpoint.

    The buckets serve small wishes first, so that a large one might wait for ever.
    """

    def __init__(self, requests: Bucket | None, tokens: Bucket | None, signals: Signals) -> None:
        self._requests = requests
        self._tokens = tokens
        self._signals = signals
        self._lock = asyncio.Lock()
        self._queued_calls = self._queued_tokens = 0
        self._why = TOKENS if requests is None else REQUESTS
        self.debt = 0
        """Tokens that calls used beyond what they had drawn."""

    async def pass_through(self, tokens: int) -> None:
        """Wait until a call of so many tokens may be made."""
        if self._requests is None and self._tokens is None:
            return
        self._queue(1, tokens)
        try:
            with self._signals.waiting(self._why):
                await self._lock.acquire()
        finally:
            self._queue(-1, -tokens)
        try:
            await self._drawn(tokens)
        finally:
            self._lock.release()

    def _queue(self, calls: int, tokens: int) -> None:
        self._queued_calls += calls
        self._queued_tokens += tokens

    async def _drawn(self, tokens: int) -> None:
        if self._requests is not None:
            self._why = REQUESTS
            with self._signals.waiting(REQUESTS):
                await self._requests.draw(1, self._queued_calls)
        if self._tokens is not None:
            self._why = TOKENS
            wanted, self.debt = tokens + self.debt, 0
            self.debt = min(wanted, 0)
            with self._signals.waiting(TOKENS):
                await self._tokens.draw(wanted, self._queued_tokens)
