"""What all cases of a process may ask of endpoints together."""

import asyncio
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.limits import Limits
from agents.model import talks
from agents.reading import Errand
from casewright import rate

INSTANT_S = 1e-6
"""What any step takes; a bucket does not leak while no time passes."""


class Clock:
    """An event loop whose time passes only when it is waited for."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.now = 0.0
        self.loop.time = lambda: self.now
        select = self.loop._selector.select

        def passing(timeout):
            self.now += (timeout or 0.0) + INSTANT_S
            return select(0)

        self.loop._selector.select = passing

    def run(self, work):
        """The work's result."""
        try:
            return self.loop.run_until_complete(work)
        finally:
            self.loop.close()


def moments(bound, calls, takes_s=0.0):
    """When each call began, in seconds: each is (tokens estimated, tokens used)."""
    clock = Clock()
    began = []

    async def one(estimated, used):
        async with bound.slot(estimated) as slot:
            began.append((clock.now, used))
            await asyncio.sleep(takes_s)
            slot.tokens = used

    async def all_of_them():
        await asyncio.gather(*(one(*call) for call in calls))

    clock.run(all_of_them())
    return began


def most_in_a_minute(began):
    """The most that any span of a minute holds."""
    return max(sum(used for at, used in began if first <= at < first + 59.99) for first, _ in began)


@given(st.integers(1, 500), st.integers(1, 200))
@settings(max_examples=30, deadline=None)
def test_no_minute_holds_more_calls_than_allowed(allowed, calls):
    began = moments(Limits(allowed, None, 1_000), [(0, 1)] * calls)
    assert len(began) == calls
    assert most_in_a_minute(began) <= allowed
    assert began[-1][0] <= 60 * calls / (0.9 * allowed) + 0.1


@given(st.integers(100, 5_000), st.lists(st.integers(1, 900), min_size=1, max_size=40))
@settings(max_examples=30, deadline=None)
def test_no_minute_holds_more_tokens_than_allowed(allowed, sizes):
    began = moments(Limits(None, allowed, 1_000), [(size, size) for size in sizes])
    # A call that is larger than a minute's allowance is made when all of it has been waited for.
    assert most_in_a_minute(began) <= allowed + max(sizes)


def test_what_was_underestimated_is_waited_for_afterwards():
    modest = moments(Limits(None, 600, 1), [(10, 10)] * 20)
    greedy = moments(Limits(None, 600, 1), [(10, 100)] * 20)
    assert modest[-1][0] < 60
    assert greedy[-1][0] > 120


def test_what_was_overestimated_is_given_back():
    honest = moments(Limits(None, 600, 1), [(10, 10)] * 20)
    timid = moments(Limits(None, 600, 1), [(100, 10)] * 20)
    assert timid[-1][0] <= honest[-1][0] + 15


def test_a_large_call_is_not_overtaken_for_ever():
    bound = Limits(None, 600, 100)
    began = moments(bound, [(10, 10)] * 5 + [(500, 500)] + [(10, 10)] * 50)
    assert [used for _, used in began].index(500) == 5


def test_no_more_calls_are_in_flight_than_allowed():
    began = moments(Limits(None, None, 3), [(1, 1)] * 10, takes_s=1.0)
    assert [at for at, _ in began] == pytest.approx([0, 0, 0, 1, 1, 1, 2, 2, 2, 3], abs=0.01)


def test_a_call_that_fails_leaves_its_place():
    bound = Limits(None, None, 1)

    async def failing():
        async with bound.slot(1):
            raise ZeroDivisionError

    async def calls():
        with pytest.raises(ZeroDivisionError):
            await failing()
        async with asyncio.timeout(1), bound.slot(1):
            pass

    asyncio.run(calls())


async def test_all_cases_of_a_process_share_them(endpoint, opening, functions, as_of, settings):
    slow = replace(endpoint.calls(("answer", {"word": "it"})), delay_s=0.05)
    endpoint.forever(lambda _: slow)
    open_talk = talks(settings.model_copy(update={"model_concurrency": 2}))
    started = [open_talk(Errand(as_of)) for _ in range(6)]
    await asyncio.gather(*(talk.turn(opening, functions) for talk in started))
    assert endpoint.most_in_flight == 2


@pytest.mark.parametrize(
    ("setting", "allowed"), [("model_requests_per_minute", 10), ("model_tokens_per_minute", 1_000)]
)
async def test_the_settings_bound_the_rate(
    endpoint, opening, functions, as_of, settings, monkeypatch, setting, allowed
):
    monkeypatch.setattr(rate, "MINUTE_S", 2.0)
    endpoint.forever(lambda _: endpoint.calls(("answer", {"word": "it"})))
    open_talk = talks(settings.model_copy(update={setting: allowed}))
    since = time.monotonic()
    for _ in range(5):  # each uses 107 tokens, so that both bounds ask for about 0.2 s a call
        await open_talk(Errand(as_of)).turn(opening, functions)
    assert time.monotonic() - since > 0.6


def test_one_reader_serves_several_event_loops_within_limits(
    endpoint, opening, functions, as_of, settings
):
    endpoint.forever(lambda _: endpoint.calls(("answer", {"word": "it"})))
    bounded = {"model_requests_per_minute": 6_000, "model_tokens_per_minute": 10**6}
    open_talk = talks(settings.model_copy(update={**bounded, "model_concurrency": 1}))

    async def some():
        turns = (open_talk(Errand(as_of)).turn(opening, functions) for _ in range(3))
        return await asyncio.gather(*turns)

    for _ in range(2):
        assert len(asyncio.run(some())) == 3
