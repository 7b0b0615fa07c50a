"""Undoing a decision: what was not sent is withdrawn, and what was is taken back where it can be.

All of it is recorded in one writing of the run, before anything else happens; what has to be sent
for it goes through the outbox like every other write.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from datetime import datetime

from casewright.enforcement import DECIDED, Enforced, with_entry
from casewright.errors import UsageError
from casewright.models import Run, RunStatus, Undone
from casewright.undoing import Effect, Undoing
from graphs.deliver import with_compensation
from graphs.enforce import begun_of, left, retracted
from graphs.remember import closed_review
from graphs.state import Services
from tools.compensation import compensation
from tools.enforcement import WriteTool, offered


def require_decided(run: Run | None, case_id: str) -> Run:
    """The run, if its decision was let pass by its gate.

    Raises:
        UsageError: it was not.
    """
    if run is not None and run.decision is not None and _decided(run):
        return run
    stands = f"is {run.status.value}" if run else "was never investigated here"
    raise UsageError(
        f"There is nothing to undo in case {case_id!r}: it {stands}.",
        remedy="Only what was decided, by a person or automatically, can be undone.",
    )


def _decided(run: Run) -> bool:
    """Whether it is closed, or stopped while what it decided was carried out."""
    if run.status is RunStatus.DONE:
        return True
    left_over = any(one.write.purpose in DECIDED and not one.retracted for one in left(run))
    return run.status is not RunStatus.WAITING and left_over


async def undoing(run: Run, services: Services) -> Undoing:
    """What undoing the run's decision would do as things stand; nothing is changed."""
    begun = await begun_of(run, services)
    tools = _tools(services)
    effects = (_effect(one, begun, tools) for one in _present(run) if one.status != "refused")
    outcome = run.decision.outcome if run.decision else ""
    return Undoing(case_id=run.case.case_id, outcome=outcome, effects=tuple(effects))


async def retract(run: Run, undone: Undone, services: Services, *, sent: bool) -> Run:
    """Record that a decision is undone, with all that it takes; called with the case's turn.

    Raises:
        UsageError: something was sent, or may have been, and ``sent`` is not set.
    """
    if not sent and (await undoing(run, services)).sent:
        raise UsageError(
            f"Case {run.case.case_id!r} is carried out already, at least in part.",
            remedy="`casewright review undo` shows what would be taken back and what would stay;"
            " confirm it with --yes.",
        )
    at, begun = services.clock(), await begun_of(run, services)
    update = {
        "undone": (*run.undone, undone.model_copy(update={"reviews": len(run.reviews)})),
        "enforced": _taken_back(run, begun, _tools(services), at),
        "status": RunStatus.RUNNING,
        "automatic": False,
        "second_look": False,
        "error": "",
        "updated_at": at,
    }
    run = run.model_copy(update=update)
    await services.store.save_run(run)
    return run


async def overturned(run: Run, services: Services) -> None:
    """Have the knowledge base forget what was undone, where it had learned it."""
    number = run.undone[-1].reviews
    learned = closed_review(run.model_copy(update={"reviews": run.reviews[:number]}))
    if learned is not None and services.precedents is not None:
        await asyncio.to_thread(services.precedents.overturn, learned)


def _present(run: Run) -> tuple[Enforced, ...]:
    """The writes of the decision that stands, also those that were not sent."""
    return tuple(
        one
        for one in run.enforced
        if one.write.purpose in DECIDED and not one.retracted and one.status != "withdrawn"
    )


def _tools(services: Services) -> Mapping[str, WriteTool]:
    return services.enforcer.tools if services.enforcer else offered()


def _effect(one: Enforced, begun: Collection[str], tools: Mapping[str, WriteTool]) -> Effect:
    write = one.write
    if one.open:
        return Effect(write=write, how="awaited" if write.key in begun else "withdrawn")
    if write.purpose == "undo":
        return Effect(write=write, how="restored")
    by = compensation(one, tools)
    if isinstance(by, str):
        return Effect(write=write, how="stays", why=by)
    return Effect(write=write, how="compensated", by=by)


def _taken_back(
    run: Run, begun: Collection[str], tools: Mapping[str, WriteTool], at: datetime
) -> tuple[Enforced, ...]:
    """The log: what was not sent withdrawn, and what was done taken back, the last write first."""
    log = run.enforced
    for one in reversed(_present(run)):
        after = retracted(one, begun, at)
        log = with_entry(log, after)
        if one.status == "done":
            log = with_compensation(log, after, tools, at)
    return log
