"""Batches: written down with their cases before anything runs, and worked on by this process."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress

from casewright.batching import Batch, Ended, Plan
from graphs.owners import named
from graphs.run import Investigator
from graphs.worker import Pace, Steady, Worker


async def begin(investigator: Investigator, case_ids: Iterable[str], plan: Plan) -> Batch:
    """Write down a batch; nothing runs yet.

    Args:
        investigator: Holds the store.
        case_ids: The cases, in the order in which they are to be begun; one named twice runs once.
        plan: What it is to run with.
    """
    at = investigator.clock()
    batch = Batch(
        batch_id=f"{at:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}",
        at=at,
        author=plan.by,
        state="open",
        plan=plan,
    )
    await investigator.store.batches.put(batch, case_ids)
    return batch


async def work(
    investigator: Investigator, batch: Batch, *, pace: Pace | None = None
) -> AsyncIterator[Ended]:
    """Work on a batch in this process, and yield each case as it ends here.

    Cancelling stops the cases in flight where they are and frees them; working on the batch again
    goes on with them.

    Args:
        investigator: Takes the cases; opened for a batch.
        batch: The batch.
        pace: Sets the pace; None: as many at once as the plan or the settings say.

    Raises:
        EnvironmentFault: the store could not be used for too long.
    """
    ended: asyncio.Queue[Ended | None] = asyncio.Queue()
    most = batch.plan.concurrency or investigator.settings.concurrency
    with named(investigator.home) as owner:
        worker = Worker(investigator, batch, owner, pace or Steady(most), ended.put_nowait)
        working = asyncio.create_task(worker.run())
        working.add_done_callback(lambda _: ended.put_nowait(None))
        try:
            while (one := await ended.get()) is not None:
                yield one
            await working
        finally:
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working
