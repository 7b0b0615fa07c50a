"""When the next case of a batch may start, and what is told to have limited it."""

from __future__ import annotations

import asyncio

import pytest

from casewright import breaker as breakers_module
from casewright.breaker import Breakers
from casewright.settings import Settings
from graphs import pace as module
from graphs.gradient import START
from graphs.pace import MB, Machine, Pace


class Meters:
    """A machine whose clock, CPU and memory a test sets."""

    def __init__(self) -> None:
        self.seconds = self.cpu_seconds = 0.0
        self.megabytes = 100
        self.machine = Machine(
            clock=lambda: self.seconds,
            cpu=lambda: self.cpu_seconds,
            resident=lambda: self.megabytes * MB,
        )

    def passes(self, seconds: float, cpu: float = 0.0) -> None:
        self.seconds += seconds
        self.cpu_seconds += cpu


@pytest.fixture
def meters():
    return Meters()


@pytest.fixture
def make(meters, monkeypatch):
    monkeypatch.setattr(module, "LOOK_S", 0.002)
    monkeypatch.setattr(breakers_module, "LOOK_S", 0.002)

    def make(ceiling=64, **given):
        breakers = Breakers(meters.machine.clock)
        return Pace(ceiling, breakers=breakers, machine=meters.machine, **given)

    return make


async def started(pace, count):
    """Tasks that wait for room, and how many of them have got it."""
    tasks = [asyncio.create_task(pace.take()) for _ in range(count)]
    await asyncio.sleep(0.02)
    return tasks, sum(task.done() for task in tasks)


async def stop(tasks):
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_no_more_cases_are_in_flight_than_the_ceiling(make):
    pace = make(4)
    tasks, done = await started(pace, 9)
    assert done == pace.flying == 4
    pace.leave()
    pace.leave()
    await asyncio.sleep(0.02)
    assert sum(task.done() for task in tasks) == 6
    await stop(tasks)


async def test_a_case_that_fails_makes_room(make):
    pace = make(1)
    with pytest.raises(ZeroDivisionError):
        async with pace.case():
            raise ZeroDivisionError
    async with asyncio.timeout(1), pace.case():
        assert pace.flying == 1
    assert pace.flying == 0


async def test_it_begins_low_and_follows_what_calls_tell(make, meters):
    pace = make(64)
    tasks, done = await started(pace, 64)
    assert done == pace.limit == START
    for _ in range(10):
        meters.passes(0.1)
        pace.answered("marketplace", 0.05)
    await asyncio.sleep(0.02)
    assert pace.limit == pace.flying == 2 * START
    for _ in range(3):
        pace.throttled("marketplace")
    assert pace.limit == START
    await stop(tasks)


async def test_without_adapting_the_ceiling_is_what_it_is(make):
    pace = make(64, adapting=False)
    for _ in range(50):
        pace.throttled("marketplace")
        pace.failed("marketplace")
        pace.answered("marketplace", 1.0)
    assert pace.limit == 64


async def test_no_case_starts_above_the_bound_on_memory_unless_none_is_in_flight(make, meters):
    pace = make(8, memory_mb=900)
    await pace.take()
    meters.megabytes = 901
    meters.passes(1)
    tasks, done = await started(pace, 2)
    assert done == 0
    pace.leave()
    await asyncio.sleep(0.02)
    assert sum(task.done() for task in tasks) == 1
    meters.megabytes = 900
    meters.passes(1)
    await asyncio.gather(*tasks)


async def test_no_case_starts_while_a_place_rests(make, meters):
    pace = make(8)
    breaker = pace.breakers.of("marketplace")
    for _ in range(breaker.least):
        breaker.failed()
    tasks, done = await started(pace, 4)
    assert done == 0
    meters.passes(breaker.rest_s)
    await asyncio.sleep(0.02)
    assert pace.flying == 1  # its call is the probe
    breaker.answered()
    await asyncio.gather(*tasks)
    assert pace.limits() == {"marketplace resting": 1.0}


def fill(pace, meters, seconds, cpu=0.0):
    """As many cases as may be are in flight for so long."""
    pace.limits()
    pace.flying = pace.limit
    for _ in range(20):
        meters.passes(seconds / 20, cpu / 20)
        pace.limits()


async def test_what_limits_is_told_in_words_with_its_share_of_the_time(make, meters):
    pace = make(START)
    fill(pace, meters, 4.0)
    with pace.waiting("model tokens per minute"):
        pace.flying = 2
        for _ in range(20):
            meters.passes(0.1)
            pace.limits()
    for _ in range(5):
        pace.throttled("marketplace", 60.0)
    fill(pace, meters, 2.0)
    fill(pace, meters, 1.0, cpu=0.99)
    pace.flying = 0
    for _ in range(10):
        meters.passes(0.1)
        pace.limits()
    assert pace.limits() == {
        "--concurrency": pytest.approx(0.4, abs=0.02),
        "model tokens per minute": pytest.approx(0.2, abs=0.02),
        "429 from marketplace": pytest.approx(0.2, abs=0.02),
        "CPU": pytest.approx(0.1, abs=0.02),
        "too few cases": pytest.approx(0.1, abs=0.02),
    }
    assert next(iter(pace.limits())) == "--concurrency"


async def test_memory_is_told(make, meters):
    pace = make(8, memory_mb=50)
    await pace.take()
    meters.passes(1)
    tasks, _ = await started(pace, 1)
    for _ in range(10):
        meters.passes(0.1)
        await asyncio.sleep(0.005)
    assert pace.limits()["memory"] > 0.4
    await stop(tasks)


def test_the_settings_say_how(tmp_path):
    given = Settings(home=tmp_path, concurrency=5, batch_adaptive="off", batch_memory_mb=77)
    assert Pace.of(given).limit == 5
    assert Pace.of(given, 9).limit == 9
    assert Pace.of(given.model_copy(update={"batch_adaptive": "on"}), 99).limit == START


def test_the_machine_is_this_process():
    machine = Machine()
    assert machine.resident() > 10 * MB
    assert machine.cpu() > 0
