"""What else a member does at the gate, over the API: read first, reveal, answer, undo."""

from __future__ import annotations

from fastapi import APIRouter, Request

from casewright.errors import UsageError
from casewright.first_read import FirstRead
from casewright.reveal import Reveal
from review.second import Blind
from review.web.answers import Standing, Undoing
from review.web.description import PREFIX
from review.web.house import desk_of
from review.web.once import ONCE, OnceRoute
from review.web.problem import READING, WRITING, problems
from review.web.routes.api_case import standing
from review.web.shapes import Answer, CaseId, Reason, Undo, Verdict

router = APIRouter(prefix=PREFIX, tags=["cases"], responses=problems(*READING, 404, 409, 502))
writes = APIRouter(
    prefix=PREFIX,
    tags=["cases"],
    route_class=OnceRoute,
    dependencies=[ONCE],
    responses=problems(*WRITING, 404, 502),
)


@router.get("/cases/{case_id}/first-read", operation_id="show_blind")
async def blind(request: Request, case_id: CaseId) -> Blind:
    """A case that you are to read before its proposal is shown, with its evidence. The log says so.

    Tokens stand for personal data, as in the decision.
    """
    desk = desk_of(request)
    if not await desk.owes_first_read(case_id):
        raise UsageError(f"Case {case_id!r} is not to be read before its proposal is shown.")
    return await desk.blind_case(case_id)


@writes.post("/cases/{case_id}/first-read", operation_id="read_first")
async def first_read(request: Request, case_id: CaseId, said: Verdict) -> FirstRead:
    """Say what you would decide; from then on you are shown what is proposed."""
    return await desk_of(request).first_read(case_id, said.outcome, note=said.note)


@writes.post("/cases/{case_id}/reveal", operation_id="reveal_case")
async def reveal(request: Request, case_id: CaseId, asked: Reason) -> Reveal:
    """Have personal data of a case shown to you, for half an hour or as long as you have it.

    It holds in the console as well. The log says who did, when and why.
    """
    return await desk_of(request).reveal(case_id, asked.reason.value, asked.note)


@writes.post("/cases/{case_id}/answer", operation_id="answer_case")
async def answer(request: Request, case_id: CaseId, told: Answer | None = None) -> Standing:
    """Say that the answer to what was asked is there; the case goes on with new evidence.

    It takes submitting or reviewing cases.
    """
    desk = desk_of(request)
    await desk.answered(case_id, told.words if told else "")
    return await standing(desk, case_id)


@router.get("/cases/{case_id}/undo", operation_id="show_undo")
async def undoing(request: Request, case_id: CaseId) -> Undoing:
    """What undoing the decision would do, write by write; for who may undo it."""
    return Undoing.of(await desk_of(request).undoing(case_id))


@writes.post("/cases/{case_id}/undo", operation_id="undo_case")
async def undo(request: Request, case_id: CaseId, how: Undo) -> Standing:
    """Undo the decision: the case waits at its gate again.

    Who decided it may, and who may undo what others decided. Where something was sent already, it
    is refused without `sent`.
    """
    desk = desk_of(request)
    await desk.undo(case_id, how.why, sent=how.sent)
    return await standing(desk, case_id)
