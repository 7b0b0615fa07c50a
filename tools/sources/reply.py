"""What an HTTP reply means: a page, a reason to try again, or an error.

The mapping follows the status rules of the source's API: an absence the source states is no
failure, a failure is no absence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from casewright.errors import SourceError, SourceMalformed, SourceRefused, SourceUnavailable
from tools.sources.failure import MARKETPLACE, Named
from tools.sources.page import Envelope, Page
from tools.sources.patience import Again

ABSENT = (httpx.codes.NOT_FOUND, httpx.codes.GONE)
"""Statuses by which a source says that there is nothing."""

_CODE = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")


class Problem(BaseModel):
    """What we read of a problem document (RFC 9457)."""

    code: str = ""
    retryable: bool = False


@dataclass(frozen=True)
class Reply:
    """One HTTP reply, read to its end.

    Attributes:
        asked: The method and the path that were asked for, for messages.
        status: HTTP status code.
        headers: Its headers.
        body: Its body, decoded from any compression.
        at: When it came, for a ``Retry-After`` that names a date.
        named: Where the address and the token are set, for remedies.
    """

    asked: str
    status: int
    headers: httpx.Headers
    body: bytes
    at: datetime
    named: Named = MARKETPLACE

    def page(
        self,
        read: Callable[[Reply], Page] | None = None,
        absent: Collection[int] = ABSENT,
    ) -> Page:
        """The page this reply carries.

        Args:
            read: Reads a good reply; None for the marketplace's envelope.
            absent: Statuses by which the source says that there is nothing.

        Raises:
            Again: the source may answer better later.
            SourceRefused: no call with this token or these parameters can succeed.
            SourceUnavailable: this one call is forbidden.
            SourceMalformed: the reply is not of the agreed shape.
        """
        if self.status == httpx.codes.OK and self.status not in absent:
            return read(self) if read else self._enveloped()
        problem = self.problem()
        code = problem.code if _CODE.fullmatch(problem.code) else f"http_{self.status}"
        if self.status in absent:
            return Page.without_data(code)
        if self.status == httpx.codes.ACCEPTED:
            raise self._later(Page.without_data("pending"), told=True)
        if self.status == httpx.codes.TOO_MANY_REQUESTS:
            raise self._later(self._unavailable(code), told=True)
        if self.status >= 500 or (self.status == httpx.codes.CONFLICT and problem.retryable):
            raise self._later(self._unavailable(code))
        raise self._final(code)

    def value(self) -> Any:
        """The JSON value of the body.

        Raises:
            Again: it is not JSON; it may have been cut on its way, and the next one may be whole.
            SourceMalformed: its content type is another.
        """
        self._require_json()
        try:
            return from_json(self.body, allow_inf_nan=False)
        except ValueError as error:
            raise Again(self.malformed("is not JSON", "invalid_json")) from error

    def _require_json(self) -> None:
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json" and not kind.endswith("+json"):
            raise self.malformed("is not JSON by its content type", "wrong_content_type")

    def _enveloped(self) -> Page:
        self._require_json()
        try:
            return Page.of(Envelope.model_validate_json(self.body))
        except ValidationError as error:
            if error.errors()[0]["type"] == "json_invalid":
                # The body may have been cut on its way; the next one may be whole.
                raise Again(self.malformed("is not JSON", "invalid_json")) from error
            raise self.malformed("lacks the agreed envelope", "unexpected_shape") from error

    def problem(self) -> Problem:
        """The problem document in the body; an empty one where it is none."""
        try:
            return Problem.model_validate_json(self.body)
        except ValidationError:
            return Problem()

    def _later(self, then: SourceError | Page, *, told: bool = False) -> Again[Page]:
        return Again(then, after=self.retry_after(), told=told)

    def _final(self, code: str) -> SourceError:
        if self.status == httpx.codes.UNAUTHORIZED:
            return SourceRefused(
                f"The source does not accept the token ({self.asked}).",
                remedy=f"Set {self.named.credential} to a token that may read.",
                code=code,
            )
        if self.status in (httpx.codes.BAD_REQUEST, httpx.codes.CONFLICT):
            return SourceRefused(
                f"The source refuses {self.asked}: {code}.",
                remedy="The tool's declaration and the source's API do not agree; mend the tool.",
                code=code,
            )
        if self.status == httpx.codes.FORBIDDEN:
            return SourceUnavailable(
                f"The token does not allow {self.asked}.",
                remedy=f"Give {self.named.credential} the scope this path needs.",
                code=code,
            )
        return self.malformed(f"has the unexpected status {self.status}", code)

    def _unavailable(self, code: str) -> SourceUnavailable:
        return SourceUnavailable(
            f"The source answered {self.status} ({code}) to {self.asked}.", code=code
        )

    def malformed(self, what: str, code: str) -> SourceMalformed:
        """The error of an answer that, for instance, ``is not JSON``."""
        return SourceMalformed(f"The answer to {self.asked} {what}.", code=code)

    def retry_after(self) -> float | None:
        """Seconds that ``Retry-After`` asks to wait (RFC 9110, 10.2.3); None without a usable one.

        A date is measured against the reply's own ``Date``, so that our clock may be wrong.
        """
        asked = self.headers.get("retry-after", "").strip()
        if asked.isascii() and asked.isdigit():
            return float(asked)
        until = _http_date(asked)
        if until is None:
            return None
        sent = _http_date(self.headers.get("date", "")) or self.at
        return max(0.0, (until - sent).total_seconds())


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else None
