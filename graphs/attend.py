"""Attends a batch: has it worked on, tells how far it is, stops it when asked, and sums it up."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from functools import partial

from casewright.batching import Batch, Ended
from casewright.clock import of_seconds
from casewright.store.away import patiently
from graphs.batch import work
from graphs.pace import TOO_FEW, Pace
from graphs.progress import Progress
from graphs.ray_engine import work_on_ray
from graphs.run import Investigator
from graphs.stopping import stopping
from graphs.summary import Summary, summary_of
from graphs.teller import Teller
from tools.shared import SharedToolbox

REFRESH_S = 10.0
"""How often it is looked how the batch stands, in seconds: others may work on it as well."""

INTERRUPTED = "interrupted"
"""Why a batch was stopped that somebody interrupted."""

Told = Callable[[Ended], None]


@dataclass(frozen=True)
class Attended:
    """What came of it.

    Attributes:
        summary: The summary.
        interrupted: Whether it was interrupted before all was done.
    """

    summary: Summary
    interrupted: bool


def engine(investigator: Investigator, batch: Batch, pace: Pace) -> AsyncGenerator[Ended, None]:
    """Work on a batch where its plan says, and yield each case as it ends."""
    if batch.plan.engine == "local":
        return work(investigator, batch, pace=pace)
    return work_on_ray(investigator, batch, pace=pace)


async def attend(
    investigator: Investigator, batch: Batch, pace: Pace, teller: Teller, ended: Told
) -> Attended:
    """Work on a batch until it is over or stopped.

    At the first Ctrl-C, or at SIGTERM, no case is begun any more and what is in flight ends; at
    the second Ctrl-C that stops where it is as well, and its leases are free at once.

    Args:
        investigator: Opened for a batch.
        batch: The batch; it is open.
        pace: Its pace.
        teller: Told how far it is.
        ended: Told of each case that ends.

    Raises:
        EnvironmentFault: the store could not be used for too long.
    """
    progress = Progress(await investigator.store.batches.tally(batch.batch_id))
    teller.begin(batch.batch_id, progress)
    attending = _Attending(investigator, batch, pace, teller, progress)
    await attending.run(ended)
    return await attending.summed_up()


class _Attending:
    def __init__(
        self,
        investigator: Investigator,
        batch: Batch,
        pace: Pace,
        teller: Teller,
        progress: Progress,
    ) -> None:
        self._investigator = investigator
        self._batches = investigator.store.batches
        self._batch = batch
        self._pace = pace
        self._teller = teller
        self._progress = progress
        self._draining: asyncio.Task[None] | None = None

    async def run(self, ended: Told) -> None:
        working = asyncio.create_task(self._work(ended))
        telling = asyncio.create_task(self._tell())
        with stopping(self._drain, working.cancel):
            try:
                await asyncio.wait([working])
            finally:
                working.cancel()
                telling.cancel()
                await asyncio.gather(working, telling, return_exceptions=True)
        if self._draining is not None:
            await self._draining
        if not working.cancelled():
            working.result()

    async def summed_up(self) -> Attended:
        batch_id = self._batch.batch_id
        self._progress.stands(await self._batches.tally(batch_id))
        tally = self._progress.tally
        left = tally.pending + tally.leased
        if self._draining is not None and not left:  # all had ended by then
            await self._batches.set_state(batch_id, "ended")
        toolbox = self._investigator.services.toolbox
        summary = summary_of(
            await self._batches.get(batch_id),
            self._progress,
            await self._batches.parked(batch_id),
            limits=self._pace.limits(),
            shared=toolbox.shared.spared if isinstance(toolbox, SharedToolbox) else None,
        )
        return Attended(summary, interrupted=self._draining is not None and left > 0)

    async def _work(self, ended: Told) -> None:
        async with aclosing(engine(self._investigator, self._batch, self._pace)) as endings:
            async for one in endings:
                self._progress.add(one)
                ended(one)

    def _drain(self) -> None:
        flying = max(self._pace.flying, self._progress.tally.leased)
        told = f"Stopping: {flying} in flight end first; " if flying else "Stopping; "
        self._teller.say(f"{told}Ctrl-C again to stop now.")
        self._draining = asyncio.create_task(self._stop())

    async def _stop(self) -> None:
        """Have nobody begin a case of the batch any more, however long the store is away."""
        stop = partial(self._batches.set_state, self._batch.batch_id, "stopped", INTERRUPTED)
        await patiently(stop, math.inf)

    async def _tell(self) -> None:
        passed = 0.0
        while True:
            await asyncio.sleep(self._teller.every_s)
            passed += self._teller.every_s
            if passed >= REFRESH_S:
                passed = 0.0
                await self._look()
            self._teller.tick(self._progress, await self._why())

    async def _look(self) -> None:
        with suppress(Exception):  # the store may be away; what is known is told until then
            self._progress.stands(await self._batches.tally(self._batch.batch_id))

    async def _why(self) -> str:
        why = self._pace.limited_by
        if self._pace.flying:
            return "" if why == TOO_FEW else why
        with suppress(Exception):  # as above
            wakes = await self._batches.wakes(self._batch.batch_id)
            if wakes and wakes > self._investigator.clock().timestamp():
                return f"a rest until {of_seconds(wakes):%H:%M:%S} UTC, then it tries again"
        return why
