"""Personal data of a case: the dossier that leaves, masked or not, and the reveal."""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final, Literal
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from casewright.audit import reviewer
from review.exporting import export
from review.web.house import desk_of, house_of
from review.web.pages import to
from review.web.visitor import visitor_of

router = APIRouter()

Format = Literal["json", "html"]
Reason = Annotated[str, Form(max_length=20)]
Words = Annotated[str, Form(max_length=500)]

TYPES: Final = {"json": "application/json", "html": "text/html"}


@router.get("/cases/{case_id}/dossier.json")
async def dossier_json(request: Request, case_id: str) -> Response:
    """The dossier for programs, personal data hidden."""
    return await _dossier(request, case_id, "json")


@router.get("/cases/{case_id}/dossier.html")
async def dossier_html(request: Request, case_id: str) -> Response:
    """The dossier for people, personal data hidden."""
    return await _dossier(request, case_id, "html")


@router.post("/cases/{case_id}/dossier")
async def dossier(
    request: Request,
    case_id: str,
    reason: Reason,
    form: Annotated[Format, Form(alias="format")] = "html",
    note: Words = "",
) -> Response:
    """The dossier with personal data, for who may see that as well."""
    await desk_of(request).reveal(case_id, reason, note)
    return await _dossier(request, case_id, form, reveal=True)


@router.post("/cases/{case_id}/reveal")
async def reveal(
    request: Request, case_id: str, reason: Reason, note: Words = ""
) -> RedirectResponse:
    """Show personal data of a case to whom asks, and say so in its log."""
    await desk_of(request).reveal(case_id, reason, note)
    return to(f"/cases/{quote(case_id, safe='')}")


async def _dossier(
    request: Request, case_id: str, form: Format, *, reveal: bool = False
) -> Response:
    await desk_of(request).show(case_id)
    house, who = house_of(request), reviewer(visitor_of(request).member.id)
    tools = house.investigator.catalog.tools
    with TemporaryDirectory(dir=house.settings.home, prefix="dossier-") as folder:
        told = await export(
            house.store, case_id, Path(folder), tools, who, house.clock, reveal=reveal
        )
        file = Path(told.json_file if form == "json" else told.html_file)
        headers = {"content-disposition": f'attachment; filename="{file.name}"'}
        body = await asyncio.to_thread(file.read_bytes)
        return Response(body, media_type=TYPES[form], headers=headers)
