"""What waits, most urgent first, and the next case to take."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from casewright.errors import Taken
from casewright.models import Run
from casewright.team import ROUTES, Member, Permission
from casewright.waiting import Waiting, Wanted
from review.desk import Desk
from review.may import may_undo
from review.web.filters import PAGE_SIZE, Asked, filters, total
from review.web.house import desk_of, house_of
from review.web.pages import page, to
from review.web.words import segment

router = APIRouter()

TRIED = 20
"""How many cases are tried, one after the other, where others take them first."""


@router.get("/queue")
async def queue(request: Request, asked: Annotated[Asked, Query()]) -> Response:
    """What waits of what the member sees, with filters and how many each would leave."""
    desk = desk_of(request)
    listed, groups = await asyncio.gather(
        desk.queue(asked.wanted(), limit=PAGE_SIZE, offset=(asked.page - 1) * PAGE_SIZE),
        desk.groups(asked.loose()),
    )
    done = await _done(desk, asked.after)
    return page(
        request,
        "queue.html",
        title="Queue",
        now=house_of(request).clock(),
        asked=asked,
        listed=listed,
        filters=filters(asked, groups),
        everything=sum(group.count for group in groups),
        pages=max(1, -(-total(asked, groups) // PAGE_SIZE)),
        decidable={route.value for route in ROUTES if decides(desk.member, route.value)},
        done=done,
        undoable=done is not None and may_undo(desk.member, done),
    )


@router.post("/queue/next")
async def take_next(request: Request, asked: Annotated[Asked, Query()]) -> Response:
    """Take the most urgent free case that the member may decide, and go to it.

    Where somebody else took it in the same moment, the one after it is tried.
    """
    desk = desk_of(request)
    for one in await _free(desk, asked):
        try:
            await desk.claim(one.case_id)
        except Taken:
            continue
        return to(f"/cases/{segment(one.case_id)}")
    return to(f"/queue?{asked.query(nothing='free')}")


def decides(member: Member, route: str) -> bool:
    """Whether a member may decide cases on a route."""
    needs = next(permission for one, permission in ROUTES.items() if one.value == route)
    return member.may(Permission.REVIEW) and member.may(needs)


async def _free(desk: Desk, asked: Asked) -> tuple[Waiting, ...]:
    wanted = asked.wanted()
    own = tuple(route.value for route in ROUTES if decides(desk.member, route.value))
    routes = tuple(route for route in own if route in (wanted.routes or own))
    if not routes:
        return ()
    free: Wanted = wanted.model_copy(update={"whose": "free", "held": False, "routes": routes})
    return (await desk.queue(free, limit=TRIED)).items


async def _done(desk: Desk, case_id: str) -> Run | None:
    """The case that the member has just been done with, if its last act is theirs."""
    if not case_id:
        return None
    run = await desk.show(case_id)
    return run if run.reviews and run.reviews[-1].reviewer == desk.member.id else None
