"""A case over the API: where it stands, its decision, the evidence behind it, and its log."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from casewright.errors import UnknownCase
from casewright.models import Decision
from graphs.outcomes import EXACT
from review.desk import Desk
from review.web.answers import Events, Followed, Standing
from review.web.description import PREFIX
from review.web.house import desk_of, house_of
from review.web.problem import READING, problems
from review.web.shapes import CaseId, EventPage
from review.web.visitor import visitor_of

router = APIRouter(prefix=PREFIX, tags=["cases"], responses=problems(*READING, 404, 409))

Number = Annotated[int, Path(ge=1, le=EXACT, description="Number of the citation, from 1.")]


@router.get("/cases/{case_id}", operation_id="show_case")
async def show(request: Request, case_id: CaseId) -> Standing:
    """Where a case stands: its newest run, what reviewers did, and its place in the queue.

    Of a case that you are to read first it tells neither what is proposed nor what others did. One
    that was submitted and is not begun is told to whoever submitted it.
    """
    try:
        return await standing(desk_of(request), case_id)
    except UnknownCase:
        one = await house_of(request).store.submissions.of(case_id)
        if one is None or one.member != visitor_of(request).member.id:
            raise
        return Standing.accepted(one)


async def standing(desk: Desk, case_id: str) -> Standing:
    """Where a case stands.

    Raises:
        UnknownCase: it was never investigated.
        Forbidden: the desk's member does not see it.
    """
    return Standing.of(*await desk.standing(case_id))


@router.get("/cases/{case_id}/decision", operation_id="show_decision")
async def decision(request: Request, case_id: CaseId) -> Decision:
    """The proposal, or the decision once it is made, with every claim and citation.

    It quotes what parties wrote; tokens stand for personal data until you have it revealed. The
    log says that you saw it.
    """
    run = (await desk_of(request).shown(case_id)).run
    if run.decision is None:
        raise UnknownCase(f"Case {case_id!r} has no decision yet: it is {run.status.value}.")
    return run.decision


@router.get("/cases/{case_id}/citations/{number}", operation_id="follow_citation")
async def citation(request: Request, case_id: CaseId, number: Number) -> Followed:
    """A numbered citation of the decision, and the frozen record behind it.

    `evidence.untrusted` points at the fields that a party wrote; tokens stand as in the decision.
    The log says that you followed it.
    """
    cited, evidence = await desk_of(request).follow(case_id, number)
    return Followed(number=number, citation=cited, evidence=evidence)


@router.get("/cases/{case_id}/events", operation_id="list_events")
async def events(request: Request, case_id: CaseId, asked: Annotated[EventPage, Query()]) -> Events:
    """The log of a case, oldest first: digests and names, each event chained to the one before."""
    found = await desk_of(request).events(case_id)
    later = [one for one in found if one.number > asked.after]
    return Events(items=tuple(later[: asked.limit]), total=len(found))
