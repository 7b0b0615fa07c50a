"""A clock that is read once for many cases, and never runs ahead of the source's."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from casewright.errors import SourceUnavailable
from tools.steady import SteadyInbox

NOON = datetime(2026, 6, 3, 12, tzinfo=UTC)


class Ticking:
    """An inbox whose clock passes with ours, and whose answers take a second."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.reads = 0
        self.away = False

    async def now(self) -> datetime:
        self.reads += 1
        self.passed += 1.0
        await asyncio.sleep(0)
        if self.away:
            raise SourceUnavailable("away")
        return NOON + timedelta(seconds=self.passed)


@pytest.fixture
def ticking():
    return Ticking()


@pytest.fixture
def steady(ticking):
    return SteadyInbox(ticking, 300.0, lambda: ticking.passed)


async def test_all_who_ask_meanwhile_are_told_the_same(ticking, steady):
    moments = await asyncio.gather(*(steady.now() for _ in range(20)))
    assert len(set(moments)) == ticking.reads == 1


async def test_a_reading_serves_no_longer_than_it_is_fresh(ticking, steady):
    first = await steady.now()
    ticking.passed = 299.9
    assert await steady.now() == first
    ticking.passed = 300.0
    later = await steady.now()
    assert later > first
    assert ticking.reads == 2


async def test_a_failed_reading_is_tried_anew(ticking, steady):
    ticking.away = True
    with pytest.raises(SourceUnavailable):
        await steady.now()
    ticking.away = False
    assert await steady.now() > NOON


async def test_cases_come_from_the_inbox_itself(wire, source):
    wire.plays(wire.problem(404, "case_unknown"))
    page = await SteadyInbox(source, 300.0).page("/v1/cases/C-1", {})
    assert page.answer.reason == "case_unknown"
