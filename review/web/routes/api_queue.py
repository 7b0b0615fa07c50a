"""The queue over the API: what waits, how much, and the next case."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from casewright.waiting import Listed, Waiting
from review.taking import take_next
from review.web.answers import Counts
from review.web.description import PREFIX
from review.web.house import desk_of
from review.web.once import ONCE, OnceRoute
from review.web.problem import READING, WRITING, problems
from review.web.shapes import Next, QueuePage, Search

router = APIRouter(prefix=PREFIX, tags=["queue"])
writes = APIRouter(prefix=PREFIX, tags=["queue"], route_class=OnceRoute, dependencies=[ONCE])


@router.get("/queue", operation_id="list_queue", responses=problems(*READING))
async def queue(request: Request, asked: Annotated[QueuePage, Query()]) -> Listed:
    """A page of what waits and you see, most urgent first.

    First come cases with an interim measure in force, then those past their time, then the others
    by the time left, weighed by what a wrong decision would cost.
    """
    return await desk_of(request).queue(asked.wanted(), limit=asked.limit, offset=asked.offset)


@router.get("/queue/counts", operation_id="count_queue", responses=problems(*READING))
async def counts(request: Request, asked: Annotated[Search, Query()]) -> Counts:
    """How much waits of what you see, by SOP, region, language, route and channel."""
    return Counts.of(await desk_of(request).groups(asked.wanted()))


@writes.post(
    "/queue/next",
    operation_id="take_next",
    response_model=Waiting,
    responses={204: {"description": "Nothing is free."}, **problems(*WRITING)},
)
async def next_case(request: Request, asked: Next | None = None) -> Waiting | Response:
    """Claim the most urgent case that nobody has and you may decide, for twenty minutes."""
    found = await take_next(desk_of(request), (asked or Next()).wanted())
    return found or Response(status_code=204)
