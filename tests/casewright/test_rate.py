"""No minute holds more than its allowance, however many processes share it; and nobody starves."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from casewright.rate import HOLD_S, MINUTE_S, Own, Portioned, Rate, Reserved, bucket, reserve

INSTANT_S = 1e-6
"""What any step takes; a bucket does not leak while no time passes."""

START = 1_800_000_000.0


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
        try:
            return self.loop.run_until_complete(work)
        finally:
            self.loop.close()


@dataclass
class Ledger:
    """Where all processes reserve; its clock is theirs and may jump."""

    clock: Clock
    jump: float = 0.0
    free_at: dict[str, float] = field(default_factory=dict)
    transactions: list[float] = field(default_factory=list)

    async def __call__(self, name: str, kind: str, rate: Rate, amount: float) -> Reserved:
        assert amount <= rate.burst
        self.transactions.append(self.clock.now)
        now = START + self.jump + self.clock.now
        reserved = reserve(self.free_at.get(name, 0.0), now, amount, rate)
        self.free_at[name] = reserved.free_at
        return reserved


def most_in_a_minute(used):
    """The most that any span of a minute holds."""
    used = sorted(used)
    return max(
        sum(amount for at, amount in used if first <= at < first + MINUTE_S - 0.01)
        for first, _ in used
    )


async def used_by(clock, one, amounts, pause_s, used):
    for at, amount in enumerate(amounts):
        await one.draw(amount, sum(amounts[at + 1 : at + 9]))
        used.append((clock.now, amount))
        await asyncio.sleep(pause_s)


@given(
    st.integers(1, 600),
    st.lists(
        st.tuples(
            st.one_of(
                st.lists(st.just(1), min_size=1, max_size=25),
                st.lists(st.integers(1, 4), min_size=1, max_size=25),
            ),
            st.floats(0, 5),
        ),
        min_size=1,
        max_size=5,
    ),
)
@hypothesis(max_examples=30, deadline=None)
def test_no_minute_holds_more_than_all_processes_may_use_together(per_minute, processes):
    clock, used = Clock(), []
    ledger = Ledger(clock)

    async def all_of_them():
        ones = [Portioned("m", "requests", Rate(per_minute), ledger) for _ in processes]
        await asyncio.gather(
            *(
                used_by(clock, one, amounts, pause_s, used)
                for one, (amounts, pause_s) in zip(ones, processes, strict=True)
            )
        )

    clock.run(all_of_them())
    assert sum(amount for _, amount in used) == sum(sum(one) for one, _ in processes)
    # What is more than a burst counts here when the last part of it was waited for.
    lumps = sum(max(amounts) for amounts, _ in processes if max(amounts) > 1)
    assert most_in_a_minute(used) <= per_minute + lumps


def shares(processes, per_minute, seconds, greed):
    """How much each of some processes used in that time, and how often each reserved a second."""
    clock = Clock()
    ledger = Ledger(clock)
    counts = [0] * processes

    async def one(number):
        part = Portioned("m", "requests", Rate(per_minute), ledger)
        while True:
            await part.draw(1, greed(number))
            counts[number] += 1

    async def all_of_them():
        tasks = [asyncio.create_task(one(number)) for number in range(processes)]
        await asyncio.sleep(seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    clock.run(all_of_them())
    return counts, len(ledger.transactions) / seconds / processes


def test_processes_share_evenly_and_use_nearly_all_of_it():
    counts, often = shares(5, 600, 600, lambda _: 64)
    assert sum(counts) > 0.93 * 600 * 10
    assert min(counts) > 0.9 * max(counts)
    assert often <= 2


def test_who_wants_little_is_not_starved_by_who_wants_much():
    counts, _ = shares(3, 300, 600, lambda number: 0 if number == 0 else 500)
    # A round serves each once, with at most the two seconds' worth of a burst.
    assert counts[0] > 600 / (2 * 3)


def test_more_processes_than_a_minute_has_portions_still_all_go_on():
    counts, _ = shares(40, 20, 3_600, lambda _: 5)
    assert sum(counts) > 0.9 * 20 * 60
    assert min(counts) >= 3


def test_one_process_alone_reserves_at_most_about_twice_a_second():
    for per_minute in (60, 600, 6_000, 60_000):
        counts, often = shares(1, per_minute, 60, lambda _: 0)
        assert often <= 2.5
        assert sum(counts) > 0.85 * per_minute


@given(st.floats(-1e6, 1e6), st.integers(1, 1_000), st.randoms(use_true_random=False))
@hypothesis(max_examples=40, deadline=None)
def test_a_clock_that_jumps_holds_nobody_up_for_long(jump, per_minute, draw: random.Random):
    clock, used = Clock(), []
    ledger = Ledger(clock)

    async def all_of_them():
        one = Portioned("m", "requests", Rate(per_minute), ledger)
        for _ in range(3):
            await one.draw(1, draw.randint(0, 50))
        ledger.jump = jump
        for _ in range(3):
            began = clock.now
            await one.draw(1)
            used.append(clock.now - began)

    clock.run(all_of_them())
    spacing = Rate(per_minute).spacing_s(HOLD_S)
    assert max(used) <= MINUTE_S + (Rate(per_minute).burst + 1) * spacing + 1


@given(st.floats(0, START + 1e6), st.floats(START, START + 1e6), st.integers(1, 9_999), st.data())
@hypothesis(max_examples=200, deadline=None)
def test_a_reservation_never_goes_back_nor_far_ahead(free_at, now, per_minute, data):
    rate = Rate(per_minute)
    amount = data.draw(st.integers(1, rate.burst))
    reserved = reserve(free_at, now, amount, rate)
    horizon = now + MINUTE_S + rate.burst * rate.spacing_s(HOLD_S)
    assert now <= reserved.free_at <= horizon + 1e-3
    assert reserved.free_at >= min(free_at, horizon) - 1e-3
    assert 0 <= reserved.wait_s <= MINUTE_S + 2 * rate.burst * rate.spacing_s(HOLD_S)


def test_without_a_bound_there_is_nothing_to_draw_from():
    assert bucket("m", "requests", None) is None


async def test_a_process_keeps_to_itself_unless_it_is_told_where_others_reserve():
    ledger = Ledger(Clock())
    assert isinstance(bucket("m", "requests", 10), Own)
    assert isinstance(bucket("m", "requests", 10, ledger), Portioned)
    ledger.clock.loop.close()
