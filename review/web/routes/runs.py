"""Runs: what there is, what goes on now, one run with its steps, and the start of one."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from casewright.errors import UnknownCase, UsageError
from casewright.hits import Sought
from casewright.models import RunStatus
from graphs.run import Wish
from review.first_read import FirstReadOwed
from review.register import require_sees
from review.submitting import STANDING
from review.told import told
from review.web.errands import Errand, Work
from review.web.house import House, desk_of, house_of
from review.web.pages import page, to
from review.web.paging import SIZE, Number, chosen, paging
from review.web.routes.search import NONE, Chosen
from review.web.visitor import visitor_of
from review.web.words import segment

router = APIRouter()

ERRAND = "run "
"""How the names of errands begin that take a case to the gate."""

CaseId = Annotated[str, Form(min_length=1, max_length=200)]


@router.get("/runs")
async def runs(
    request: Request, status: Chosen = NONE, sop: Chosen = NONE, number: Number = 1
) -> HTMLResponse:
    """All runs, newest first."""
    sought = Sought(statuses=chosen(status), sops=chosen(sop), earlier=True)
    found = await desk_of(request).register.find(sought, limit=SIZE, offset=(number - 1) * SIZE)
    return page(
        request,
        "runs.html",
        title="Runs",
        sought=sought,
        hits=found.items,
        paging=paging(request, number, found.total),
        statuses=[one.value for one in RunStatus],
        sops=house_of(request).investigator.catalog.names(),
        **await _live(request),
    )


@router.get("/runs/live")
async def live(request: Request) -> Response:
    """What goes on now: a part of the page above, asked for again while anything does."""
    if "hx-request" not in request.headers:
        return to("/runs")
    return page(request, "live.html", **await _live(request))


@router.get("/runs/{run_id}")
async def run(request: Request, run_id: str) -> Response:
    """One run with its steps; whoever has to read its case first is led there."""
    try:
        found = await desk_of(request).register.run(run_id)
    except FirstReadOwed as owed:
        return to(f"/cases/{segment(owed.case_id)}/first-read")
    house = house_of(request)
    events = await desk_of(request).register.steps(found)
    errand = house.errands.of(f"{ERRAND}{found.case.case_id}")
    return page(
        request,
        "run.html",
        title=f"Run of {found.case.case_id}",
        run=found,
        events=[(one, told(one)) for one in events],
        errand=errand if errand and errand.going else None,
    )


@router.post("/runs")
async def start(request: Request, case_id: CaseId) -> RedirectResponse:
    """Take a case to the gate, in the background; one that waits or is closed is shown."""
    house, member = house_of(request), visitor_of(request).member
    wanted = case_id.strip()
    if not wanted:
        raise UsageError("Which case is to be investigated?", remedy="Give its id.")
    try:
        run, _ = await desk_of(request).standing(wanted)
    except UnknownCase:  # nobody has taken it in yet
        case, sop = await house.investigator.announced(wanted)
        require_sees(member, case.region, sop, case.language, wanted)
    else:
        if run.status in STANDING:
            return to(f"/cases/{segment(wanted)}")
    work = _investigation(house, wanted, member.id)
    house.errands.start(f"{ERRAND}{wanted}", member.id, work)
    return to("/runs")


def _investigation(house: House, case_id: str, who: str) -> Work:
    async def work(errand: Errand) -> str:
        # It takes the case's turn by itself where it goes on with a run.
        run = await house.investigator.investigate(case_id, Wish(by=who), listener=errand.listen)
        return run.run_id

    return work


async def _live(request: Request) -> dict[str, Any]:
    register, house = desk_of(request).register, house_of(request)
    own = visitor_of(request).member.id
    errands = [
        one
        for name, one in house.errands.all().items()
        if name.startswith(ERRAND) and one.who == own
    ]
    going = await register.going()
    return {
        "going": [(one.hit, one.last, told(one.last) if one.last else "") for one in going],
        "pace": await register.pace(),
        "errands": [(one.name.removeprefix(ERRAND), one) for one in reversed(errands)][:20],
        "lively": bool(going) or any(one.going for one in errands),
    }
