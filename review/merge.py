"""Pages of two lists in one order: a long one that is kept elsewhere, and a short one at hand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

One = TypeVar("One")

Fetch = Callable[[int, int], Awaitable[tuple[Sequence[One], int]]]
"""Fetches so many of the long list behind an offset, and says how many it has in all."""


async def merged(
    own: Sequence[One],
    fetch: Fetch[One],
    place: Callable[[One], Any],
    *,
    limit: int,
    offset: int,
) -> tuple[tuple[One, ...], int]:
    """A page of both lists together, and how many they have in all.

    Args:
        own: The short list, in order.
        fetch: Fetches the long one, in the same order.
        place: What both are ordered by.
        limit: Items on a page.
        offset: Items before it.
    """
    start = max(0, offset - len(own))
    items, total = await fetch(limit + offset - start, start)
    first = place(items[0]) if start and items else None
    before = sum(first is not None and place(one) < first for one in own)
    both = sorted((*own[before:], *items), key=place)
    skip = offset - start - before
    return tuple(both[skip : skip + limit]), total + len(own)
