"""Where a member begins, and whether the server lives."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse

from review.web.pages import page

router = APIRouter()


@router.get("/")
async def home(request: Request) -> HTMLResponse:
    """Where a member begins."""
    return page(request, "home.html", title="casewright")


@router.get("/health")
async def health() -> JSONResponse:
    """That the server answers; says nothing else."""
    return JSONResponse({"status": "ok"})
