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
    """A page of the runs that you see, newest first.

    Where cases are to be read first, those that wait are not found by their outcome.
    """
    register = desk_of(request).register
    found = await register.find(asked.sought(), limit=asked.limit, offset=asked.offset)
    after = asked.offset + asked.limit
    return Runs(
        items=found.items, total=found.total, next_offset=after if after < found.total else None
    )
