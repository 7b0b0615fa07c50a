"""Search: cases by id, by whom and what they are about, by how they stand."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from casewright.hits import Sought
from casewright.models import RunStatus
from review.web.house import desk_of, house_of
from review.web.pages import page
from review.web.paging import SIZE, Number, chosen, paging

router = APIRouter()

Text = Annotated[str, Query(max_length=200)]
Chosen = Annotated[list[str], Query(max_length=50)]
NONE: Final[list[str]] = []


@router.get("/search")
async def search(
    request: Request,
    q: Text = "",
    status: Chosen = NONE,
    outcome: Chosen = NONE,
    sop: Chosen = NONE,
    region: Chosen = NONE,
    number: Number = 1,
) -> HTMLResponse:
    """What is found, and the form that asks for it."""
    sought = Sought(
        text=q.strip(),
        statuses=chosen(status),
        outcomes=chosen(outcome),
        sops=chosen(sop),
        regions=chosen(region),
    )
    found = await desk_of(request).register.find(sought, limit=SIZE, offset=(number - 1) * SIZE)
    return page(
        request,
        "search.html",
        title="Search",
        sought=sought,
        hits=found.items,
        paging=paging(request, number, found.total),
        statuses=[one.value for one in RunStatus],
        sops=house_of(request).investigator.catalog.names(),
    )
