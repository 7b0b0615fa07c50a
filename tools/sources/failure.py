"""What every failure of an HTTP call means: which error it becomes, and whether to try again."""

from __future__ import annotations

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


def failure_of(error: Exception, path: str) -> SourceError | Again[object]:
    """What to raise for ``error``, which reading ``path`` ended in."""
    kind, code, passing = next(
        (reason for types, reason in _REASONS if isinstance(error, types)), _OTHERWISE
    )
    final = kind(f"GET {path} failed: {type(error).__name__}.", remedy=_REMEDIES[kind], code=code)
    return Again(final) if passing else final


_REMEDIES: dict[type[SourceError], str] = {
    SourceUnavailable: "See that the source at CASEWRIGHT_SOURCE_URL is up, then try again.",
    SourceMalformed: "",
    SourceRefused: "Check CASEWRIGHT_SOURCE_URL and CASEWRIGHT_SOURCE_TOKEN.",
}
