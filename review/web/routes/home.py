"""Where a member begins, and whether the server lives."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from casewright.team import Permission
from review.web.pages import page, to
from review.web.visitor import visitor_of

router = APIRouter()


@router.get("/")
async def home(request: Request) -> Response:
    """Where a member begins: the queue, or what they may do where they read no cases."""
    member = visitor_of(request).member
    if member.may(Permission.READ):
        return to("/queue")
    granted = [permission for permission in Permission if member.may(permission)]
    return page(request, "home.html", title="casewright", granted=granted)


@router.get("/health")
async def health() -> JSONResponse:
    """That the server answers; says nothing else."""
    return JSONResponse({"status": "ok"})
