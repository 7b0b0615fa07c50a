"""A case that a reviewer decides before they see what is proposed."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request, Response

from review.web.house import desk_of
from review.web.pages import page, to

router = APIRouter()


@router.get("/cases/{case_id}/first-read")
async def blind_case(request: Request, case_id: str) -> Response:
    """The case without its proposal; where that may be seen, the case itself."""
    desk = desk_of(request)
    if not await desk.owes_first_read(case_id):
        return to(_case(case_id))
    one = await desk.blind_case(case_id)
    return page(request, "first_read.html", title=f"Read first: {case_id}", one=one)


@router.post("/cases/{case_id}/first-read")
async def read(
    request: Request,
    case_id: str,
    outcome: Annotated[str, Form()],
    note: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    """Take what the reviewer would decide; then the case is shown with its proposal."""
    await desk_of(request).first_read(case_id, outcome, note=note)
    return to(_case(case_id))


def _case(case_id: str) -> str:
    return f"/cases/{quote(case_id, safe='')}"
