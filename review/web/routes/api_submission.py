"""Submitting a case over the API."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from review.submitting import submit
from review.web.answers import Standing
from review.web.description import PREFIX
from review.web.house import desk_of, house_of
from review.web.once import ONCE, OnceRoute
from review.web.problem import WRITING, problems
from review.web.routes.api_case import standing
from review.web.shapes import Submission
from review.web.visitor import visitor_of

router = APIRouter(prefix=PREFIX, tags=["cases"], route_class=OnceRoute, dependencies=[ONCE])

_LOCATION = {"Location": {"description": "Where it is shown.", "schema": {"type": "string"}}}


@router.post(
    "/cases",
    operation_id="submit_case",
    status_code=202,
    responses={
        200: {"model": Standing, "description": "It waits, or was decided.", "headers": _LOCATION},
        202: {"description": "Accepted: it is investigated.", "headers": _LOCATION},
        **problems(*WRITING, 404, 502),
    },
)
async def submit_case(request: Request, response: Response, asked: Submission) -> Standing:
    """Have a case of the source investigated.

    It is accepted at once and investigated in the background; what was accepted survives a restart
    of the server. Ask for it at `Location`, or let a webhook tell you.
    """
    house, member = house_of(request), visitor_of(request).member
    response.headers["Location"] = f"{PREFIX}/cases/{quote(asked.case_id, safe='')}"
    run = await submit(house.investigator, member, asked.case_id, house.clock)
    if run is None:
        return Standing(case_id=asked.case_id, status="accepted")
    response.status_code = 200
    return await standing(desk_of(request), asked.case_id)
