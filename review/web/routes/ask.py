"""Asking before deciding, and appealing against what was decided."""

from __future__ import annotations

from typing import cast
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError

from casewright.asking import Question
from casewright.errors import CasewrightError, Forbidden, UnknownName, UsageError
from casewright.models import ReviewAct, RunStatus
from review.opening import MOST_WORDS, PARTIES, Party
from review.web.asking import Asked, asking
from review.web.casepage import case_page
from review.web.house import desk_of
from review.web.pages import page

router = APIRouter()


@router.post("/cases/{case_id}/ask")
async def ask(request: Request, case_id: str) -> Response:
    """Put a question; the case waits for the answer, on hold.

    One that is not taken comes back on the page of the case, with what was typed.
    """
    asked, act = Asked.of(await request.form()), ReviewAct.REQUEST_INFORMATION
    desk = desk_of(request)
    try:
        question = _question(asked)
        await desk.act(case_id, act, asked.codes, note=asked.note, asked=question)
    except Forbidden:
        raise
    except CasewrightError as error:
        return await case_page(request, case_id, error=error, form="ask", asked=asked)
    return _on(f"/cases/{quote(case_id, safe='')}")


@router.get("/cases/{case_id}/ask")
async def form_to_ask(request: Request, case_id: str) -> HTMLResponse:
    """The form, on a page of its own, and what is awaited where a question is out."""
    desk = desk_of(request)
    run = (await desk.veiled(case_id)).run
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


def _question(asked: Asked) -> Question:
    given = {name: getattr(asked, name) for name in ("to", "question", "days", "factor")}
    try:
        return Question.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"The question does not fit: {where}: {first['msg']}.") from error
