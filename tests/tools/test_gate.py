"""A source is asked so often at once and in a minute, and left alone while it fails."""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager

import pytest

from casewright import rate
from casewright.errors import SourceMalformed, SourceRefused, SourceUnavailable
from casewright.settings import Settings
from casewright.signals import Signals
from casewright.together import Together
from tools.sources.gate import RESTS, Gates
from tools.sources.http import HttpSource
from tools.sources.patience import Again, Patience


class Heard(Signals):
    """Counts what it is told."""

    def __init__(self):
        self.answers, self.failures, self.throttles = 0, 0, 0
        self.waits: dict[str, int] = {}
        self.most: dict[str, int] = {}

    def answered(self, place, seconds):
        assert place == "marketplace"
        assert seconds >= 0
        self.answers += 1

    def failed(self, place):
        self.failures += 1

    def throttled(self, place, after_s=0.0):
        self.throttles += 1

    @contextmanager
    def waiting(self, why):
        self.waits[why] = self.waits.get(why, 0) + 1
        self.most[why] = max(self.most.get(why, 0), self.waits[why])
        yield
        self.waits[why] -= 1


@pytest.fixture
def heard():
    return Heard()


@pytest.fixture
def gate(heard, tmp_path):
    return Gates(Settings(home=tmp_path), Together(heard)).of("marketplace")


async def raising(error):
    raise error


async def test_no_more_calls_are_in_flight_than_allowed(heard, tmp_path):
    gate = Gates(Settings(home=tmp_path, source_concurrency=3), Together(heard)).of("marketplace")
    flying, most = 0, 0

    async def call():
        nonlocal flying, most
        flying += 1
        most = max(most, flying)
        await asyncio.sleep(0.005)
        flying -= 1

    await asyncio.gather(*(gate.run(call) for _ in range(20)))
    assert most == 3
    assert heard.answers == 20
    assert heard.most["source_concurrency of marketplace"] >= 16


async def test_no_more_calls_are_made_in_a_minute_than_allowed(heard, tmp_path, monkeypatch):
    monkeypatch.setattr(rate, "MINUTE_S", 2.0)
    settings = Settings(home=tmp_path, source_requests_per_minute=20)
    gate = Gates(settings, Together(heard)).of("marketplace")
    began = time.monotonic()
    await asyncio.gather(*(gate.run(lambda: asyncio.sleep(0)) for _ in range(6)))
    assert time.monotonic() - began > 0.4
    assert heard.most["requests per minute of marketplace"] >= 4


async def test_a_source_that_keeps_failing_is_left_alone_at_once(gate, heard):
    down = Again(SourceUnavailable("away", code="http_503"))
    for _ in range(20):
        with pytest.raises(Again):
            await gate.run(lambda: raising(down))
    with pytest.raises(SourceUnavailable, match="left alone") as caught:
        await gate.run(lambda: raising(AssertionError("asked")))
    assert caught.value.code == RESTS
    assert caught.value.remedy
    assert heard.failures == 20


@pytest.mark.parametrize(
    "error",
    [
        SourceRefused("token"),
        SourceMalformed("shape"),
        SourceUnavailable("this path is forbidden", code="scope_missing"),
        Again(SourceUnavailable("busy", code="http_429"), told=True),
        Again("pending", told=True),
    ],
)
async def test_who_answers_is_not_left_alone_whatever_it_says(gate, heard, error):
    for _ in range(50):
        with pytest.raises(type(error)):
            await gate.run(lambda: raising(error))
    await gate.run(lambda: asyncio.sleep(0))
    throttles = 50 if getattr(error, "told", False) and error.then != "pending" else 0
    assert (heard.failures, heard.throttles) == (0, throttles)


@pytest.mark.parametrize("code", ["timeout", "database_failed", "server_failed"])
async def test_databases_and_servers_that_are_away_are_left_alone(gate, code):
    for _ in range(20):
        with pytest.raises(SourceUnavailable, match="away"):
            await gate.run(lambda: raising(SourceUnavailable("away", code=code)))
    with pytest.raises(SourceUnavailable, match="left alone"):
        await gate.run(lambda: asyncio.sleep(0))


async def test_waits_between_tries_hold_no_place(wire, tmp_path, patience):
    gate = Gates(Settings(home=tmp_path, source_concurrency=1)).of("marketplace")
    held = []

    async def sleep(seconds):
        held.append(gate._seats.locked())

    wire.plays(wire.problem(503), wire.problem(429, retry_after="3"), wire.ok({"a": 1}))
    async with HttpSource(wire.url, patience=Patience(sleep=sleep), gate=gate) as source:
        page = await source.page("/v1/x", {})
    assert page.answer.data == {"a": 1}
    assert held == [False, False]


async def test_all_tries_of_calls_on_their_way_stop_when_it_opens(wire, tmp_path, patience, heard):
    gate = Gates(Settings(home=tmp_path), Together(heard)).of("marketplace")
    wire.plays(wire.problem(503))
    async with HttpSource(wire.url, patience=patience, gate=gate) as source:
        calls = (source.page("/v1/x", {}) for _ in range(40))
        ended = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(error, SourceUnavailable) for error in ended)
    assert len(wire.requests) < 80 < 40 * patience.attempts
