"""``review claim`` and what else says who has a case. Heavy imports stay inside."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from casewright.session import Session, wait
from review.commands import CaseId, Json, Reviewer, app, open_desk

if TYPE_CHECKING:
    from casewright.waiting import Waiting
    from review.desk import Desk


@app.command()
def claim(
    context: typer.Context, case: CaseId, reviewer: Reviewer = "", as_json: Json = False
) -> None:
    """Take a case for twenty minutes; nobody else can act on it meanwhile."""
    _do(context, reviewer, lambda desk: desk.claim(case), as_json=as_json)


@app.command()
def renew(
    context: typer.Context, case: CaseId, reviewer: Reviewer = "", as_json: Json = False
) -> None:
    """Keep it for another twenty; at most twice."""
    _do(context, reviewer, lambda desk: desk.renew(case), as_json=as_json)


@app.command()
def release(
    context: typer.Context,
    case: CaseId,
    reason: Annotated[str, typer.Option(help="Why it is handed back, where it is.")] = "",
    reviewer: Reviewer = "",
    as_json: Json = False,
) -> None:
    """Give a case back to the queue."""
    _do(context, reviewer, lambda desk: desk.release(case, reason=reason), as_json=as_json)


@app.command()
def assign(
    context: typer.Context,
    case: CaseId,
    to: Annotated[str, typer.Option(help="Who is to decide it; empty: whoever takes it.")] = "",
    reviewer: Reviewer = "",
    as_json: Json = False,
) -> None:
    """Say who is to decide a case (leads)."""
    _do(context, reviewer, lambda desk: desk.assign(case, to), as_json=as_json)


@app.command()
def hold(
    context: typer.Context,
    case: CaseId,
    why: Annotated[str, typer.Option(help="What it waits for.")],
    hours: Annotated[float, typer.Option(min=0.1, max=24 * 30, help="For how long.")] = 24,
    reviewer: Reviewer = "",
    as_json: Json = False,
) -> None:
    """Put a case aside; its time to be decided runs on."""
    from casewright.clock import utc_now

    until = utc_now() + timedelta(hours=hours)
    _do(context, reviewer, lambda desk: desk.hold(case, until, why), as_json=as_json)


@app.command()
def resume(
    context: typer.Context, case: CaseId, reviewer: Reviewer = "", as_json: Json = False
) -> None:
    """Take a case off hold."""
    _do(context, reviewer, lambda desk: desk.resume(case), as_json=as_json)


def _do(
    context: typer.Context,
    reviewer: str,
    act: Callable[[Desk], Awaitable[Waiting]],
    *,
    as_json: bool,
) -> None:
    from casewright.render import render_queue
    from casewright.waiting import Listed

    session: Session = context.obj

    async def work() -> Waiting:
        async with open_desk(session, session.settings, reviewer) as desk:
            return await act(desk)

    found = wait(work())
    value = found.model_dump(mode="json")
    session.show(value, lambda: render_queue(Listed(items=(found,), total=1)), as_json=as_json)
