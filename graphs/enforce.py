"""Carrying out what the gate let pass: each write once, its end logged before the next begins."""

from __future__ import annotations

from collections.abc import Iterable

from casewright.enforcement import Enforced, PlannedAction, with_entry
from casewright.errors import EnforcementFailed
from casewright.models import Run
from graphs.state import Services

BEFORE = ("interim", "inquiry")
"""Purposes of writes that belong before the gate."""


def with_plan(run: Run, writes: Iterable[PlannedAction]) -> Run:
    """The run with these writes in its log, planned; those it holds already stay as they ended."""
    log, keys = run.enforced, {one.write.key for one in run.enforced}
    for write in writes:
        if write.key not in keys:
            log = with_entry(log, Enforced(write=write))
    return run.model_copy(update={"enforced": log})


def left(run: Run) -> tuple[Enforced, ...]:
    """What is still to be carried out after the gate."""
    return tuple(one for one in run.enforced if one.open and one.write.purpose not in BEFORE)


async def carry_out(run: Run, writes: Iterable[PlannedAction], services: Services) -> Run:
    """Carry out writes, or log them as planned where enforcement is off; each end is kept at once.

    A write that was interrupted is sent again under its key, which does it once.
    """
    for write in writes:
        entry = Enforced(write=write)
        if services.enforcer is not None:
            entry = await services.enforcer.carry_out(write)
        log = with_entry(run.enforced, entry)
        run = run.model_copy(update={"enforced": log, "updated_at": services.clock()})
        await services.store.save_run(run)
    return run


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
