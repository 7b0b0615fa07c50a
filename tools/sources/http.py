"""A source reached over HTTP: pooled, bounded in time and size, patient, read-only."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Any, Self

import httpx

from casewright.clock import Clock, utc_now
from casewright.errors import SourceMalformed, SourceUnavailable, UsageError
from casewright.models import EvidenceStatus
from casewright.settings import Settings
from tools.base import Answer, Query
from tools.sources.failure import CALL_FAILURES, MARKETPLACE, Named, failure_of
from tools.sources.gate import Gate, through
from tools.sources.lanes import ONE, Lanes
from tools.sources.page import Page, joined, settled
from tools.sources.patience import Patience, Sleep
from tools.sources.reply import Reply
from tools.sources.request import Request

INBOX = "/v1/cases"
"""The platform's work list."""

PAGE_SIZE = 100
"""Items asked for in one page; the API's most."""

LANES = 64
"""Most calls under way at one source."""

BODY_LIMIT = 5_000_000
"""Bytes of the largest body that is read."""

REDIRECT_LIMIT = 5
"""Redirects followed in one call; records that were merged answer 301 to the survivor."""

SECRET_LENGTH = 8
"""From this many characters on, a credential that comes back in an answer is told from chance."""

_PERMANENT_REDIRECTS = (httpx.codes.MOVED_PERMANENTLY, httpx.codes.PERMANENT_REDIRECT)


