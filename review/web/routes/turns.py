"""Who has a case: to claim it, keep it, give it back, put it aside, and say whose it is."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request, Response

from casewright.errors import Forbidden, UsageError
from review.web.casepage import case_page
from review.web.forms import Given
from review.web.house import desk_of, house_of
from review.web.pages import to
from review.web.words import segment

router = APIRouter()

MOST_HOURS = 24 * 30
MOST_WORDS = 500
"""How long a reason can be, in characters."""


@router.post("/cases/{case_id}/claim")
async def claim(request: Request, case_id: str) -> Response:
    """Take the case for twenty minutes, and open it."""
    return await _turned(request, case_id, "claim", desk_of(request).claim(case_id))


@router.post("/cases/{case_id}/renew")
async def renew(request: Request, case_id: str) -> Response:
    """Have it for another twenty."""
    return await _turned(request, case_id, "renew", desk_of(request).renew(case_id))


@router.post("/cases/{case_id}/release")
async def release(request: Request, case_id: str) -> Response:
    """Give it back to the queue."""
    given = Given.of(await request.form())
    return await _turned(request, case_id, "release", _release(request, case_id, given), given)


@router.post("/cases/{case_id}/hold")
async def hold(request: Request, case_id: str) -> Response:
    """Put it aside for some hours, with the reason."""
    given = Given.of(await request.form())
    return await _turned(request, case_id, "hold", _hold(request, case_id, given), given)


@router.post("/cases/{case_id}/resume")
async def resume(request: Request, case_id: str) -> Response:
    """Take it off hold."""
    return await _turned(request, case_id, "resume", desk_of(request).resume(case_id))


@router.post("/cases/{case_id}/assign")
async def assign(request: Request, case_id: str) -> Response:
    """Say who is to decide it."""
    given = Given.of(await request.form())
    acted = desk_of(request).assign(case_id, given.to)
    return await _turned(request, case_id, "assign", acted, given)


async def _turned(
    request: Request, case_id: str, form: str, acted: Awaitable[Any], given: Given | None = None
) -> Response:
    """Go on once it is done, or show the case's page with why it is not, and what was typed."""
    try:
        await acted
    except Forbidden:
        raise
    except UsageError as error:
        return await case_page(request, case_id, error=error, form=form, given=given)
    return to("/queue" if form in ("release", "hold") else f"/cases/{segment(case_id)}")


async def _release(request: Request, case_id: str, given: Given) -> None:
    await desk_of(request).release(case_id, reason=_words(given.reason))


async def _hold(request: Request, case_id: str, given: Given) -> None:
    if not given.why:
        raise UsageError("Say what the case waits for.")
    until = house_of(request).clock() + timedelta(hours=_hours(given.hours))
    await desk_of(request).hold(case_id, until, _words(given.why))


def _hours(text: str) -> float:
    try:
        hours = float(text)
    except ValueError:
        hours = 0
    if not 0 < hours <= MOST_HOURS:
        raise UsageError(f"A case is held for some hours, at most {MOST_HOURS}, not {text!r}.")
    return hours


def _words(text: str) -> str:
    if len(text) > MOST_WORDS:
        raise UsageError(f"A reason has at most {MOST_WORDS} characters.")
    return text
