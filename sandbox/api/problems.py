"""Problem documents (RFC 9457), with a stable ``code`` and whether trying again may help."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException


class Problem(Exception):
    """An answer that is a problem document.

    Args:
        status: HTTP status.
        code: Stable machine-readable name of the problem.
        detail: One sentence for people.
        retryable: Whether the same request may succeed later.
        headers: Further response headers.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        retryable: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.retryable = retryable
        self.headers = dict(headers or {})

    def response(self) -> JSONResponse:
        """Return the problem as a response of type ``application/problem+json``."""
        body = {
            "type": f"urn:casewright:sandbox:{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "retryable": self.retryable,
        }
        return JSONResponse(
            body, self.status, headers=self.headers, media_type="application/problem+json"
        )


def unknown(kind: str, text: str) -> Problem:
    """Return the problem of an id that names nothing known at the time asked about."""
    return Problem(404, f"unknown_{kind}", f"There is no {kind} {text!r}.")


def bad_parameter(name: str, reason: str) -> Problem:
    """Return the problem of a parameter that cannot be used."""
    return Problem(400, "bad_parameter", f"{name}: {reason}")


def install(app: FastAPI) -> None:
    """Make every error of ``app`` a problem document."""

    async def from_problem(_request: Request, problem: Exception) -> JSONResponse:
        assert isinstance(problem, Problem)  # noqa: S101 - registered for this class alone
        return problem.response()

    async def from_http(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class alone
        code = {404: "unknown_path", 405: "method_not_allowed"}.get(error.status_code, "http")
        return Problem(error.status_code, code, str(error.detail)).response()

    async def from_validation(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - as above
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        return bad_parameter(place, str(first["msg"])).response()

    app.add_exception_handler(Problem, from_problem)
    app.add_exception_handler(HTTPException, from_http)
    app.add_exception_handler(RequestValidationError, from_validation)
