"""One checked request: who asks, as of when, which page; and the envelope of its answer."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request
from fastapi.responses import JSONResponse

from sandbox.api.cursors import Cursor, fingerprint, read_cursor
from sandbox.api.database import Database
from sandbox.api.limits import Family
from sandbox.api.problems import Problem, bad_parameter
from sandbox.api.service import Service, service_of
from sandbox.timeline import instant, rfc3339

PAGING: Final = ("limit", "cursor")
WINDOW: Final = ("from", "to")
DEFAULT_LIMIT, MOST = 50, 100


@dataclass(frozen=True)
class Coverage:
    """Whether a list is all there is, and up to when (epoch second)."""

    complete: bool
    through: int


@dataclass(frozen=True)
class Page:
    """Which rows of a list are asked for."""

    limit: int
    offset: int


@dataclass(frozen=True)
class Call:
    """A request that passed the gate; ``as_of`` in epoch seconds."""

    service: Service
    path: str
    query: Mapping[str, str]
    as_of: int
    page: Page

    @property
    def db(self) -> Database:
        """The world's rows."""
        return self.service.db

    def time(self, name: str) -> int | None:
        """Return the instant in parameter ``name``, or None where it is not given."""
        text = self.query.get(name)
        return None if text is None else _instant(name, text)

    def window(self) -> tuple[int, int]:
        """Return the half-open window of ``from`` and ``to``; open ends are far away."""
        start, end = self.time("from"), self.time("to")
        return (0 if start is None else start, 2**40 if end is None else end)

    def answer(
        self,
        data: Mapping[str, Any],
        *,
        source: str,
        untrusted: Iterable[str] = (),
        coverage: Coverage | None = None,
        cost_usd: float | None = None,
    ) -> JSONResponse:
        """Return ``data`` in the envelope.

        Args:
            data: The body; keys whose value is None are left out, save ``next_cursor``.
            source: Which system the data comes from.
            untrusted: JSON Pointers into ``data`` of what a party wrote.
            coverage: What is covered; complete up to ``as_of`` unless said.
            cost_usd: What the call costs us, where it is charged for.
        """
        covered = coverage or Coverage(True, self.as_of)
        meta = {
            "as_of": rfc3339(self.as_of),
            "recorded_through": rfc3339(self.as_of),
            "coverage": {"complete": covered.complete, "through": rfc3339(covered.through)},
            "source": source,
            "untrusted": list(untrusted),
        }
        cost = {} if cost_usd is None else {"cost_usd": cost_usd}
        return JSONResponse({"data": dict(data), "meta": meta | cost})

    def items(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Return the body of a list from rows fetched one beyond the page."""
        more = len(rows) > self.page.limit
        cursor = Cursor(
            self.page.offset + self.page.limit,
            _fingerprint(self.path, self.query),
            self.as_of,
            int(self.service.seconds()),
        )
        return {
            "items": list(rows[: self.page.limit]),
            "next_cursor": cursor.write() if more else None,
        }

    def slice(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Return the body of a list from all its rows."""
        return self.items(rows[self.page.offset : self.page.offset + self.page.limit + 1])


def present(**fields: Any) -> dict[str, Any]:
    """Return the fields that have a value."""
    return {name: value for name, value in fields.items() if value is not None}


def each(items: Sequence[Mapping[str, Any]], *names: str) -> list[str]:
    """Return pointers to the fields ``names`` of a list's items, where they are present."""
    return [
        f"/items/{number}/{name}"
        for number, item in enumerate(items)
        for name in names
        if name in item
    ]


def reads(
    family: Family, *parameters: str, scope: str = "read"
) -> Callable[[Request], Awaitable[Call]]:
    """Return the gate of read endpoints: token, scope, rate limit, parameters, ``as_of``.

    Args:
        family: Whose rate limit applies.
        parameters: Query parameters the endpoint takes besides ``as_of``.
        scope: What the token has to grant.
    """
    allowed = frozenset({*parameters, "as_of"})

    async def gate(request: Request) -> Call:
        service = service_of(request)
        caller = authorised(request, scope)
        throttle(service, caller, family)
        query = dict(request.query_params)
        strange = sorted(set(query) - allowed)
        if strange:
            raise Problem(400, "unknown_parameter", f"Not a parameter here: {', '.join(strange)}.")
        return _call(service, request, query)

    return gate


def authorised(request: Request, scope: str) -> str:
    """Return the bearer token of a request that may use ``scope``.

    Raises:
        Problem: 401 without a known token, 403 where it does not grant the scope.
    """
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    granted = service_of(request).scopes.get(token) if kind.lower() == "bearer" else None
    if granted is None:
        raise Problem(
            401, "unauthorised", "A bearer token is needed.", headers={"WWW-Authenticate": "Bearer"}
        )
    if scope not in granted:
        raise Problem(403, "scope_missing", f"The token does not grant {scope!r}.")
    return token


def throttle(service: Service, caller: str, family: Family) -> None:
    """Take one of the caller's turns in a family.

    Raises:
        Problem: 429 where there is none left.
    """
    wait = service.buckets.wait(caller, family) if service.buckets else 0.0
    if wait > 0:
        raise Problem(
            429,
            "rate_limited",
            "Too many requests.",
            retryable=True,
            headers={"Retry-After": str(math.ceil(wait))},
        )


def _call(service: Service, request: Request, query: Mapping[str, str]) -> Call:
    path = request.url.path
    asked = query.get("as_of") or request.headers.get("x-as-of")
    as_of = service.clock.now() if asked is None else _instant("as_of", asked)
    offset = 0
    if "cursor" in query:
        cursor = read_cursor(query["cursor"], _fingerprint(path, query), int(service.seconds()))
        if asked is not None and as_of != cursor.as_of:
            raise Problem(400, "bad_cursor", "The cursor belongs to another as_of.")
        offset, as_of = cursor.offset, cursor.as_of
    return Call(service, path, query, as_of, Page(_limit(query), offset))


def _fingerprint(path: str, query: Mapping[str, str]) -> str:
    return fingerprint(path, {k: v for k, v in query.items() if k not in (*PAGING, "as_of")})


def _limit(query: Mapping[str, str]) -> int:
    text = query.get("limit", str(DEFAULT_LIMIT))
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= MOST):
        raise bad_parameter("limit", f"a whole number from 1 to {MOST}")
    return int(text)


def _instant(name: str, text: str) -> int:
    try:
        # In a query an unescaped "+" of an offset arrives as a space.
        return instant(text.replace(" ", "+"))
    except (ValueError, OverflowError) as error:
        raise bad_parameter(name, "an RFC 3339 instant with an offset") from error
