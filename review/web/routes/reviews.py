"""A reviewer's act on a case, as the forms of its page send it."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request, Response

from casewright.errors import CasewrightError, Forbidden
from casewright.models import ReviewAct, Run, RunStatus
from review.desk import Desk
from review.web.casepage import case_page
from review.web.forms import Typed
from review.web.house import desk_of
from review.web.pages import to
from review.web.words import segment

router = APIRouter()

WORDED: Final = (ReviewAct.APPROVE, ReviewAct.EDIT)
"""Acts that may give parameters, and word claims and questions anew."""


@router.post("/cases/{case_id}/review")
async def review(request: Request, case_id: str) -> Response:
    """Bring an act to the case, and go on.

    What was not taken comes back on the case's page, with what was typed. After an act that ends
    the reviewer's part the queue offers the next case; else the case's page says what changed.
    """
    typed = Typed.of(await request.form())
    desk = desk_of(request)
    try:
        run = await _act(desk, case_id, typed)
    except Forbidden:
        raise
    except CasewrightError as error:
        answer = await case_page(request, case_id, error=error, form=typed.act, typed=typed)
        answer.headers["HX-Push-Url"] = "false"
        return answer
    name = segment(case_id)
    return to(f"/queue?after={name}" if _left(run) else f"/cases/{name}#changed")


async def _act(desk: Desk, case_id: str, typed: Typed) -> Run:
    act = typed.read_act()
    edit = act is ReviewAct.EDIT
    return await desk.act(
        case_id,
        act,
        typed.codes,
        note=typed.note,
        outcome=typed.outcome if edit else "",
        factors=typed.factors if edit else None,
        parameters=typed.parameters if act in WORDED else None,
        claims=typed.read_claims() if act in WORDED else None,
        questions=typed.read_questions() if act in WORDED else (),
    )


def _left(run: Run) -> bool:
    """Whether whoever acted last is done with the case."""
    return run.status is not RunStatus.WAITING or run.reviews[-1].act is ReviewAct.ESCALATE
