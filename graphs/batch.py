"""Many cases through their graphs, a bounded number at a time, each on its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from agents.ledger import ledger
from casewright.errors import CasewrightError
from casewright.models import Model, ModelCall, Run
from graphs.run import Investigator, Wish


class BatchItem(Model):
    """How one case of a batch ended.

    Attributes:
        case_id: The case.
        run: Its run, or None where it failed.
        error: Why it failed, or empty.
        calls: The model calls that this batch made for it, whatever came of them.
    """

    case_id: str
    run: Run | None = None
    error: str = ""
    calls: tuple[ModelCall, ...] = ()


async def run_batch(
    investigator: Investigator, case_ids: Sequence[str], *, concurrency: int, wish: Wish
) -> AsyncIterator[BatchItem]:
    """Investigate every case and yield each as it ends.

    A case named twice runs once. Cancelling stops the cases in flight where they are; running the
    batch again goes on with them.

    Args:
        investigator: Takes the cases.
        case_ids: The cases.
        concurrency: Most cases in flight.
        wish: How each is to be investigated.
    """
    waiting = asyncio.Semaphore(concurrency)

    async def one(case_id: str) -> BatchItem:
        async with waiting:
            with ledger() as calls:
                ended = await _ended(investigator, case_id, wish)
            return ended.model_copy(update={"calls": tuple(calls)})

    tasks = [asyncio.create_task(one(case_id)) for case_id in dict.fromkeys(case_ids)]
    try:
        for ended in asyncio.as_completed(tasks):
            yield await ended
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _ended(investigator: Investigator, case_id: str, wish: Wish) -> BatchItem:
    try:
        return BatchItem(case_id=case_id, run=await investigator.investigate(case_id, wish))
    except (CasewrightError, OSError) as error:
        return BatchItem(case_id=case_id, error=str(error))
