"""Drawn cases for second readers, and what they differ about for whoever settles it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from casewright.errors import UsageError
from review.web.house import desk_of
from review.web.pages import page, to

router = APIRouter()

Outcome = Annotated[str, Form()]
Words = Annotated[str, Form(max_length=4000)]


@router.get("/second-looks")
async def due(request: Request) -> Response:
    """What was drawn and waits for a second reader."""
    cases = await desk_of(request).second_look()
    return page(request, "second_looks.html", title="Second looks", cases=cases)


@router.get("/second-looks/{case_id}")
async def blind_case(request: Request, case_id: str) -> Response:
    """A drawn case without its decision."""
    one = await desk_of(request).blind(case_id)
    return page(request, "second_look.html", title=f"Second look: {case_id}", one=one)


@router.post("/second-looks/{case_id}")
async def look(request: Request, case_id: str, outcome: Outcome, note: Words = "") -> Response:
    """Take what a second reader would have decided, and tell them how it was decided."""
    found = await desk_of(request).look(case_id, outcome, note=note)
    return page(request, "verdict.html", title=f"Second look: {case_id}", found=found)


@router.get("/disputed")
async def disputed(request: Request) -> Response:
    """What readers differ about."""
    cases = await desk_of(request).disputed()
    return page(request, "disputed.html", title="Disputed", cases=cases)


@router.get("/disputed/{case_id}")
async def dispute(request: Request, case_id: str) -> Response:
    """One case that readers differ about."""
    desk = desk_of(request)
    found = next((one for one in await desk.disputed() if one.case_id == case_id), None)
    if found is None:
        raise UsageError(f"Readers do not differ about case {case_id!r}.")
    one = await desk.blind(case_id)
    return page(request, "dispute.html", title=f"Settle {case_id}", found=found, one=one)


@router.post("/disputed/{case_id}")
async def arbitrate(request: Request, case_id: str, outcome: Outcome, note: Words = "") -> Response:
    """Take the word that settles it."""
    await desk_of(request).look(case_id, outcome, note=note)
    return to("/disputed")