class HttpSource:
    """Reads a marketplace's API. Open it with ``async with``.

    Args:
        base_url: Where the API lives; paths such as ``/v1/orders/…`` are appended.
        token: Bearer token; it is sent to this origin alone.
        headers: Further credentials by header name, sent to this origin alone.
        named: Where the address and the token are set, for remedies.
        timeout_s: Longest wait for one answer in seconds; connecting has a fifth of it.
        page_limit: Most pages followed for one list.
        patience: How often and how long to try again.
        gate: What each try passes through; None: nothing bounds them but the connections.
        clock: Our own clock, for a ``Retry-After`` that names a date.
        transport: Another httpx transport, for tests.

    Raises:
        UsageError: the address or the token cannot be used.
    """

    def __init__(
        self,
        base_url: str,
        token: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        named: Named = MARKETPLACE,
        timeout_s: float = 10.0,
        page_limit: int = 20,
        patience: Patience | None = None,
        gate: Gate | None = None,
        clock: Clock = utc_now,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._named = named
        self._base = _checked_url(base_url, self._named)
        self._secrets = tuple(
            secret.encode()
            for secret in (token, *(headers or {}).values())
            if len(secret) >= SECRET_LENGTH
        )
        self._timeout_s = timeout_s
        self._page_limit = page_limit
        self._patience = patience or Patience()
        self._gate = gate
        self._clock = clock
        secure = self._base.scheme == "https"
        self._lanes = Lanes(
            partial(
                httpx.AsyncClient,
                headers=_headers(token, headers or {}, self._named),
                timeout=httpx.Timeout(timeout_s, connect=timeout_s / 5),
                limits=ONE,
                # A proxy of the environment must not stand between us and our own machine.
                trust_env=not _is_loopback(self._base.host),
                # Plain HTTP needs no certificates, and loading them takes as long as several calls;
                # redirects stay within the origin, so none can lead from here to TLS.
                verify=httpx.create_ssl_context() if secure else False,
                transport=transport,
            ),
            LANES,
        )

    @classmethod
    def from_settings(
        cls,
        settings: Settings,
        *,
        gate: Gate | None = None,
        clock: Clock = utc_now,
        sleep: Sleep = asyncio.sleep,
    ) -> Self:
        """The source that the settings name.

        Raises:
            UsageError: ``source_url`` is empty or cannot be used.
        """
        return cls(
            settings.source_url,
            settings.source_token.get_secret_value(),
            timeout_s=settings.source_timeout_s,
            page_limit=settings.page_limit,
            patience=Patience(attempts=settings.source_attempts, sleep=sleep),
            gate=gate,
            clock=clock,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._lanes.aclose()

    async def get(self, path: str, query: Query, *, as_of: datetime, paged: bool = False) -> Answer:
        """Read ``path`` as it was known at ``as_of``.

        Args:
            path: Path below the base URL, already percent-encoded.
            query: Query parameters.
            as_of: The moment whose knowledge is asked for; aware.
            paged: Whether to follow the list's cursor to the end, at most ``page_limit`` pages.

        Returns:
            Status ``ok`` or ``no_data``; ``complete`` is False and ``reason`` is ``page_limit``
            where pages were left unread.

        Raises:
            SourceUnavailable: no usable answer after all tries, or this call is forbidden.
            SourceRefused: the token or the parameters are refused.
            SourceMalformed: an answer is not of the agreed shape.
        """
        if not paged:
            return settled((await self.page(path, query, as_of=as_of)).answer)
        pages = [await self.page(path, {**query, "limit": PAGE_SIZE}, as_of=as_of)]
        while (cursor := pages[-1].cursor) and len(pages) < self._page_limit:
            following = {**query, "limit": PAGE_SIZE, "cursor": cursor}
            page = await self.page(path, following, as_of=as_of)
            pages.append(_continued(page, cursor, path))
        return joined(pages)

    async def page(self, path: str, query: Query, *, as_of: datetime | None = None) -> Page:
        """Read one page; without ``as_of``, as the source knows it now. Raises as ``get`` does."""
        given = query if as_of is None else {**query, "as_of": rfc3339(as_of)}
        return await self.send(Request(path, given), Reply.page)

    async def send(self, request: Request, read: Callable[[Reply], Page]) -> Page:
        """Send a request, with all our patience, and have its reply read.

        Args:
            request: What is asked.
            read: Makes a page of the reply; raises Again where another try may help.

        Returns:
            The page.

        Raises:
            SourceError: as ``get`` does, and what ``read`` raises.
        """
        url = self._url(request)

        async def attempt() -> Page:
            return await through(self._gate, lambda: self._attempt(url, request, read))

        return await self._patience.run(attempt)

    def _url(self, request: Request) -> httpx.URL:
        url = httpx.URL(f"{self._base}{request.path}", params=_parameters(request.query))
        if not request.link:
            return url
        target = url.join(request.link)
        if _origin(target) != _origin(self._base):
            raise SourceMalformed(
                f"The list at {request.path} goes on at another origin, which is not followed.",
                code="foreign_link",
            )
        return target

    async def now(self) -> datetime:
        """The source's own clock.

        Raises:
            SourceError: the source does not say.
        """
        page = await self.page(INBOX, {"limit": 1})
        if page.as_of is None:
            raise SourceUnavailable(
                f"The source has no inbox ({page.answer.reason}), so its clock cannot be read.",
                remedy="See that CASEWRIGHT_SOURCE_URL is the base of the marketplace's API.",
                code=page.answer.reason,
            )
        return page.as_of

    async def _attempt(
        self, url: httpx.URL, request: Request, read: Callable[[Reply], Page]
    ) -> Page:
        try:
            # httpx bounds each read; only this bounds a body that trickles in for ever.
            async with self._lanes.client() as client, asyncio.timeout(self._timeout_s):
                reply = await self._exchange(client, url, request)
        except CALL_FAILURES as error:
            raise failure_of(error, request.told, self._named) from error
        self._keep_secrets(reply)
        return read(reply)

    async def _exchange(self, client: httpx.AsyncClient, url: httpx.URL, request: Request) -> Reply:
        for _ in range(REDIRECT_LIMIT + 1):
            async with client.stream(
                request.method, url, json=request.body, headers=request.headers
            ) as response:
                status, headers = response.status_code, response.headers
                if status not in _PERMANENT_REDIRECTS or request.method != "GET":
                    body = await _body(response, request.told)
                    at, named = self._clock(), self._named
                    return Reply(request.told, status, headers, body, at, named)
                url = self._redirected(url, response, request.told)
        raise SourceMalformed(f"{request.told} is redirected in circles.", code="redirect_loop")

    def _keep_secrets(self, reply: Reply) -> None:
        # What an answer holds becomes evidence, which is kept, shown and handed to models.
        if any(secret in reply.body for secret in self._secrets):
            raise reply.malformed("holds our own credential", "credential_echoed")

    def _redirected(self, url: httpx.URL, response: httpx.Response, asked: str) -> httpx.URL:
        target = url.join(response.headers.get("location", ""))
        if _origin(target) != _origin(self._base):
            raise SourceMalformed(
                f"{asked} is redirected to another origin, which is not followed.",
                code="foreign_redirect",
            )
        # The survivor must be read as of the same moment.
        return target.copy_merge_params(url.params)


async def _body(response: httpx.Response, asked: str) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise SourceMalformed(
                f"The answer to {asked} is larger than {BODY_LIMIT} bytes.", code="too_large"
            )
    return bytes(body)


def _continued(page: Page, cursor: str, path: str) -> Page:
    if page.answer.status is not EvidenceStatus.OK:
        raise SourceUnavailable(
            f"The list at {path} broke off between two pages ({page.answer.reason}).",
            code=page.answer.reason,
        )
    if page.cursor == cursor:
        raise SourceMalformed(f"The list at {path} never ends.", code="cursor_repeats")
    return page


def _headers(token: str, more: Mapping[str, str], named: Named) -> dict[str, str]:
    if not all(map(_sendable, (token, *more.values()))):
        raise UsageError(
            "The source's token holds characters that no header can carry.",
            remedy=f"Mend {named.credential}.",
        )
    headers = {"Accept": "application/json, application/problem+json", "User-Agent": "casewright"}
    return {**headers, **({"Authorization": f"Bearer {token}"} if token else {}), **more}


def _sendable(token: str) -> bool:
    return token.isascii() and token.isprintable() and " " not in token


def _checked_url(base_url: str, named: Named) -> httpx.URL:
    try:
        url = httpx.URL(base_url.rstrip("/"))
    except httpx.InvalidURL as error:
        raise _bad_url(base_url, named) from error
    if url.scheme not in ("http", "https") or not url.host or url.query or url.userinfo:
        raise _bad_url(base_url, named)
    return url


def _bad_url(base_url: str, named: Named) -> UsageError:
    return UsageError(
        f"The source's address {base_url!r} is no plain http or https URL.",
        remedy=f"Set {named.address}, such as https://risk-api.example.",
    )


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def rfc3339(moment: datetime) -> str:
    """The moment in UTC as RFC 3339 writes it.

    Raises:
        UsageError: it has no time zone.
    """
    if moment.tzinfo is None:
        raise UsageError(f"The moment {moment.isoformat()} has no time zone.", remedy="Use UTC.")
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _parameters(query: Query) -> Mapping[str, Any]:
    return {name: _plain(value) for name, value in query.items()}


def _plain(value: object) -> Any:
    return str(value).lower() if isinstance(value, bool) else value
