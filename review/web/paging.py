"""Pages of a long list, named in the address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import Query, Request

SIZE: Final = 50
"""Rows on a page."""

Number = Annotated[int, Query(alias="page", ge=1, le=100_000)]
"""Which page is asked for, from 1."""


@dataclass(frozen=True)
class Paging:
    """Where a page stands among the others.

    Attributes:
        number: Its number, from 1.
        pages: How many there are, at least one.
        total: How many rows there are on all of them.
        before: Address of the page before it, or empty.
        after: Address of the page behind it, or empty.
    """

    number: int
    pages: int
    total: int
    before: str = ""
    after: str = ""


def paging(request: Request, number: int, total: int, *, size: int = SIZE) -> Paging:
    """The place of a page; the addresses keep whatever else the present one asks for.

    Args:
        request: What asks for it.
        number: Its number, from 1.
        total: How many rows there are.
        size: Rows on a page.
    """
    pages = max(1, -(-total // size))
    before = _address(request, min(number - 1, pages)) if number > 1 else ""
    after = _address(request, number + 1) if number < pages else ""
    return Paging(number, pages, total, before, after)


def _address(request: Request, number: int) -> str:
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "page"]
    return f"{request.url.path}?{urlencode([*kept, ('page', str(number))])}"


def chosen(values: list[str]) -> tuple[str, ...]:
    """The values of a filter without the empty ones, which a form sends for "all"."""
    return tuple(value for value in values if value)
