"""Erases a closed case here: what its records and checkpoints say of people."""

from __future__ import annotations

from casewright.audit import Actor
from casewright.base import Model
from casewright.clock import Clock
from casewright.models import Run
from casewright.settings import Settings
from casewright.store import Store
from graphs.checkpoints import forget_threads


class Erased(Model):
    """What went.

    Attributes:
        case_id: The case.
        evidence: Digests of the evidence that no other case rests on.
        runs: How many runs of it were emptied.
    """

    case_id: str
    evidence: tuple[str, ...]
    runs: int


async def erase_case(settings: Settings, case_id: str, actor: Actor, clock: Clock) -> Erased:
    """Erase a closed case: evidence, decision, notes, checkpoints; the log stays and says so.

    What the knowledge base remembers of it is erased by ``kb erase``.

    Args:
        settings: Where the store and the checkpoints are.
        case_id: The case.
        actor: Who erases.
        clock: The present moment.

    Raises:
        UsageError: there is no such case, or it is not closed.
        StoreCorrupt: the store or the checkpoints cannot be read.
    """
    async with Store.at(settings) as store:
        gone = await store.erase(case_id, actor=actor, at=clock())
        records = await store.records(case_id)
        threads = [Run.model_validate_json(record).run_id for record in records]
    await forget_threads(settings, threads)
    return Erased(case_id=case_id, evidence=gone, runs=len(threads))
