"""What every failure of an HTTP call means: which error it becomes, and whether to try again."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from casewright.errors import SourceError, SourceMalformed, SourceRefused, SourceUnavailable
from tools.sources.patience import Again

CALL_FAILURES: tuple[type[Exception], ...] = (
    TimeoutError,
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.CookieConflict,
    httpx.StreamError,
)
"""All that a call can raise: our own deadline, and the roots of httpx's exceptions."""


@dataclass(frozen=True)
class Named:
    """Where a source's address and its credential are set, for remedies."""

    address: str = "CASEWRIGHT_SOURCE_URL"
    credential: str = "CASEWRIGHT_SOURCE_TOKEN"


MARKETPLACE = Named()
"""The source that the settings name."""

Reason = tuple[type[SourceError], str, bool]
"""The error it becomes, its code, and whether another try may help."""

_REASONS: tuple[tuple[tuple[type[Exception], ...], Reason], ...] = (
    ((TimeoutError, httpx.TimeoutException), (SourceUnavailable, "timeout", True)),
    (
        (httpx.NetworkError, httpx.ProxyError, httpx.RemoteProtocolError),
        (SourceUnavailable, "connection_failed", True),
    ),
    ((httpx.DecodingError,), (SourceMalformed, "undecodable_body", True)),
    (
        (httpx.LocalProtocolError, httpx.UnsupportedProtocol, httpx.InvalidURL),
        (SourceRefused, "request_not_sendable", False),
    ),
)
_OTHERWISE: Reason = (SourceUnavailable, "http_client_failed", False)


def failure_of(
    error: Exception, asked: str, named: Named = MARKETPLACE
) -> SourceError | Again[object]:
    """What to raise for ``error``, which a call such as ``GET /v1/cases`` ended in."""
    kind, code, passing = next(
        (reason for types, reason in _REASONS if isinstance(error, types)), _OTHERWISE
    )
    remedy = _remedy(kind, named)
    final = kind(f"{asked} failed: {type(error).__name__}.", remedy=remedy, code=code)
    return Again(final) if passing else final


def _remedy(kind: type[SourceError], named: Named) -> str:
    remedies: dict[type[SourceError], str] = {
        SourceUnavailable: f"See that the source at {named.address} is up, then try again.",
        SourceRefused: f"Check {named.address} and {named.credential}.",
    }
    return remedies.get(kind, "")
