"""Audit: the head of the log, its verification in the background, the log of a case."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from casewright.store import Store
from casewright.store.audited import Audited
from casewright.store.log import Head
from review.audit_report import place
from review.told import told
from review.web.errands import Errand, Work
from review.web.house import House, desk_of, house_of
from review.web.pages import page, to
from review.web.paging import SIZE, Number, paging
from review.web.visitor import visitor_of

router = APIRouter()

ERRAND: Final = "audit verify"

FAULTS: Final = 200
"""How many faults the page names; the command line names all."""


@router.get("/audit")
async def audit(request: Request) -> HTMLResponse:
    """The head of the log, and how its last verification ended."""
    head = await house_of(request).store.log.head()
    return page(request, "audit.html", title="Audit", head=head, **_verification(request))


@router.get("/audit/verify")
async def verification(request: Request) -> Response:
    """How far the verification is: a part of the page above."""
    if "hx-request" not in request.headers:
        return to("/audit")
    return page(request, "verification.html", **_verification(request))


@router.post("/audit/verify")
async def verify(
    request: Request, kept: Annotated[str, Form(max_length=200)] = ""
) -> RedirectResponse:
    """Verify the whole log, in the background; with a head that was kept elsewhere."""
    house, member = house_of(request), visitor_of(request).member
    head = Head.parse(kept) if kept.strip() else None
    house.errands.start(ERRAND, member.id, _verifying(house, head))
    return to("/audit")


@router.get("/audit/{case_id}")
async def log(request: Request, case_id: str, number: Number = 1) -> HTMLResponse:
    """The log of a case, newest first."""
    await desk_of(request).show(case_id)
    store = house_of(request).store
    events, total = await store.log.page(case_id, limit=SIZE, offset=(number - 1) * SIZE)
    return page(
        request,
        "log.html",
        title=f"Log of {case_id}",
        case_id=case_id,
        events=[(one, told(one)) for one in events],
        paging=paging(request, number, total),
    )


def _verification(request: Request) -> dict[str, Any]:
    errand = house_of(request).errands.of(ERRAND)
    found = errand.result if errand else None
    faults = found.faults[:FAULTS] if isinstance(found, Audited) else ()
    return {
        "errand": errand,
        "found": found,
        "faults": [f"{place(one)}{one.wrong}" for one in faults],
    }


def _verifying(house: House, head: Head | None) -> Work:
    async def work(errand: Errand) -> Audited:
        # In a thread of its own: reading all of the log would keep everybody else waiting.
        return await asyncio.to_thread(lambda: asyncio.run(_audited(house, head, errand)))

    return work


async def _audited(house: House, head: Head | None, errand: Errand) -> Audited:
    async with Store.at(house.settings) as store:
        return await store.audited(head=head, progress=errand.progress)
