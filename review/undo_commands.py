"""``review undo``. Heavy imports stay inside."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Annotated

import typer

from casewright.errors import UsageError
from casewright.session import WAITING, Session, wait
from review.commands import CaseId, Json, Reviewer, app, open_desk

if TYPE_CHECKING:
    from casewright.models import Run
    from casewright.settings import Settings
    from casewright.undoing import Undoing


@app.command()
def undo(
    context: typer.Context,
    case: CaseId,
    why: Annotated[str, typer.Option(help="Why, in your words; without it nothing is done.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Also where something was sent.")] = False,
    reviewer: Reviewer = "",
    as_json: Json = False,
) -> None:
    """Take a decision back to its gate; without --why, what that would do is shown."""
    from casewright.render import render_run
    from review.undo_report import render_undoing

    session: Session = context.obj
    if not why:
        if yes:
            raise UsageError("An undo needs a reason.", remedy="Give it with --why.")
        found = wait(_shown(session, case, reviewer))
        session.show(found.model_dump(mode="json"), lambda: render_undoing(found), as_json=as_json)
        return

    async def work(settings: Settings) -> Run:
        async with open_desk(session, settings, reviewer) as desk:
            return await desk.undo(case, why, sent=yes, listener=session.step)

    sourced: AbstractContextManager[Settings] = (
        session.sourced() if session.settings.enforce == "on" else nullcontext(session.settings)
    )
    with session.exporting(), sourced as settings:
        run = wait(work(settings))
    session.show(
        run.model_dump(mode="json"), lambda: render_run(run, citations=False), as_json=as_json
    )
    if run.status.value == "waiting":
        raise typer.Exit(WAITING)


async def _shown(session: Session, case: str, reviewer: str) -> Undoing:
    async with open_desk(session, session.settings, reviewer) as desk:
        return await desk.undoing(case)
