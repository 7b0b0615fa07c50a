"""The gate before a source: so many calls at once and in a minute, and none while it rests."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from casewright.errors import SourceUnavailable
from casewright.rate import bucket
from casewright.settings import Settings
from casewright.together import Together
from tools.declaration import MARKETPLACE
from tools.sources.patience import Again

Result = TypeVar("Result")

RESTS = "circuit_open"
"""Code of the error of a source that is left alone, since too many calls to it failed."""

RESTING = "See that the source is up. It is asked again by itself, within a minute."


class Gate:
    """What every call to one source passes through, in one event loop.

    Args:
        place: The source, as people call it.
        at_once: Most calls in flight.
        per_minute: Most calls a minute; None for no bound.
        together: Who hears of calls, and who is left alone.
    """

    def __init__(
        self, place: str, at_once: int, per_minute: int | None, together: Together
    ) -> None:
        self.place = place
        """The source, as people call it."""
        self._seats = asyncio.Semaphore(at_once)
        self._rate = bucket(place, "requests", per_minute, together.reserve)
        self._turnstile = asyncio.Lock()
        self._queued = 0
        self._signals = together.signals
        self._breaker = together.breakers.of(place)
        self._breaker.needed = place == MARKETPLACE

    async def run(self, call: Callable[[], Awaitable[Result]]) -> Result:
        """Make one call, when its turn has come.

        Raises:
            SourceUnavailable: the source rests; nothing was sent.
            Again: as the call raises it, and all its other errors.
        """
        if not self._breaker.admits():
            told = f"Too many calls to {self.place} failed, so it is left alone for now."
            raise SourceUnavailable(told, remedy=RESTING, code=RESTS)
        with self._signals.waiting(f"source_concurrency of {self.place}"):
            await self._seats.acquire()
        try:
            await self._turn()
            return await self._called(call)
        finally:
            self._seats.release()

    async def _turn(self) -> None:
        """Wait until one more call may be made in this minute."""
        if self._rate is None:
            return
        self._queued += 1
        try:
            with self._signals.waiting(f"requests per minute of {self.place}"):
                async with self._turnstile:
                    await self._rate.draw(1, self._queued - 1)
        finally:
            self._queued -= 1

    async def _called(self, call: Callable[[], Awaitable[Result]]) -> Result:
        began = time.monotonic()
        try:
            result = await call()
        except Again as again:
            self._again(again)
            raise
        except SourceUnavailable as error:
            self._unavailable(error)
            raise
        except Exception:  # it answered, in words that we cannot use
            self._breaker.answered()
            raise
        except BaseException:
            self._breaker.left()
            raise
        self._breaker.answered()
        self._signals.answered(self.place, time.monotonic() - began)
        return result

    def _again(self, again: Again[object]) -> None:
        if not again.told:
            self._failed()
            return
        self._breaker.answered()
        if isinstance(again.then, SourceUnavailable):  # 429; a 202 says that it works on it
            self._signals.throttled(self.place, again.after or 0.0)

    def _unavailable(self, error: SourceUnavailable) -> None:
        if error.code in DOWN:
            self._failed()
        else:  # this one call is forbidden
            self._breaker.answered()

    def _failed(self) -> None:
        self._breaker.failed()
        self._signals.failed(self.place)


DOWN = ("timeout", "server_failed", "database_failed", "http_client_failed")
"""Codes of failures that are no one call's own."""


async def through(gate: Gate | None, call: Callable[[], Awaitable[Result]]) -> Result:
    """Make a call through its source's gate, if it has one."""
    return await (call() if gate is None else gate.run(call))


@dataclass
class Gates:
    """The gates of a run, by source.

    Attributes:
        settings: How much each source is asked.
        together: What all calls of the run have in common.
    """

    settings: Settings
    together: Together = field(default_factory=Together)
    by_place: dict[str, Gate] = field(default_factory=dict)

    def of(self, place: str) -> Gate:
        """The gate of a source, made when it is first asked for."""
        if place not in self.by_place:
            self.by_place[place] = Gate(
                place,
                self.settings.source_concurrency,
                self.settings.source_requests_per_minute,
                self.together,
            )
        return self.by_place[place]
