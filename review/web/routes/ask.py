"""Asking before deciding, and appealing against what was decided."""

from __future__ import annotations

from typing import cast
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError
from starlette.datastructures import FormData

from casewright.asking import Question
from casewright.errors import UnknownName, UsageError
from casewright.models import ReviewAct, RunStatus
from review.opening import MOST_WORDS, PARTIES, Party
from review.web.asking import asking
from review.web.house import desk_of
from review.web.pages import page

router = APIRouter()


@router.post("/cases/{case_id}/ask")
async def ask(request: Request, case_id: str) -> RedirectResponse:
    """Put a question; the case waits for the answer, on hold."""
    form = await request.form()
    codes = [str(code) for code in form.getlist("code")]
    asked, note = _question(form), str(form.get("note", ""))
    act = ReviewAct.REQUEST_INFORMATION
    await desk_of(request).act(case_id, act, codes, note=note, asked=asked)
    return _on(f"/cases/{quote(case_id, safe='')}")


@router.get("/cases/{case_id}/ask")
async def form_to_ask(request: Request, case_id: str) -> HTMLResponse:
    """The form, on a page of its own, and what is awaited where a question is out."""
    desk = desk_of(request)
    run = await desk.show(case_id)
    return page(request, "asking.html", title=f"Ask about {case_id}", **asking(run))


@router.get("/cases/{case_id}/appeal")
async def form_to_appeal(request: Request, case_id: str) -> HTMLResponse:
    """The appeals there are, and the form for one more."""
    desk = desk_of(request)
    run = await desk.show(case_id)
    return page(
        request,
        "appeal.html",
        title=f"Appeal {case_id}",
        run=run,
        closed=run.status is RunStatus.DONE,
        appeals=await desk.appeals(case_id),
        parties=PARTIES,
        most=MOST_WORDS,
    )


@router.post("/cases/{case_id}/appeal")
async def appeal(request: Request, case_id: str) -> RedirectResponse:
    """Open an appeal, and go on with its list."""
    form = await request.form()
    by = str(form.get("by", ""))
    if by not in PARTIES:
        raise UnknownName.among("party", by, PARTIES)
    statement, language = str(form.get("statement", "")), str(form.get("language", "")).strip()
    desk = desk_of(request)
    await desk.appeal(case_id, cast("Party", by), statement, language=language)
    return _on(f"/cases/{quote(case_id, safe='')}/appeal")


def _on(path: str) -> RedirectResponse:
    return RedirectResponse(path, status_code=303)


def _question(form: FormData) -> Question:
    given = {name: str(form.get(name, "")).strip() for name in ("to", "question", "days", "factor")}
    try:
        return Question.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"The question does not fit: {where}: {first['msg']}.") from error
