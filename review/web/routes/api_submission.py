"""Cases that are submitted over the API, and appeals against decisions."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from review.submitting import submit
from review.web.answers import Standing
from review.web.description import PREFIX
from review.web.house import desk_of, house_of
from review.web.once import ONCE, OnceRoute
from review.web.problem import WRITING, problems
from review.web.routes.api_case import standing
from review.web.shapes import Appeal, CaseId, Submission, Submitted
from review.web.visitor import visitor_of

router = APIRouter(prefix=PREFIX, tags=["cases"], route_class=OnceRoute, dependencies=[ONCE])

_LOCATION = {"Location": {"description": "Where it is shown.", "schema": {"type": "string"}}}

_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"model": Standing, "description": "It waits, or was decided.", "headers": _LOCATION},
    202: {"description": "Accepted: it is investigated.", "headers": _LOCATION},
    **problems(*WRITING, 404, 502),
}


@router.post("/cases", operation_id="submit_case", status_code=202, responses=_ANSWERS)
async def submit_case(request: Request, response: Response, asked: Submitted) -> Standing:
    """Have a case investigated: one that the source knows, by its id, or one that you bring.

    It is accepted at once and investigated in the background; what was accepted survives a restart
    of the server. Ask for it at `Location`, or let a webhook tell you. The same case again changes
    nothing; another one under its id is refused.
    """
    if not isinstance(asked, Submission):
        # As it came: a name that is there twice is gone once it is read.
        await desk_of(request).submit((await request.body()).decode())
    return await _investigated(request, response, asked.case_id)


@router.post(
    "/cases/{case_id}/appeals",
    operation_id="appeal_case",
    status_code=202,
    responses=_ANSWERS,
)
async def appeal(request: Request, response: Response, case_id: CaseId, asked: Appeal) -> Standing:
    """Open an appeal against the decision of a closed case, and have it investigated.

    It is a case of its own, with an id of its own. The same appeal again changes nothing.
    """
    desk = desk_of(request)
    opened = await desk.appeal(case_id, asked.by, asked.statement, language=asked.language)
    return await _investigated(request, response, opened.case.case_id)


async def _investigated(request: Request, response: Response, case_id: str) -> Standing:
    house, member = house_of(request), visitor_of(request).member
    response.headers["Location"] = f"{PREFIX}/cases/{quote(case_id, safe='')}"
    run = await submit(house.investigator, member, case_id, house.clock)
    if run is None:
        return Standing(case_id=case_id, status="accepted")
    response.status_code = 200
    return await standing(desk_of(request), case_id)
