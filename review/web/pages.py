"""Renders the console's pages: everything is text until a template of ours says otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from casewright.team import Permission
from review.layout import lines
from review.web.places import places_of
from review.web.visitor import Visitor
from review.web.words import FILTERS

HERE: Final = Path(__file__).parent

CSP: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""Nothing from elsewhere, nothing inline, and no frame around a page."""


def pages() -> Environment:
    """The templates; whatever is put into one is escaped, and what cannot be seen spelled out."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finished,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(Permission=Permission, places_of=places_of)
    environment.filters.update(FILTERS)
    return environment


def page(request: Request, template: str, *, status: int = 200, **shown: Any) -> HTMLResponse:
    """A page.

    Args:
        request: What asks for it.
        template: File name of the template.
        status: HTTP status.
        shown: What the template shows.
    """
    environment: Environment = request.app.state.pages
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    told = {"request": request, "visitor": visitor, "path": request.url.path, **shown}
    return HTMLResponse(environment.get_template(template).render(told), status_code=status)


def to(path: str) -> RedirectResponse:
    """Go on with another page, after a form was taken."""
    return RedirectResponse(path, status_code=303)


def _finished(value: Any) -> Any:
    """Plain text with its lines kept, and everything else that cannot be seen spelled out."""
    return lines(value) if type(value) is str else value
