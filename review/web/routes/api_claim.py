"""Claims over the API: who has a case, and what is put aside."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from fastapi import APIRouter, Request

from casewright.errors import UsageError
from casewright.waiting import Waiting
from review.web.description import PREFIX
from review.web.house import desk_of, house_of
from review.web.once import ONCE, OnceRoute
from review.web.problem import WRITING, problems
from review.web.shapes import Assign, CaseId, Hold, Release

LONGEST_HOLD: Final = timedelta(days=30)

router = APIRouter(
    prefix=PREFIX,
    tags=["cases"],
    route_class=OnceRoute,
    dependencies=[ONCE],
    responses=problems(*WRITING, 404),
)


@router.post("/cases/{case_id}/claim", operation_id="claim_case")
async def claim(request: Request, case_id: CaseId) -> Waiting:
    """Take a case for twenty minutes; nobody else can act on it meanwhile."""
    return await desk_of(request).claim(case_id)


@router.post("/cases/{case_id}/renew", operation_id="renew_claim")
async def renew(request: Request, case_id: CaseId) -> Waiting:
    """Keep it for another twenty; at most twice."""
    return await desk_of(request).renew(case_id)


@router.post("/cases/{case_id}/release", operation_id="release_case")
async def release(request: Request, case_id: CaseId, how: Release | None = None) -> Waiting:
    """Give a case back to the queue."""
    return await desk_of(request).release(case_id, reason=how.reason if how else "")


@router.post("/cases/{case_id}/assign", operation_id="assign_case")
async def assign(request: Request, case_id: CaseId, how: Assign) -> Waiting:
    """Say who is to decide a case (leads)."""
    return await desk_of(request).assign(case_id, how.to)


@router.post("/cases/{case_id}/hold", operation_id="hold_case")
async def hold(request: Request, case_id: CaseId, how: Hold) -> Waiting:
    """Put a case aside; its time to be decided runs on."""
    if how.until > house_of(request).clock() + LONGEST_HOLD:
        raise UsageError(f"A case is held for at most {LONGEST_HOLD.days} days.")
    return await desk_of(request).hold(case_id, how.until, how.why)


@router.post("/cases/{case_id}/resume", operation_id="resume_case")
async def resume(request: Request, case_id: CaseId) -> Waiting:
    """Take a case off hold."""
    return await desk_of(request).resume(case_id)
