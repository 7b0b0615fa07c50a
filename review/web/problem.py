"""The problem documents (RFC 9457) of the API, as its description declares them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

PROBLEM: Final = "application/problem+json"


class Problem(BaseModel):
    """Why a request was not answered as it was meant (RFC 9457)."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(description="`about:blank`: the status says of what kind it is.")
    title: str = Field(description="The status in words.")
    status: int = Field(description="The HTTP status.", ge=400, le=599)
    detail: str = Field(description="What is wrong, in one sentence.")
    remedy: str = Field(default="", description="What to do next, or empty.")


MEANT: Final = {
    400: "A header is missing or wrong, or the body is no JSON.",
    401: "Nobody is known to be behind the request.",
    403: "Who asks may not do this, or does not see the case.",
    404: "There is no such case, or no such citation.",
    405: "The path has other methods: see `Allow`.",
    409: "Somebody else has the case, it does not wait, you are to read it first, or a request "
    "with this key is under way.",
    413: "The body is too large.",
    422: "The request does not fit its schema, the SOP or the reason codes, or its key was used "
    "for another request.",
    429: "Too many requests.",
    500: "The server is at fault, or a record no longer matches its digest.",
    502: "The marketplace or the model endpoint failed.",
    503: "The store is locked or full. Try again.",
}
"""What each status means here."""

READING: Final = (401, 403, 405, 422, 429, 500, 503)
"""What every request may be answered with."""

WRITING: Final = (400, *READING, 409, 413)
"""What every write may be answered with."""


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problem documents that a route may answer with, for its ``responses``."""
    return {status: _problem(status) for status in sorted(statuses)}


def _problem(status: int) -> dict[str, Any]:
    example = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": MEANT[status],
        "remedy": "",
    }
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        "description": MEANT[status],
        "content": {PROBLEM: {"schema": schema, "example": example}},
    }
