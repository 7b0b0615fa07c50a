"""Questions that many cases ask alike: each goes out once, and its answer serves them all.

What is shared is exact: questions are equal only as of the same moment, so whoever asks second gets
the very Evidence that its own call would have brought, with the ``retrieved_at`` of the one call.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pydantic_core import to_json

from casewright.clock import Clock
from casewright.models import Evidence, EvidenceStatus
from casewright.settings import Settings
from tools.base import Source, Tool
from tools.toolbox import Question, Toolbox

Key = tuple[str, str, datetime]
Fetch = Callable[[], Awaitable[Evidence]]

JOINS = 2
"""How often an asker waits for others' calls; after so many failures it makes its own."""

PENDING = "pending"
"""Reason of what a source is still putting together: not there now, and perhaps in a moment."""


@dataclass(frozen=True)
class Freshness:
    """How long and how much is kept to be shared.

    Attributes:
        seconds: How long an answer serves others, counted from its call.
        answers: Most answers.
        octets: Most bytes of their data as JSON; in memory they take several times as much.
    """

    seconds: float = 300.0
    answers: int = 20_000
    octets: int = 16_000_000


@dataclass
class _Flight:
    """One call on its way, and how many wait for it."""

    task: asyncio.Task[Evidence]
    askers: int = 0

    async def landed(self) -> Evidence | None:
        """Its answer once it is over; None where it failed or nothing is to be shared."""
        self.askers += 1
        try:
            await asyncio.wait([self.task])
        finally:
            self.askers -= 1
            if not self.askers:
                self.task.cancel()
        if self.task.cancelled() or self.task.exception() is not None:
            return None
        answer = self.task.result()
        return answer if _lasting(answer) else None


@dataclass(frozen=True)
class _Kept:
    answer: Evidence
    at: float
    octets: int


@dataclass
class Shared:
    """Answers by question, in one event loop.

    A failure is never shared or kept: those who waited for the call that failed ask anew. An asker
    that is cancelled takes nothing from others; the call stops when nobody waits for it any more.

    Attributes:
        freshness: How long and how much is kept.
        timer: Seconds that pass, such as ``time.monotonic``.
        called: How many calls went out.
        spared: How many questions were answered without one.
    """

    freshness: Freshness = field(default_factory=Freshness)
    timer: Callable[[], float] = time.monotonic
    called: int = 0
    spared: int = 0

    def __post_init__(self) -> None:
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()  # the oldest first
        self._octets = 0
        self._flights: dict[Key, _Flight] = {}

    async def of(self, key: Key, fetch: Fetch) -> Evidence:
        """The answer to a question: as kept, as on its way, or as ``fetch`` brings it."""
        for _ in range(JOINS):
            flight = self._flights.get(key)
            answer = self._fresh(key) or (await flight.landed() if flight else None)
            if answer is not None:
                self.spared += 1
                return answer
            if flight is None:
                return await self._led(key, fetch)
        self.called += 1
        answer = await fetch()
        if _lasting(answer):
            self._keep(key, answer)
        return answer

    async def _led(self, key: Key, fetch: Fetch) -> Evidence:
        self.called += 1
        flight = self._flights[key] = _Flight(asyncio.create_task(_awaited(fetch)))
        flight.task.add_done_callback(lambda task: self._over(key, task))
        await flight.landed()
        return flight.task.result()

    def _over(self, key: Key, task: asyncio.Task[Evidence]) -> None:
        del self._flights[key]
        if not task.cancelled() and task.exception() is None and _lasting(task.result()):
            self._keep(key, task.result())

    def _fresh(self, key: Key) -> Evidence | None:
        kept = self._kept.get(key)
        aged = kept is None or self.timer() - kept.at >= self.freshness.seconds
        return None if kept is None or aged else kept.answer

    def _keep(self, key: Key, answer: Evidence) -> None:
        if key in self._kept:
            self._octets -= self._kept.pop(key).octets
        kept = _Kept(answer, self.timer(), len(to_json(answer.data)))
        self._kept[key] = kept
        self._octets += kept.octets
        while self._kept and self._surplus(kept.at):
            self._octets -= self._kept.popitem(last=False)[1].octets

    def _surplus(self, now: float) -> bool:
        """Whether the oldest answer has to go."""
        oldest = next(iter(self._kept.values()))
        return (
            now - oldest.at >= self.freshness.seconds
            or len(self._kept) > self.freshness.answers
            or self._octets > self.freshness.octets
        )


class SharedToolbox(Toolbox):
    """A toolbox whose answers serve all cases of a run that ask the same as of the same moment.

    Args:
        tools: Tools by name.
        source: Where they read.
        clock: For ``retrieved_at``.
        shared: What is kept; it tells how much was shared.
    """

    def __init__(
        self, tools: Mapping[str, Tool], source: Source, clock: Clock, shared: Shared
    ) -> None:
        super().__init__(tools, source, clock)
        self.shared = shared
        """What is kept."""

    async def _asked(self, question: Question) -> Evidence:
        # Beneath the journal: what a run was told it keeps, whoever had asked for it.
        asked = super()._asked
        return await self.shared.of(question.key, lambda: asked(question))


def shared_of(settings: Settings) -> Shared | None:
    """What the cases of a batch share, as the settings have it; None: nothing."""
    seconds = settings.batch_freshness_s
    return Shared(Freshness(seconds)) if seconds else None


def toolbox_of(
    tools: Mapping[str, Tool], source: Source, clock: Clock, shared: Shared | None
) -> Toolbox:
    """The toolbox of a run: one whose answers are shared, or one that keeps nothing."""
    if shared is None:
        return Toolbox(tools, source, clock)
    return SharedToolbox(tools, source, clock, shared)


async def _awaited(fetch: Fetch) -> Evidence:
    return await fetch()


def _lasting(answer: Evidence) -> bool:
    return answer.status is not EvidenceStatus.ERROR and answer.reason != PENDING
