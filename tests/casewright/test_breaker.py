"""Who fails too often is left alone, asked once after a rest, and asked again when it answers."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casewright import breaker as module
from casewright.breaker import GRACE_S, LONGEST_REST_S, Breaker, Breakers


class Timer:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def timer():
    return Timer()


@pytest.fixture
def breaker(timer):
    return Breaker("marketplace", clock=timer)


def opened(breaker):
    for _ in range(breaker.least):
        breaker.failed()
    assert breaker.resting


@given(st.lists(st.booleans(), max_size=300))
def test_it_opens_by_the_share_of_failures_alone(outcomes):
    breaker = Breaker("marketplace", clock=Timer())
    for at, failed in enumerate(outcomes):
        (breaker.failed if failed else breaker.answered)()
        last = outcomes[max(0, at + 1 - module.LAST) : at + 1]
        share = sum(last) / len(last)
        if len(last) >= breaker.least and failed and share >= breaker.share:
            assert breaker.resting
            return
        assert breaker.closed


def test_old_failures_do_not_count(breaker, timer):
    for _ in range(breaker.least - 1):
        breaker.failed()
    timer.now = breaker.window_s + 1
    breaker.failed()
    assert breaker.closed


def test_one_call_is_let_through_after_the_rest(breaker, timer):
    opened(breaker)
    assert not breaker.admits()
    timer.now += breaker.rest_s
    assert [breaker.admits() for _ in range(3)] == [True, False, False]
    breaker.answered()
    assert breaker.admits()
    assert breaker.closed


def test_rests_double_up_to_a_minute_and_start_small_again(breaker, timer):
    opened(breaker)
    rest, rests = breaker.rest_s, []
    for _ in range(8):
        timer.now += rest - 0.01
        assert not breaker.admits()
        timer.now += 0.01
        assert breaker.admits()
        rests.append(rest)
        breaker.failed()
        rest = min(rest * 2, LONGEST_REST_S)
    assert rests == [2, 4, 8, 16, 32, 60, 60, 60]
    timer.now += rest
    assert breaker.admits()
    breaker.answered()
    opened(breaker)
    timer.now += breaker.rest_s
    assert breaker.admits()


def test_calls_that_were_on_their_way_neither_close_it_nor_prolong_the_rest(breaker, timer):
    opened(breaker)
    breaker.answered()
    breaker.failed()
    assert breaker.resting
    timer.now += breaker.rest_s
    assert breaker.admits()


@pytest.mark.parametrize("how", ["cancelled", "hangs"])
def test_a_probe_that_says_nothing_makes_room_for_another(breaker, timer, how):
    opened(breaker)
    timer.now += breaker.rest_s
    assert breaker.admits()
    assert not breaker.admits()
    if how == "cancelled":
        breaker.left()
    else:
        timer.now += GRACE_S
    assert breaker.admits()


async def test_one_at_a_time_is_let_in_until_it_answers(timer, monkeypatch):
    monkeypatch.setattr(module, "LOOK_S", 0.001)
    breakers = Breakers(timer)
    breaker = breakers.of("marketplace")
    await breakers.ready()
    opened(breaker)
    assert breakers.open() == ("marketplace",)
    tasks = [asyncio.create_task(breakers.ready()) for _ in range(5)]
    await asyncio.sleep(0.02)
    assert not any(task.done() for task in tasks)
    timer.now += breaker.rest_s
    await asyncio.sleep(0.02)
    assert sum(task.done() for task in tasks) == 1
    breaker.failed()
    await asyncio.sleep(0.02)
    assert sum(task.done() for task in tasks) == 1
    timer.now += 2 * breaker.rest_s
    await asyncio.sleep(0.02)
    assert sum(task.done() for task in tasks) == 2
    breaker.answered()
    await asyncio.gather(*tasks)
    assert breakers.open() == ()


async def test_nobody_waits_for_whom_few_need_or_who_can_be_replaced(timer):
    breakers = Breakers(timer)
    first, second, rare = (breakers.of(place) for place in ("first", "second", "rare"))
    first.instead, second.instead, rare.needed = (second,), (first,), False
    for one in (first, rare):
        opened(one)
    async with asyncio.timeout(1):
        await breakers.ready()
    assert breakers.open() == ()
    opened(second)
    assert breakers.open() == ("first", "second")
