"""Undoing a decision: what it would do, and the form that confirms it."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from review.undo_report import TOLD, spelled
from review.web.house import desk_of
from review.web.pages import page

router = APIRouter()


@router.get("/cases/{case_id}/undo")
async def undoing(request: Request, case_id: str) -> HTMLResponse:
    """What undoing the decision would do; who may is checked by the desk."""
    found = await desk_of(request).undoing(case_id)
    return page(
        request,
        "undo.html",
        title=f"Undo {case_id}",
        undoing=found,
        told=TOLD,
        spelled=spelled,
    )


@router.post("/cases/{case_id}/undo")
async def undo(
    request: Request,
    case_id: str,
    why: Annotated[str, Form(max_length=2000)] = "",
    sent: Annotated[str, Form()] = "",
) -> RedirectResponse:
    """Undo it. ``sent`` says that the form told of what was sent already."""
    await desk_of(request).undo(case_id, why, sent=sent == "yes")
    return RedirectResponse(f"/cases/{quote(case_id, safe='')}", status_code=303)
