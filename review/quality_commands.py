"""``review read``, ``agreement``, ``figures`` and ``plant``. Heavy imports stay inside."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from casewright.session import Session, wait
from review.commands import CaseId, Json, Note, Reviewer, app, open_desk

if TYPE_CHECKING:
    from review.desk import Desk

Found = TypeVar("Found")
Since = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="From that day on, in UTC.")
]


@app.command()
def read(
    context: typer.Context,
    case: CaseId,
    outcome: Annotated[str, typer.Option(help="What you would decide.")],
    note: Note = "",
    reviewer: Reviewer = "",
    as_json: Json = False,
) -> None:
    """Say what you would decide, of a case whose proposal is shown only then."""
    from review.quality_report import render_read

    session: Session = context.obj
    found = _do(session, reviewer, lambda desk: desk.first_read(case, outcome, note=note))
    value = found.model_dump(mode="json")
    session.show(value, lambda: render_read(case, found), as_json=as_json)


@app.command()
def agreement(
    context: typer.Context,
    sop: Annotated[str, typer.Option(help="Only of this SOP.")] = "",
    since: Since = None,
    reviewer: Reviewer = "",
    as_json: Json = False,
) -> None:
    """How far readers agree with each other and with the graph, beyond chance, by SOP."""
    from review.quality_report import render_agreements

    session: Session = context.obj
    found = _do(session, reviewer, lambda desk: desk.agreements(_utc(since), sop))
    value = found.model_dump(mode="json")
    session.show(value, lambda: render_agreements(found), as_json=as_json)


@app.command()
def figures(
    context: typer.Context, since: Since = None, reviewer: Reviewer = "", as_json: Json = False
) -> None:
    """How each reviewer works (leads): overrides, time, unread approvals, missed checks."""
    from review.quality_report import render_figures

    session: Session = context.obj
    found = _do(session, reviewer, lambda desk: desk.figures(_utc(since)))
    value = found.model_dump(mode="json")
    session.show(value, lambda: render_figures(found), as_json=as_json)


@app.command()
def plant(
    context: typer.Context,
    count: Annotated[int, typer.Option(min=1, max=100, help="How many.")] = 1,
    sop: Annotated[str, typer.Option(help="Made of closed cases of this SOP alone.")] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be planted, and plant nothing.")
    ] = False,
    reviewer: Reviewer = "",
    as_json: Json = False,
) -> None:
    """Plant checks among what waits (leads): recommendations known to be wrong."""
    from review.quality_report import render_planted

    session: Session = context.obj
    found = _do(session, reviewer, lambda desk: desk.plant(count, sop=sop, dry_run=dry_run))
    value = [one.model_dump(mode="json") for one in found]
    session.show(value, lambda: render_planted(found), as_json=as_json)


def _utc(day: datetime | None) -> datetime | None:
    return day.replace(tzinfo=UTC) if day else None


def _do(session: Session, reviewer: str, act: Callable[[Desk], Awaitable[Found]]) -> Found:
    async def work() -> Found:
        async with open_desk(session, session.settings, reviewer) as desk:
            return await act(desk)

    return wait(work())
