"""A review over the API."""

from __future__ import annotations

from fastapi import APIRouter, Request

from casewright.models import ReviewAct
from review.web.acts import Act
from review.web.answers import Standing
from review.web.description import PREFIX
from review.web.house import desk_of
from review.web.once import ONCE, OnceRoute
from review.web.problem import WRITING, problems
from review.web.routes.api_case import standing
from review.web.shapes import CaseId

router = APIRouter(
    prefix=PREFIX,
    tags=["cases"],
    route_class=OnceRoute,
    dependencies=[ONCE],
    responses=problems(*WRITING, 404, 502),
)


@router.post("/cases/{case_id}/review", operation_id="review_case")
async def review(request: Request, case_id: CaseId, how: Act) -> Standing:
    """Approve, edit, reject, escalate or ask about a case, and learn where that leaves it.

    A case that nobody has is claimed by it. One that does not wait any more is answered with 409.
    """
    desk = desk_of(request)
    await desk.act(case_id, ReviewAct(how.act), how.codes, **how.given())
    return await standing(desk, case_id)
