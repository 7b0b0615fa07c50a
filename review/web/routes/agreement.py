"""How far readers agree with each other and with the graph."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from review.quality_report import estimated
from review.web.house import desk_of
from review.web.pages import page

router = APIRouter()


@router.get("/agreement")
async def agreement(request: Request, sop: str = "") -> Response:
    """Agreement by SOP, of the last year."""
    found = await desk_of(request).agreements(sop=sop)
    title = f"Agreement: {sop}" if sop else "Agreement"
    return page(request, "agreement.html", title=title, found=found, estimated=estimated)
