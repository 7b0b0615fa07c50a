"""How many cases in flight are worth while: found on simulated endpoints, in simulated time."""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from graphs.gradient import START, Gradient

PLACE = "marketplace"


@dataclass
class Endpoint:
    """Answers ``workers`` calls at once, each in ``base_s``; more of them wait for each other.

    Beyond ``workers`` its throughput falls as ``thrash`` says. It answers at most ``per_s`` calls
    a second and tells the others to come a second later; a share of calls fails.
    """

    workers: float = 1e9
    base_s: float = 0.1
    thrash: float = 1.0
    per_s: float = 1e9
    failing: float = 0.0
    noise: float = 0.1
    draw: random.Random = field(default_factory=lambda: random.Random(7))

    def latency(self, flying: int) -> float:
        queued = max(1.0, flying / self.workers) ** self.thrash
        return self.base_s * queued * self.draw.lognormvariate(0, self.noise)


class Simulation:
    """As many callers as the gradient lets be, each calling again as soon as it was answered."""

    def __init__(self, ceiling: int, endpoint: Endpoint) -> None:
        self.now = 0.0
        self.endpoint = endpoint
        self.gradient = Gradient(ceiling, self.now)
        self.calls: list[tuple[float, float, str]] = []  # ends, began, how
        self.answers: list[float] = []
        self.seconds = [0.0, 0]

    def start(self) -> None:
        while len(self.calls) < int(self.gradient.limit):
            heapq.heappush(self.calls, self.call())

    def call(self) -> tuple[float, float, str]:
        endpoint = self.endpoint
        if int(self.now) != self.seconds[0]:
            self.seconds = [int(self.now), 0]
        self.seconds[1] += 1
        if self.seconds[1] > endpoint.per_s:
            return self.now + 1.0, self.now, "throttled"
        how = "failed" if endpoint.draw.random() < endpoint.failing else "answered"
        return self.now + endpoint.latency(len(self.calls) + 1), self.now, how

    def run(self, seconds: float) -> None:
        until = self.now + seconds
        self.start()
        while self.calls and self.calls[0][0] <= until:
            self.now, began, how = heapq.heappop(self.calls)
            if how == "answered":
                self.answers.append(self.now)
                self.gradient.answered(PLACE, self.now - began, self.now)
            elif how == "failed":
                self.gradient.failed(PLACE, self.now)
            else:
                self.gradient.throttled(PLACE, self.now, 1.0)
            assert 1 <= self.gradient.limit <= self.gradient.ceiling
            self.start()
        self.now = until

    def throughput(self, seconds: float) -> float:
        """Answers a second, over the last seconds."""
        return sum(at > self.now - seconds for at in self.answers) / seconds


@given(st.integers(1, 200))
@hypothesis(max_examples=10, deadline=None)
def test_an_endpoint_that_keeps_up_gets_all_there_are_within_seconds(ceiling):
    running = Simulation(ceiling, Endpoint(noise=0.0))
    running.run(3)
    assert running.gradient.limit == ceiling
    assert running.gradient.reason == ""


def test_next_to_no_time_is_lost_until_all_64_are_in_flight():
    running = Simulation(64, Endpoint(base_s=0.3))
    running.run(10)
    assert len(running.answers) >= 0.93 * 10 * 64 / 0.3


@given(st.integers(12, 100), st.sampled_from([1.5, 2.0]))
@hypothesis(max_examples=10, deadline=None)
def test_it_converges_where_throughput_peaks(workers, thrash):
    running = Simulation(256, Endpoint(workers, thrash=thrash))
    running.run(20)
    limits = []
    for _ in range(20):
        running.run(1)
        limits.append(running.gradient.limit)
    best = workers / running.endpoint.base_s
    assert running.throughput(20) >= 0.7 * best
    assert 0.6 * workers <= sum(limits) / 20 <= 1.8 * workers + 2
    assert running.gradient.reason == f"latency of {PLACE}"


def test_a_queue_that_was_there_from_the_beginning_is_found_out():
    workers = START // 4
    running = Simulation(64, Endpoint(workers, thrash=2.0))
    running.run(400)
    assert running.gradient.limit <= 3 * workers


@pytest.mark.parametrize("per_s", [20, 50])
def test_it_falls_within_seconds_when_callers_are_told_to_come_later_and_comes_back(per_s):
    running = Simulation(64, Endpoint())
    running.run(5)
    assert running.gradient.limit == 64
    running.endpoint.per_s = per_s
    running.run(5)
    assert running.gradient.limit <= 16
    assert running.gradient.reason == f"429 from {PLACE}"
    running.run(60)
    assert running.throughput(30) >= 0.6 * per_s
    running.endpoint.per_s = 1e9
    running.run(40)
    assert running.gradient.limit == 64
    assert running.gradient.reason == ""


def test_an_endpoint_that_fails_is_called_less_until_it_is_well():
    running = Simulation(64, Endpoint())
    running.run(5)
    running.endpoint.failing = 0.6
    running.run(6)
    assert running.gradient.limit <= 20
    assert running.gradient.reason == f"failures of {PLACE}"
    running.endpoint.failing = 0.0
    running.run(40)
    assert running.gradient.limit == 64


@given(st.floats(0, 0.1), st.integers(0, 2**32))
@hypothesis(max_examples=6, deadline=None)
def test_single_failures_hold_nothing_up(failing, seed):
    running = Simulation(64, Endpoint(base_s=0.3, failing=failing, draw=random.Random(seed)))
    running.run(60)
    assert running.throughput(40) >= 0.85 * 64 / 0.3 * (1 - failing)


@given(st.floats(0, 0.5), st.integers(0, 2**32))
@hypothesis(max_examples=6, deadline=None)
def test_calls_that_differ_much_in_length_are_no_queue(noise, seed):
    running = Simulation(64, Endpoint(noise=noise, base_s=0.3, draw=random.Random(seed)))
    running.run(60)
    assert running.gradient.limit > 32


def test_a_busy_process_blames_nobody_and_starts_no_more():
    gradient = Gradient(64, 0.0)
    for at in range(4_000):
        gradient.answered(PLACE, 0.01 * (1 + at // 400), 1 + at * 0.01, busy=True)
    assert gradient.limit == START
    assert gradient.reason == ""


def test_too_few_cases_are_no_reason_to_let_more_start():
    gradient = Gradient(64, 0.0)
    for at in range(1_000):
        gradient.answered(PLACE, 0.01, 1 + at * 0.01, full=False)
    assert gradient.limit == START


def test_nobody_asks_more_before_they_said_to_come():
    gradient = Gradient(64, 0.0)
    for at in range(5):
        gradient.throttled(PLACE, at * 0.01, 30.0)
    low = gradient.limit
    for at in range(2_900):
        gradient.answered(PLACE, 0.001, 0.1 + at * 0.01)
    assert gradient.limit == low
    for at in range(500):
        gradient.answered(PLACE, 0.001, 30.1 + at * 0.01)
    assert gradient.limit > low
