"""What the gate let pass, as the run's record holds it: planned, left to do, done."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from casewright.enforcement import Enforced, PlannedAction, with_entry
from casewright.errors import EnforcementFailed
from casewright.models import Run
from graphs.state import Services

BEFORE = ("interim", "inquiry")
"""Purposes of writes that belong before the gate."""

LATER = "what an undone decision did is taken back first"
"""Why an interim measure is not taken yet."""


def with_plan(run: Run, writes: Iterable[PlannedAction], due: datetime | None) -> Run:
    """The run with these writes in its log, planned; those it holds already stay as they ended.

    A decision that was undone and made again does what it does again, under keys of its own.

    Args:
        run: The run.
        writes: What its decision asks for.
        due: Not to be sent before; None: enforcement is off, and nothing will be.
    """
    log, keys = run.enforced, {one.write.key for one in run.enforced}
    for write in (one.renewed(len(run.undone)) for one in writes):
        if write.key not in keys:
            log = with_entry(log, Enforced(write=write, due=due))
    return run.model_copy(update={"enforced": log})


def scheduled(run: Run, due: datetime) -> Run:
    """The run with what is left of its plan in the outbox, also where none was when it was made."""
    log = run.enforced
    for one in left(run):
        if one.due is None:
            log = with_entry(log, one.model_copy(update={"due": due}))
    return run.model_copy(update={"enforced": log})


def left(run: Run) -> tuple[Enforced, ...]:
    """What is still to be carried out after the gate."""
    return tuple(one for one in run.enforced if one.open and one.write.purpose not in BEFORE)


def asked(
    run: Run, writes: Iterable[PlannedAction], due: datetime | None, *, reason: str = ""
) -> Run:
    """The run with interim measures in its log, before they are sent; one that waits stays."""
    log, waiting = run.enforced, {one.write.key for one in run.enforced if one.pending}
    for write in writes:
        if write.key not in waiting:
            log = with_entry(log, Enforced(write=write, due=due, reason=reason))
    return run.model_copy(update={"enforced": log})


def dropped(run: Run, kept: Collection[str], begun: Collection[str], at: datetime) -> Run:
    """The run without the interim measures that wait to be sent and whose reason is gone.

    One that may have been done is sent until that is known, and then taken back.

    Args:
        run: The run.
        kept: Names of the measures that are kept.
        begun: Keys of writes whose sending was begun.
        at: The present moment.
    """
    log = run.enforced
    for one in run.enforced:
        if one.pending and one.write.purpose == "interim" and one.write.name not in kept:
            log = with_entry(log, retracted(one, begun, at))
    return run.model_copy(update={"enforced": log})


def retracted(one: Enforced, begun: Collection[str], at: datetime) -> Enforced:
    """A write whose reason is gone: withdrawn where it cannot have been done yet."""
    update: dict[str, Any] = {"retracted": True}
    if one.open and one.write.key not in begun:
        update |= {"status": "withdrawn", "at": at}
    elif one.open and one.due is None:
        update |= {"due": at}
    return one.model_copy(update=update)


async def begun_of(run: Run, services: Services) -> frozenset[str]:
    """Keys of open writes whose sending was begun, so that they may have been done."""
    if not any(one.open for one in run.enforced):
        return frozenset()
    waits = await services.store.outbox.of(run.run_id)
    begun = {key for key, one in waits.items() if one.attempts}
    return frozenset(begun | {one.write.key for one in run.enforced if one.status == "failed"})


def require_done(run: Run) -> None:
    """Stop where a write failed for now.

    Raises:
        EnforcementFailed: one did; what is left of the plan can be tried again.
    """
    failed = [one for one in left(run) if one.status == "failed"]
    if failed:
        told = "; ".join(f"{one.write.do}: {one.reason}" for one in failed)
        raise EnforcementFailed(
            f"Case {run.case.case_id!r} is decided, but not all of it is carried out ({told}).",
            remedy=failed[0].remedy
            or f"`casewright investigate {run.case.case_id}` tries the rest again.",
        )


def ended(run: Run, writes: Iterable[PlannedAction]) -> str:
    """How these writes ended, for people."""
    keys = {write.key for write in writes}
    found = (one for one in run.enforced if one.write.key in keys)
    return "; ".join(f"{one.write.do} {one.status}" for one in found)
