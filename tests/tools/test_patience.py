"""Backoff, jitter, and two bounds: tries while a source fails, time while it says to wait."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casewright.errors import SourceUnavailable
from tools.sources.patience import Again, Patience

FAILED = SourceUnavailable("down", code="down")


async def failing(patience: Patience, again: Again[str]) -> int:
    tries = 0

    async def attempt() -> str:
        nonlocal tries
        tries += 1
        raise again

    with pytest.raises(SourceUnavailable):
        await patience.run(attempt)
    return tries


@given(attempts=st.integers(1, 12))
async def test_full_jitter_stays_below_a_doubling_bound(attempts):
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    patience = Patience(attempts=attempts, sleep=sleep, first_s=0.25, longest_s=2.0)
    assert await failing(patience, Again(FAILED)) == attempts
    assert len(waits) == attempts - 1
    bounds = [min(2.0, 0.25 * 2**n) for n in range(attempts)]
    assert all(0 <= wait <= bound for wait, bound in zip(waits, bounds, strict=False))


async def test_jitter_differs_between_callers(patience, slept):
    for _ in range(5):
        await failing(patience, Again(FAILED))
    assert len(set(slept)) > 10


async def test_the_wait_asked_for_is_kept_with_a_little_jitter(patience, slept):
    await failing(patience, Again(FAILED, after=5.0))
    assert len(slept) == 3
    assert all(5.0 <= wait <= 5.25 for wait in slept)


async def test_a_source_that_tells_us_to_wait_is_bounded_by_time_alone(patience, slept):
    tries = await failing(patience, Again(FAILED, after=10.0, told=True))
    assert tries == 10
    assert 85 < sum(slept) <= 100


async def test_a_wait_beyond_the_bound_is_not_begun(patience, slept):
    assert await failing(patience, Again(FAILED, after=3600.0, told=True)) == 1
    assert slept == []


async def test_a_source_that_says_wait_without_a_time_does_not_spin(patience, slept):
    assert await failing(patience, Again(FAILED, told=True)) < 200
    assert sum(slept) <= 100


async def test_a_result_may_stand_in_for_the_error(patience):
    async def attempt() -> str:
        raise Again("pending", after=200.0, told=True)

    assert await patience.run(attempt) == "pending"


async def test_other_errors_pass_at_once(patience, slept):
    async def attempt() -> str:
        raise SourceUnavailable("final")

    with pytest.raises(SourceUnavailable, match="final"):
        await patience.run(attempt)
    assert slept == []


async def test_the_first_good_answer_ends_it(patience, slept):
    outcomes = [Again(FAILED), Again(FAILED)]

    async def attempt() -> str:
        if outcomes:
            raise outcomes.pop()
        return "good"

    assert await patience.run(attempt) == "good"
    assert len(slept) == 2
