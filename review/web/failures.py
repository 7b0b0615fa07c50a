"""How a failure is told: a page to a browser, a problem document (RFC 9457) to a program."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from casewright.errors import (
    CasewrightError,
    EnforcementFailed,
    EnvironmentFault,
    Forbidden,
    ModelError,
    SourceError,
    Taken,
    TooMany,
    UnknownCase,
    UsageError,
)
from review.web.admission import NotSignedIn
from review.web.pages import page

API: Final = "/api/"

STATUS: Final[Mapping[type[CasewrightError], HTTPStatus]] = {
    NotSignedIn: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    Taken: HTTPStatus.CONFLICT,
    TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    UnknownCase: HTTPStatus.NOT_FOUND,
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
        answer = told(request, status_of(error), error.message, error.remedy)
        if isinstance(error, TooMany):
            answer.headers["Retry-After"] = str(error.wait_s)
        if isinstance(error, NotSignedIn):
            answer.headers["WWW-Authenticate"] = "Bearer"  # RFC 9110, 15.5.2
        return answer

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        return told(request, HTTPStatus(error.status_code), str(error.detail))

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        where = "/".join(map(str, first["loc"]))
        return told(request, HTTPStatus.UNPROCESSABLE_ENTITY, f"{where}: {first['msg']}.")


def told(request: Request, status: HTTPStatus, message: str, remedy: str = "") -> Response:
    """A failure, told."""
    if request.url.path.startswith(API):
        problem = {"type": "about:blank", "title": status.phrase, "status": status.value}
        problem |= {"detail": message, "remedy": remedy}
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
