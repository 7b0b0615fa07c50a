"""How reviewers work, for those who lead them."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from review.quality_report import LABELS, cells_of
from review.web.house import desk_of
from review.web.pages import page

router = APIRouter()


@router.get("/figures")
async def figures(request: Request) -> Response:
    """Figures of every reviewer, of the last 90 days."""
    found = await desk_of(request).figures()
    columns = [(one.reviewer, cells_of(one)) for one in found.reviewers]
    columns.append(("everybody", cells_of(found.everybody)))
    return page(
        request, "figures.html", title="Figures", found=found, labels=LABELS, columns=columns
    )
