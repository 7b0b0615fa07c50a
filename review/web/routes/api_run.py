"""Runs over the API."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from review.web.answers import Runs
from review.web.description import PREFIX
from review.web.house import desk_of
from review.web.problem import READING, problems
from review.web.shapes import RunPage

router = APIRouter(prefix=PREFIX, tags=["runs"], responses=problems(*READING))


@router.get("/runs", operation_id="list_runs")
async def runs(request: Request, asked: Annotated[RunPage, Query()]) -> Runs:
    """A page of the runs that you see, newest first."""
    given = asked.model_dump(exclude={"limit", "offset"})
    found = await desk_of(request).runs(**given, limit=asked.limit + 1, offset=asked.offset)
    more = len(found) > asked.limit
    return Runs(
        items=found[: asked.limit], next_offset=asked.offset + asked.limit if more else None
    )
