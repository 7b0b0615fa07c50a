"""Sends what waits in the outbox: in order, each write once, its end kept before the next begins.

Whoever delivers has the case's turn, so several processes may deliver at once. That a write is
about to be sent is written down before it is: what was begun and never seen to end is sent again
under its key, which does it once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from casewright.base import Model
from casewright.enforcement import DECIDED, Enforced, with_entry
from casewright.models import Run, RunStatus
from casewright.store.outbox import Waits
from graphs.enforce import left
from graphs.state import Services
from tools.compensation import compensation
from tools.enforcement import WriteTool

if TYPE_CHECKING:
    from graphs.run import Investigator

FIRST_PAUSE: Final = timedelta(seconds=30)
LONGEST_PAUSE: Final = timedelta(hours=1)
STUCK_AFTER: Final = 8
"""Tries after which a write that still fails is told loudly; it is never dropped."""

MOST: Final = 1000
"""Runs that one pass looks at."""

Ended = Callable[[str, Enforced], None]
"""Told of each write that was sent: the case, and how it ended."""


class Delivered(Model):
    """What one pass did.

    Attributes:
        done: Writes that the marketplace did.
        refused: Writes that it will not do.
        failed: Writes that are tried again.
        stuck: What has failed so often that somebody has to look.
    """

    done: int = 0
    refused: int = 0
    failed: int = 0
    stuck: tuple[Waits, ...] = ()


def pause(attempts: int) -> timedelta:
    """How long to wait after so many tries: 30 seconds, doubled each time, an hour at most."""
    return min(FIRST_PAUSE * (1 << min(attempts - 1, 20)), LONGEST_PAUSE)


async def deliver_due(investigator: Investigator, *, ended: Ended | None = None) -> Delivered:
    """Send what is due, and return what came of it; nothing happens with enforcement off.

    Safe to call again, at any time and in several processes.

    Args:
        investigator: Holds the runs.
        ended: Told of each write that was sent.
    """
    services = investigator.services
    counts = Counter[str]()

    def told(case_id: str, entry: Enforced) -> None:
        counts[entry.status] += 1
        if ended is not None:
            ended(case_id, entry)

    if services.enforcer is None:
        return Delivered()
    for case_id, run_id in await services.store.outbox.due(services.clock(), limit=MOST):
        async with investigator.turn(case_id):
            await _deliver(run_id, services, told)
    by_end = {name: counts[name] for name in ("done", "refused", "failed")}
    return Delivered(**by_end, stuck=await stuck(services))


async def stuck(services: Services) -> tuple[Waits, ...]:
    """What has failed so often that somebody has to look."""
    waiting = await services.store.outbox.all()
    return tuple(one for one in waiting if one.attempts >= STUCK_AFTER and one.last_error)


async def _deliver(run_id: str, services: Services, ended: Ended) -> None:
    run = await services.store.run(run_id)
    if run is None:
        return
    run = await send(run, services, ended=ended)
    if _settled(run):
        update = {"status": RunStatus.DONE, "error": "", "updated_at": services.clock()}
        await services.store.save_run(run.model_copy(update=update))


def _settled(run: Run) -> bool:
    """Whether a run that stopped in the middle of its enforcement has nothing left to do."""
    stopped = run.status in (RunStatus.RUNNING, RunStatus.FAILED) and not run.reopening
    done = any(one.write.purpose in DECIDED and not one.retracted for one in run.enforced)
    return stopped and done and not left(run)


async def send(
    run: Run, services: Services, *, at_once: bool = False, ended: Ended | None = None
) -> Run:
    """Send what is due of a run, each write once; whoever calls has the case's turn.

    What takes back an undone decision goes first, and nothing else goes before it is done.

    Args:
        run: The run as it is recorded.
        services: The store, the clock and the enforcer.
        at_once: Also try what failed before and has a pause.
        ended: Told of each write that was sent.
    """
    if services.enforcer is None:
        return run
    waits = {} if at_once else await services.store.outbox.of(run.run_id)
    tried = {key for key, one in waits.items() if one.next_at > services.clock()}
    while (entry := _next(run, tried, services.clock())) is not None:
        tried.add(entry.write.key)
        await services.store.flush()  # what is sent is written down before
        attempts = await services.store.outbox.begin(run.run_id, entry.write.key)
        found = await services.enforcer.carry_out(entry.write)
        run = await _kept(run, entry, found, services)
        if found.status == "failed":
            until = services.clock() + pause(attempts)
            await services.store.outbox.postpone(run.run_id, entry.write.key, until, found.reason)
        if ended is not None:
            ended(run.case.case_id, found)
    return run


def upcoming(run: Run) -> tuple[Enforced, ...]:
    """What can be sent next of a run: what takes back goes before all else."""
    return taking_back(run) or tuple(one for one in run.enforced if one.pending)


def taking_back(run: Run) -> tuple[Enforced, ...]:
    """What waits to take back what was done, or to be taken back once it is known to be done."""
    return tuple(
        one
        for one in run.enforced
        if one.pending and (one.retracted or one.write.purpose == "compensation")
    )


def _next(run: Run, tried: Collection[str], at: datetime) -> Enforced | None:
    for one in upcoming(run):
        if one.write.key not in tried and one.due is not None and one.due <= at:
            return one
    return None


async def _kept(run: Run, before: Enforced, found: Enforced, services: Services) -> Run:
    """The run with the end of a write in its log; the same failure again changes nothing."""
    if (found.status, found.reason) == (before.status, before.reason):
        return run
    after = found.model_copy(update={"due": before.due, "retracted": before.retracted})
    log = with_entry(run.enforced, after)
    if after.retracted and after.status == "done":
        tools = services.enforcer.tools if services.enforcer else {}
        log = with_compensation(log, after, tools, services.clock())
    run = run.model_copy(update={"enforced": log, "updated_at": services.clock()})
    await services.store.save_run(run)
    return run


def with_compensation(
    log: tuple[Enforced, ...], done: Enforced, tools: Mapping[str, WriteTool], at: datetime
) -> tuple[Enforced, ...]:
    """The log with what takes a write back at its end, where anything does.

    An interim measure that was taken back is taken again by the graph, if its reason still holds.
    """
    if done.write.purpose == "interim" and done.write.undo is not None:
        # Taken back as what may have been done is: before anything that is decided later.
        return with_entry(log, Enforced(write=done.write.undo, due=at, retracted=True))
    write = "" if done.write.purpose == "undo" else compensation(done, tools)
    return log if isinstance(write, str) else with_entry(log, Enforced(write=write, due=at))
