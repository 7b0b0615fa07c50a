from __future__ import annotations

import asyncio
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from review.merge import merged


@given(
    numbers=st.lists(st.integers(0, 1000), unique=True, max_size=40),
    data=st.data(),
    limit=st.integers(1, 8),
)
def test_pages_of_two_lists_are_those_of_one(
    numbers: list[int], data: st.DataObject, limit: int
) -> None:
    cut = data.draw(st.integers(0, min(12, len(numbers))))
    own, long = sorted(numbers[:cut]), sorted(numbers[cut:])

    async def fetch(limit: int, offset: int) -> tuple[Sequence[int], int]:
        return long[offset : offset + limit], len(long)

    async def page(offset: int) -> tuple[tuple[int, ...], int]:
        return await merged(own, fetch, lambda one: one, limit=limit, offset=offset)

    whole = sorted(numbers)
    for offset in range(len(whole) + 2):
        found = asyncio.run(page(offset))
        assert found == (tuple(whole[offset : offset + limit]), len(whole))
