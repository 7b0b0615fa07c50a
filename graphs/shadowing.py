"""Has shadows judge runs beside the version that decides, and lets nothing of it touch the run."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from casewright.models import Decision, Run
from casewright.release import Release
from casewright.shadow import ShadowRun
from graphs.facts import Facts
from graphs.replay import Recording
from graphs.shadow import changed_by_people, held, judged, judged_by
from graphs.sop import Sop
from graphs.state import Services
from tools.base import Tool

AT_ONCE = 2
"""How many cases a shadow judges at a time: the cases in flight go first."""


class Shadowing:
    """Judges runs once more on their frozen evidence.

    Args:
        services: What nodes work with; its store keeps what shadows made of runs.
        tools: Tools by name; none of them is called.
        sop_of: The procedure that a run is pinned to.
        released: The procedure of a release, if it is what runs under the settings.
    """

    def __init__(
        self,
        services: Services,
        tools: Mapping[str, Tool],
        sop_of: Callable[[Run], Awaitable[Sop]],
        released: Callable[[Release], Awaitable[Sop]],
    ) -> None:
        self._services = services
        self._tools = tools
        self._sop_of = sop_of
        self._released = released
        self._running: set[asyncio.Task[None]] = set()
        self._at_once = asyncio.Semaphore(AT_ONCE)

    def start(self, run: Run, release: Release) -> None:
        """Have the release judge a run while others go on."""
        # In a context of its own: what its reading costs is not the case's.
        task = asyncio.create_task(self._shadowed(run, release), context=contextvars.Context())
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def done(self) -> None:
        """Wait until every shadow has judged what it was given; see :mod:`graphs.shadow`."""
        while self._running:
            await asyncio.gather(*self._running, return_exceptions=True)

    async def drop(self) -> None:
        """Stop what shadows still judge: it is judged when its case is investigated again."""
        for task in self._running:
            task.cancel()
        await self.done()

    async def _shadowed(self, run: Run, release: Release) -> None:
        async with self._at_once:
            known = await self._services.store.shadows.get(run.run_id, release.version)
            if known is None or known.error:
                await self._services.store.shadows.put(await self.judge_again(run, release))

    async def judge_of(self, run: Run) -> Callable[[Facts], Awaitable[Decision]]:
        """What decides other facts of a run's case as its version would.

        No source is asked: the reader's look-ups are answered from those facts.
        """
        kept = await held(run, self._tools, self._services)

        async def judge(facts: Facts) -> Decision:
            recording = Recording(self._tools, facts.evidence.values())
            reader = replace(kept, recording=recording).reader(self._services)
            return await judged(facts, run.graph_version, kept.beside, reader)

        return judge

    async def judge_again(self, run: Run, release: Release) -> ShadowRun:
        """What a released version makes of a run's frozen evidence; a fault is told in the record.

        No source is asked and nothing is written.
        """
        told = {"run_id": run.run_id, "version": release.version, "at": self._services.clock()}
        try:
            sop = await self._released(release)
            kept = await held(run, self._tools, self._services)
            decision, lacks = await judged_by(sop, release.version, kept, self._services)
            proposal = run.decision
            if changed_by_people(run):
                own, services = await self._sop_of(run), self._services
                proposal, _ = await judged_by(own, run.graph_version, kept, services)
        except Exception as error:  # noqa: BLE001  # whatever is wrong with it, the case goes on
            return ShadowRun(**told, error=f"{type(error).__name__}: {error}")
        return ShadowRun(**told, decision=decision, proposal=proposal, lacks=lacks)
