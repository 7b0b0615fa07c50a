"""How a failure is told: a page to a browser, a problem document (RFC 9457) to a program."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from casewright.errors import (
    CasewrightError,
    EnforcementFailed,
    EnvironmentFault,
    Forbidden,
    ModelError,
    NotWaiting,
    SourceError,
    Taken,
    TooMany,
    UnknownCase,
    UnknownCitation,
    UsageError,
)
from casewright.visible import visible
from review.first_read import FirstReadOwed
from review.web.admission import NotSignedIn
from review.web.pages import page
from review.web.rights import RIGHTS

API: Final = "/api/"

STATUS: Final[Mapping[type[CasewrightError], HTTPStatus]] = {
    NotSignedIn: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    Taken: HTTPStatus.CONFLICT,
    TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    NotWaiting: HTTPStatus.CONFLICT,
    FirstReadOwed: HTTPStatus.CONFLICT,
    UnknownCase: HTTPStatus.NOT_FOUND,
    UnknownCitation: HTTPStatus.NOT_FOUND,
    UsageError: HTTPStatus.UNPROCESSABLE_ENTITY,
    SourceError: HTTPStatus.BAD_GATEWAY,
    ModelError: HTTPStatus.BAD_GATEWAY,
    EnforcementFailed: HTTPStatus.BAD_GATEWAY,
    EnvironmentFault: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""The status of each error; the nearest one in its family where it does not stand here."""


def status_of(error: CasewrightError) -> HTTPStatus:
    """The status that tells an error."""
    for family in type(error).__mro__:
        if family in STATUS:
            return STATUS[family]
    return HTTPStatus.INTERNAL_SERVER_ERROR


def tell_failures(app: FastAPI) -> None:
    """Have the application tell failures."""

    @app.exception_handler(CasewrightError)
    async def _ours(request: Request, error: CasewrightError) -> Response:
        return told_of(request, error)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        answer = told(request, HTTPStatus(error.status_code), str(error.detail))
        answer.headers.update(error.headers or {})
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            answer.headers["Allow"] = _allowed(request.url.path)
        return answer

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        return told_invalid(request, error)

    @app.exception_handler(OperationalError)
    async def _busy(request: Request, error: OperationalError) -> Response:
        message = "The store is locked or full."
        return told(request, HTTPStatus.SERVICE_UNAVAILABLE, message, "Try again.")

    @app.exception_handler(Exception)
    async def _fault(request: Request, error: Exception) -> Response:
        return told(request, HTTPStatus.INTERNAL_SERVER_ERROR, "The server is at fault.")


def told_of(request: Request, error: CasewrightError) -> Response:
    """An error of ours, told."""
    answer = told(request, status_of(error), error.message, _remedy(request, error))
    if isinstance(error, TooMany):
        answer.headers["Retry-After"] = str(error.wait_s)
    if isinstance(error, NotSignedIn):
        answer.headers["WWW-Authenticate"] = "Bearer"  # RFC 9110, 15.5.2
    return answer


def _remedy(request: Request, error: CasewrightError) -> str:
    """What to do next; a command of the terminal is none here where there is a page or a path."""
    if not isinstance(error, FirstReadOwed):
        return error.remedy
    if not request.url.path.startswith(API):
        return "Open the case: its page asks what you would decide."
    path = f"{API}v1/cases/{quote(error.case_id, safe='')}/first-read"
    return f"GET {path} shows it without the proposal; POST what you would decide there."


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((method, compile_path(path)[0]) for method, path in RIGHTS)


def _allowed(path: str) -> str:
    """The methods of a path: each is a route of its own, and a router knows of the first alone."""
    found = {method for method, pattern in _patterns() if pattern.match(path)}
    return ", ".join(sorted(found | ({"HEAD"} if "GET" in found else set())))


def told_invalid(request: Request, error: RequestValidationError) -> Response:
    """What is wrong with a request, told: 400 where a header is, or where the body is no JSON."""
    first = error.errors()[0]
    where = "/".join(map(str, first["loc"]))
    plain = first["loc"][0] == "header" or first["type"] == "json_invalid"
    status = HTTPStatus.BAD_REQUEST if plain else HTTPStatus.UNPROCESSABLE_ENTITY
    return told(request, status, f"{where}: {first['msg']}.")


def told(request: Request, status: HTTPStatus, message: str, remedy: str = "") -> Response:
    """A failure, told."""
    if request.url.path.startswith(API):
        problem = {"type": "about:blank", "title": status.phrase, "status": status.value}
        problem |= {"detail": visible(message), "remedy": visible(remedy)}
        return JSONResponse(problem, status, media_type="application/problem+json")
    return page(
        request,
        "failure.html",
        status=status,
        title=status.phrase,
        message=message,
        remedy=remedy,
        signed_out=status is HTTPStatus.UNAUTHORIZED,
    )
