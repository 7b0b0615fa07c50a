"""A case: its decision and the claims, the evidence behind each, and the way that it took."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from typing import Final

from fastapi import APIRouter, Request, Response

from graphs.diagrams.machine import machine_svg
from graphs.diagrams.path import STYLE as PATH_STYLE
from graphs.diagrams.path import path_of
from graphs.diagrams.svg import STYLE
from review.layout import Layout
from review.web.casepage import case_page
from review.web.house import desk_of, house_of
from review.web.pages import page
from review.web.sheet import opened
from review.web.sight import follow
from review.web.visitor import visitor_of

router = APIRouter()

CITED: Final = "cited"
"""The anchor of the field that is cited."""

_HASH: Final = b64encode(sha256((STYLE + PATH_STYLE).encode()).digest()).decode()
PICTURE_CSP: Final = f"default-src 'none'; style-src 'sha256-{_HASH}'; frame-ancestors 'none'"
"""A picture has its own style in it, and nothing else."""


@router.get("/cases/{case_id}")
async def case(request: Request, case_id: str) -> Response:
    """The decision, what it rests on, and the forms to review it."""
    return await case_page(request, case_id)


@router.get("/cases/{case_id}/citations/{number}")
async def citation(request: Request, case_id: str, number: int) -> Response:
    """The record behind a citation, the cited field marked; for htmx the panel alone."""
    seen = await follow(request, case_id, number)
    citations = seen.run.decision.citations if seen.run.decision else ()
    record = seen.evidence
    layout = Layout(record, {seen.citation.pointer: CITED}) if record else None
    swapped = "hx-request" in request.headers
    return page(
        request,
        "fragment.html" if swapped else "citation.html",
        title=f"Citation {number} of {case_id}",
        case=seen.run.case,
        number=number,
        count=len(citations),
        citation=seen.citation,
        evidence=record,
        data=layout.whole() if layout else None,
        opened=len(opened(seen.run, seen.events, visitor_of(request).member.id)),
    )


@router.get("/cases/{case_id}/path.svg")
async def path(request: Request, case_id: str) -> Response:
    """The state machine with the way that the case took."""
    run = await desk_of(request).show(case_id)
    sop = await house_of(request).investigator.sop_of(run)
    picture = machine_svg(sop, path_of(sop, run))
    headers = {"Content-Security-Policy": PICTURE_CSP}
    return Response(picture, media_type="image/svg+xml", headers=headers)
