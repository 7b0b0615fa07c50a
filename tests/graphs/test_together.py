"""Cases of one run through the gates: what they share, what bounds them, who is left alone."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from casewright.errors import SourceUnavailable
from casewright.settings import Settings
from casewright.together import Together
from graphs.pace import Pace
from graphs.run import Wish, open_investigator
from tools.shared import shared_of
from tools.sources.gate import RESTS

LATER = datetime(2026, 7, 1, tzinfo=UTC)


async def test_a_case_that_asks_what_another_asked_is_told_the_same(settings: Settings) -> None:
    shared, pace = shared_of(settings), Pace.of(settings)
    assert shared is not None
    together = Together(signals=pace, breakers=pace.breakers)
    async with open_investigator(settings, shared=shared, together=together) as investigator:
        (case_id,) = await investigator.open_case_ids(None, 1)
        first = await investigator.investigate(case_id, Wish(as_of=LATER))
        called = shared.called
        again = await investigator.investigate(case_id, Wish(as_of=LATER, again=True))
        told = [await investigator.store.linked(run.run_id) for run in (first, again)]
    assert called > 3
    assert shared.called == called
    assert shared.spared == called
    assert first.decision is not None
    assert again.decision is not None
    assert again.decision.outcome == first.decision.outcome
    assert again.decision.claims == first.decision.claims
    assert told[1] == told[0] != frozenset()


async def test_the_clock_of_the_source_is_read_once_for_all(settings: Settings) -> None:
    async with open_investigator(settings, shared=shared_of(settings)) as investigator:
        assert await investigator.now() is await investigator.now()
    alone = settings.model_copy(update={"batch_freshness_s": 0.0})
    assert shared_of(alone) is None
    async with open_investigator(alone, shared=shared_of(alone)) as investigator:
        assert await investigator.now() is not await investigator.now()


async def test_a_source_that_is_away_is_left_alone(settings: Settings) -> None:
    away = settings.model_copy(update={"source_url": "http://127.0.0.1:9"})
    pace = Pace.of(away)
    together = Together(signals=pace, breakers=pace.breakers)
    async with open_investigator(away, together=together) as investigator:
        calls = (investigator.now() for _ in range(10))
        ended = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(error, SourceUnavailable) for error in ended)
    assert {getattr(error, "code", "") for error in ended} == {RESTS}
    assert pace.breakers.open() == ("marketplace",)


async def test_processes_with_one_store_keep_the_bounds_together(settings: Settings) -> None:
    bounded = settings.model_copy(
        update={"shared_rates": "on", "source_requests_per_minute": 30_000}
    )
    async with open_investigator(bounded) as investigator:
        assert await investigator.open_case_ids(None, 1)
        rates = investigator.store.rates
        async with rates._writing() as connection:
            rows = (await connection.exec_driver_sql("SELECT name, kind FROM rate_limits")).all()
    assert [tuple(row) for row in rows] == [("marketplace", "requests")]
