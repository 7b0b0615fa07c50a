"""How a declared list goes on from one page to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx
from jsonpointer import resolve_pointer

from tools.declaration import PaginationSpec
from tools.sources.page import Page
from tools.sources.reply import Reply
from tools.sources.request import Request


def first_request(paging: PaginationSpec, request: Request) -> Request:
    """The request for the first page."""
    asked: dict[str, Any] = {}
    if paging.size_parameter:
        asked[paging.size_parameter] = paging.size
    if paging.kind == "page":
        asked[paging.parameter] = paging.first
    elif paging.kind == "offset":
        asked[paging.parameter] = 0
    return _asking(request, asked)


def told_next(paging: PaginationSpec, reply: Reply, value: Any) -> str | None:
    """The cursor or the link that a reply tells; None on the last page, or where pages count.

    Raises:
        SourceMalformed: the cursor is neither text nor number nor null.
    """
    if paging.kind == "link":
        links = httpx.Response(reply.status, headers=reply.headers).links
        return links.get("next", {}).get("url")
    if paging.kind != "cursor":
        return None
    cursor = resolve_pointer(value, paging.next, None)
    if isinstance(cursor, bool) or not isinstance(cursor, str | int | None):
        raise reply.malformed("has a cursor that is no text", "bad_cursor")
    return None if cursor in (None, "") else str(cursor)


def with_counted(paging: PaginationSpec, request: Request, page: Page) -> Page:
    """The page with the number or the offset of the next one, where pages count."""
    if paging.kind not in ("page", "offset") or page.answer.data is None:
        return page
    found = len(page.items)
    if found < (paging.size or 1):
        return page
    here = int(_parameters(request)[paging.parameter])
    return replace(page, cursor=str(here + (1 if paging.kind == "page" else found)))


def following(paging: PaginationSpec, request: Request, cursor: str) -> Request:
    """The request for the page that ``cursor`` names."""
    if paging.kind == "link":
        return replace(request, link=cursor)
    value = cursor if paging.kind == "cursor" else int(cursor)
    return _asking(request, {paging.parameter: value})


def _parameters(request: Request) -> Mapping[str, Any]:
    return request.query if request.body is None else request.body


def _asking(request: Request, more: Mapping[str, Any]) -> Request:
    if request.body is None:
        return replace(request, query={**request.query, **more})
    return replace(request, body={**request.body, **more})
