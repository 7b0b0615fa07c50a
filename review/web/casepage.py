"""The page of a case, as the routes that lead to it show it."""

from __future__ import annotations

from typing import Any, Final

from fastapi import Request
from fastapi.responses import HTMLResponse

from casewright.errors import CasewrightError
from casewright.models import NOTE_REQUIRED, REASON_CODES, Run
from casewright.team import ROUTES, Member, Permission, Team
from casewright.waiting import RENEWALS
from review.may import may_undo
from review.web.asking import BLANK, Asked, asking
from review.web.correction import correction
from review.web.failures import status_of
from review.web.forms import Given, Typed, corrigible, settable
from review.web.house import desk_of, house_of
from review.web.pages import page
from review.web.sheet import Sheet, stability
from review.web.sight import look
from review.web.visitor import visitor_of

CODES: Final = {act.value: codes for act, codes in REASON_CODES.items()}


async def case_page(
    request: Request,
    case_id: str,
    *,
    error: CasewrightError | None = None,
    form: str = "",
    typed: Typed | None = None,
    given: Given | None = None,
    asked: Asked = BLANK,
) -> HTMLResponse:
    """The page; the log says that the visitor saw it.

    Args:
        request: What asks for it.
        case_id: The case.
        error: Why what was sent was not taken, or None.
        form: The form that it was sent with, to be shown open.
        typed: The review as it was typed.
        given: What was typed otherwise.
        asked: A question as it was typed.

    Raises:
        UsageError: the case was never investigated.
        Forbidden: it is none of the visitor's.
    """
    sight = await look(request, case_id)
    house, desk, member = house_of(request), desk_of(request), visitor_of(request).member
    now = house.clock()
    sheet = Sheet(sight, member.id)
    return page(
        request,
        "case.html",
        status=status_of(error) if error else 200,
        title=case_id,
        now=now,
        case_id=case_id,
        place=await desk.place(case_id),
        masked=sight.masked,
        pending=await desk.waiting_writes(case_id),
        undoable=may_undo(member, sight.run),
        appeals=await desk.appeals(case_id),
        renewals=RENEWALS,
        may_decide=decides(member, sight.run),
        assignable=assignable(house.team, sight.run),
        correction=correction(sight.run, sight.events),
        error=error,
        remedy=_remedy(error),
        form=form,
        typed=typed or Typed(),
        given=given or Given(),
        **_said(sheet),
        **_offered(sheet),
        **asking(sight.run, asked),
    )


def decides(member: Member, run: Run) -> bool:
    """Whether a member may decide a run on its route."""
    route = run.decision.route if run.decision else None
    return member.may(Permission.REVIEW) and (route is None or member.may(ROUTES[route]))


def assignable(team: Team, run: Run) -> tuple[str, ...]:
    """The members who may decide a run, by name."""
    case = run.case
    own = {"region": case.region, "sop": run.sop, "language": case.language}
    return tuple(
        sorted(one.id for one in team.members.values() if one.sees(**own) and decides(one, run))
    )


def _remedy(error: CasewrightError | None) -> str:
    """What to do about an error; nothing where that is told in words of the command line."""
    remedy = error.remedy if error else ""
    return "" if "--" in remedy or "`casewright" in remedy else remedy


def _said(sheet: Sheet) -> dict[str, Any]:
    factors = sheet.factors()
    return {
        "sheet": sheet,
        "case": sheet.case,
        "decision": sheet.decision,
        "stability": stability,
        "sides": list(sheet.sides()),
        "rows": sheet.rows(),
        "reasons": sheet.reasons(),
        "questions": sheet.questions(),
        "writings": sheet.writings(),
        "records": sheet.records(),
        "factors": factors,
        "unknown": sum(not one.known for one in factors),
        "likenesses": sheet.likenesses(),
        "clauses": sheet.clauses(),
        "way": sheet.path(),
        "timeline": sheet.timeline(),
        "swapped": False,
        "opened": sheet.opened,
        "count": len(sheet.citations),
    }


def _offered(sheet: Sheet) -> dict[str, Any]:
    decision = sheet.decision
    return {
        "codes": CODES,
        "noted": NOTE_REQUIRED,
        "corrigible": corrigible(sheet.sop, decision) if decision else (),
        "parameters": settable(sheet.sop, decision) if decision else (),
    }
