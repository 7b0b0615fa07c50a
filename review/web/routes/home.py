"""Where a member begins, and whether the server lives and can work."""

from __future__ import annotations

import asyncio
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from casewright.errors import CasewrightError
from casewright.team import Permission
from review.web.house import house_of
from review.web.pages import page, to
from review.web.visitor import visitor_of

READY_S: Final = 3.0
"""How long the store has to answer, in seconds: whoever asks waits for ten, and asks again."""

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


@router.get("/ready")
async def ready(request: Request) -> JSONResponse:
    """Whether the store answers, so that requests can be sent here; says nothing else."""
    try:
        async with asyncio.timeout(READY_S):
            await house_of(request).store.log.head()
    except (SQLAlchemyError, CasewrightError, TimeoutError):
        return JSONResponse({"status": "unavailable"}, status_code=503)
    return JSONResponse({"status": "ok"})
