"""When the next case of a batch may start, and what is told to have limited it."""

from __future__ import annotations

import asyncio

import pytest

from casewright import breaker as breakers_module
from casewright.breaker import Breakers
from casewright.settings import Settings
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
    monkeypatch.setattr(breakers_module, "LOOK_S", 0.002)

    def make(ceiling=64, **given):
        breakers = Breakers(meters.machine.clock)
        return Pace(ceiling, breakers=breakers, machine=meters.machine, **given)

    return make


def filled(pace, in_flight=0):
    """As many cases are begun as there is room for."""
    begun = in_flight + pace.room(in_flight)
    pace.flies(begun)
    return begun


def test_it_begins_low_and_follows_what_calls_tell(make, meters):
    pace = make(64)
    assert filled(pace) == pace.limit == START
    for _ in range(10):
        meters.passes(0.1)
        pace.answered("marketplace", 0.05)
    assert filled(pace, START - 1) == pace.limit == 2 * START
    for _ in range(3):
        pace.throttled("marketplace")
    assert pace.limit == START
    assert pace.room(2 * START) == 0


@pytest.mark.parametrize("ceiling", [1, 2, 5])
def test_it_comes_back_from_one_case_in_flight_however_few_there_may_be(make, meters, ceiling):
    pace = make(ceiling)
    flying = filled(pace)
    for _ in range(4):
        meters.passes(2)
        for _ in range(3):
            pace.throttled("marketplace")
    assert pace.limit == 1
    flying = filled(pace, 0)
    for _ in range(4_000):
        meters.passes(0.05)
        pace.answered("marketplace", 0.05)
        flying = filled(pace, flying - 1)
    assert flying == ceiling


def test_too_few_cases_make_no_room_for_more(make, meters):
    pace = make(64)
    for _ in range(100):
        meters.passes(0.1)
        pace.answered("marketplace", 0.05)
        pace.room(2)
        pace.flies(3)
    assert pace.limit == START
    assert pace.limits()["too few cases"] > 0.95


def test_without_adapting_the_ceiling_is_what_it_is(make):
    pace = make(64, adapting=False)
    for _ in range(50):
        pace.throttled("marketplace")
        pace.failed("marketplace")
        pace.answered("marketplace", 1.0)
    assert pace.limit == 64


def test_no_case_starts_above_the_bound_on_memory_unless_none_is_in_flight(make, meters):
    pace = make(8, memory_mb=900)
    assert pace.room(3) == 5
    meters.megabytes = 901
    meters.passes(1)
    assert (pace.room(3), pace.room(0)) == (0, 1)
    meters.megabytes = 900
    meters.passes(1)
    assert pace.room(3) == 5


async def test_no_case_starts_while_a_place_rests(make, meters):
    pace = make(8)
    breaker = pace.breakers.of("marketplace")
    for _ in range(breaker.least):
        breaker.failed()
    waiting = asyncio.create_task(pace.ready())
    await asyncio.sleep(0.02)
    assert not waiting.done()
    meters.passes(breaker.rest_s)
    await waiting
    assert pace.room(3) == 1  # its call is the probe
    breaker.answered()
    await pace.ready()
    assert pace.room(3) == 5
    assert pace.limits() == {"marketplace resting": 1.0}


def fill(pace, meters, seconds, cpu=0.0):
    """As many cases as may be are in flight for so long."""
    pace.limits()
    pace.flying = pace.limit
    for _ in range(20):
        meters.passes(seconds / 20, cpu / 20)
        pace.limits()


def test_what_limits_is_told_in_words_with_its_share_of_the_time(make, meters):
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
        "--concurrency": pytest.approx(0.4, abs=0.05),
        "model tokens per minute": pytest.approx(0.2, abs=0.05),
        "429 from marketplace": pytest.approx(0.2, abs=0.05),
        "CPU": pytest.approx(0.1, abs=0.05),
        "too few cases": pytest.approx(0.1, abs=0.05),
    }
    assert next(iter(pace.limits())) == "--concurrency"


def test_what_the_batch_waited_for_is_told(make, meters):
    pace = make(8, memory_mb=50)
    meters.passes(1)
    pace.room(1)
    meters.passes(1)
    pace.room(1)
    with pace.waiting("the store"):
        meters.passes(2)
        pace.flies(1)
    assert pace.limits() == {
        "the store": pytest.approx(0.5),
        "too few cases": pytest.approx(0.25),
        "memory": pytest.approx(0.25),
    }


def test_the_settings_say_how(tmp_path):
    given = Settings(home=tmp_path, concurrency=5, batch_adaptive="off", batch_memory_mb=77)
    assert Pace.of(given).limit == 5
    assert Pace.of(given, 9).limit == 9
    assert Pace.of(given.model_copy(update={"batch_adaptive": "on"}), 99).limit == START


def test_the_machine_is_this_process():
    machine = Machine()
    assert machine.resident() > 10 * MB
    assert machine.cpu() > 0
