"""Processes that share a store share its bounds."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import create_engine, text

from casewright.rate import Rate, reserve
from casewright.settings import Settings
from casewright.store import Store, postgres
from casewright.store.dialect import WRITING
from casewright.store.opening import FILE
from casewright.store.rates import Rates

RATE = Rate(6_000)


async def test_what_is_reserved_is_kept_for_the_next_one(store: Store) -> None:
    now = 1_800_000_000.25
    rates = Rates(store._writing, lambda: now)
    first = await rates.reserve("m", "requests", RATE, 200)
    second = await rates.reserve("m", "requests", RATE, 150)
    assert first == reserve(0, now, 200, RATE)
    assert second.free_at == pytest.approx(reserve(first.free_at, now, 150, RATE).free_at, abs=1e-5)
    assert second.wait_s > 0


async def test_bounds_of_other_names_are_their_own(store: Store) -> None:
    rates = Rates(store._writing, lambda: 1_800_000_000.0)
    assert (await rates.reserve("m", "requests", RATE, 200)).wait_s == 0
    assert (await rates.reserve("m", "tokens", RATE, 200)).wait_s == 0


async def test_no_reservation_of_several_processes_is_lost(
    store: Store, settings: Settings
) -> None:
    async with Store.at(settings) as other:
        clock = lambda: 1_800_000_000.0  # noqa: E731
        both = [Rates(one._writing, clock) for one in (store, other)]
        ended = await asyncio.gather(
            *(both[at % 2].reserve("m", "requests", RATE, 10) for at in range(40))
        )
    last = max(one.free_at for one in ended)
    assert last == pytest.approx(reserve(0, clock(), 200, RATE).free_at + 200 * RATE.spacing_s(1.0))
    assert len({one.free_at for one in ended}) == 40


async def test_a_locked_store_is_waited_for(store: Store, settings: Settings) -> None:
    url = settings.store_url.get_secret_value()
    engine = create_engine(postgres.address(url) if url else f"sqlite:///{settings.home / FILE}")
    with engine.connect() as holding:
        holding.execute(text(WRITING[engine.dialect.name]))
        waiting = asyncio.create_task(store.rates.reserve("m", "requests", RATE, 1))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        holding.rollback()
    assert (await waiting).granted
    engine.dispose()
