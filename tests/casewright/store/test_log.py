"""The log in a real store: chained, appended by two processes at once, and never changed."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from casewright.audit import Actor, Kind, reviewer
from casewright.canonical import canonical
from casewright.chain import faults
from casewright.errors import UsageError
from casewright.models import ActionRecord, Evidence, Review, ReviewAct, Run, RunStatus
from casewright.settings import Settings
from casewright.store import Store
from casewright.store.log import Head

WRITER = """
import asyncio, sys
from datetime import UTC, datetime
from casewright.audit import reviewer
from casewright.settings import load_settings
from casewright.store import Store

async def main(name, views):
    async with Store.at(load_settings()) as store:
        for number in range(int(views)):
            at = datetime(2026, 6, 3, tzinfo=UTC)
            await store.log.note_view("CASE-1", reviewer(name), at, what="decision", number=number)

asyncio.run(main(*sys.argv[1:]))
"""


async def test_saving_a_run_appends_what_happened(
    store: Store,
    make_run: Callable[..., Run],
    make_evidence: Callable[..., Evidence],
    record: Callable[..., ActionRecord],
) -> None:
    evidence = make_evidence()
    await store.save_run(make_run(), actor=Actor(role="analyst", id="ana"))
    await store.put_evidence([evidence])
    await store.save_run(make_run(minute=0), actions=[record(evidence)])
    events = await store.log.of("CASE-1")
    assert [one.kind for one in events] == [Kind.ENTERED, Kind.EVIDENCE]
    assert events[1].previous == events[0].hash
    assert (await store.audited()).faults == ()


async def test_evidence_that_no_action_brought_is_told_as_well(
    store: Store, make_run: Callable[..., Run], make_evidence: Callable[..., Evidence]
) -> None:
    await store.save_run(make_run())
    await store.put_evidence([make_evidence()], run_id="run-1")
    assert (await store.log.of("CASE-1"))[-1].body["digest"] == make_evidence().digest


async def test_evidence_for_a_run_that_is_not_there_is_refused_whole(
    store: Store, sql: Callable[..., Any], make_evidence: Callable[..., Evidence]
) -> None:
    with pytest.raises(UsageError, match="no run 'nowhere'"):
        await store.put_evidence([make_evidence()], run_id="nowhere")
    assert sql("SELECT count(*) FROM evidence") == [(0,)]


async def test_what_cannot_be_written_leaves_no_event(
    store: Store, make_run: Callable[..., Run], record: Callable[..., ActionRecord], sql: Any
) -> None:
    unknown = ActionRecord(action="order", status="ok", digest="f" * 64)
    with pytest.raises(IntegrityError):
        await store.save_run(make_run(), actions=[unknown])
    assert sql("SELECT count(*) FROM audit_events") == [(0,)]
    assert await store.log.head() == Head(0, "0" * 64)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_events SET actor = 'x'",
        "DELETE FROM audit_events",
        "INSERT OR REPLACE INTO audit_events SELECT * FROM audit_events WHERE entry = 1",
        "TRUNCATE audit_events",
        "UPDATE audit_head SET entry = 0",
        "DELETE FROM audit_head",
        "TRUNCATE audit_head",
    ],
)
async def test_an_event_is_never_changed_or_deleted(
    store: Store,
    settings: Settings,
    make_run: Callable[..., Run],
    sql: Callable[..., Any],
    statement: str,
) -> None:
    server = bool(settings.store_url.get_secret_value())
    if "REPLACE" in statement if server else "TRUNCATE" in statement:
        pytest.skip("the other database has no such words")
    await store.save_run(make_run())
    refused = psycopg.errors.RaiseException if server else sqlite3.IntegrityError
    with pytest.raises(refused, match="never changed or deleted"):
        sql(statement)
    assert (await store.audited()).faults == ()


async def test_two_processes_append_to_one_case_without_a_fork(settings: Settings) -> None:
    async with Store.at(settings):
        pass
    url = settings.store_url.get_secret_value()
    given = {**os.environ, "CASEWRIGHT_HOME": str(settings.home), "CASEWRIGHT_STORE_URL": url}
    writers = [
        asyncio.create_subprocess_exec(sys.executable, "-c", WRITER, name, "40", env=given)
        for name in ("ana", "ben")
    ]
    started = await asyncio.gather(*writers)
    assert await asyncio.gather(*(one.wait() for one in started)) == [0, 0]
    async with Store.at(settings) as store:
        events = await store.log.of("CASE-1")
        assert [one.number for one in events] == list(range(1, 81))
        assert {one.actor.id for one in events} == {"ana", "ben"}
        assert (await store.audited()).faults == ()


async def test_a_head_is_noted_down_and_read_again(
    store: Store, make_run: Callable[..., Run]
) -> None:
    await store.save_run(make_run())
    await store.save_run(
        make_run("run-2", case=make_run().case.model_copy(update={"case_id": "B"}))
    )
    head = await store.log.head()
    assert Head.parse(f" {head}\n") == head
    assert head.entry == 2
    assert (await store.log.head("B")).entry == 1
    assert (await store.log.head("nobody")).entry == 0


@pytest.mark.parametrize("written", ["", "1", "x:y", "1:abc", f"-1:{'a' * 64}"])
def test_what_is_no_head_is_told(written: str) -> None:
    with pytest.raises(UsageError, match="no head"):
        Head.parse(written)


def test_what_was_there_before_the_log_is_taken_in_as_it_stands(
    bare: Settings, make_run: Callable[..., Run], noon: Any, migrating: Callable[..., Any]
) -> None:
    from alembic import command

    review = Review(act=ReviewAct.APPROVE, codes=("A1",), reviewer="qa", at=noon)
    with migrating(bare) as (connection, config):
        command.upgrade(config, "0003")
        for number, case_id in enumerate(("A", "B", "A")):
            case = make_run().case.model_copy(update={"case_id": case_id})
            run = make_run(f"run-{number}", minute=number, case=case, reviews=(review,))
            row = {"r": run.run_id, "c": case_id, "t": run.started_at.isoformat()}
            connection.execute(
                text(
                    "INSERT INTO runs VALUES "
                    "(:r, :c, 'late_shipment_appeal', 'running', :t, :t, :b)"
                ),
                {**row, "b": run.model_dump_json()},
            )
            connection.execute(
                text("INSERT INTO reviews VALUES (:r, :t, 'approve', 'qa', :b)"),
                {**row, "b": review.model_dump_json()},
            )
        command.upgrade(config, "head")

    async def found() -> None:
        async with Store.at(bare) as store:
            audited = await store.audited()
            assert (audited.events, audited.cases, audited.faults) == (3, 2, ())
            run = await store.run("run-2")
            assert run is not None
            await store.save_run(run.model_copy(update={"status": RunStatus.FAILED}))
            assert (await store.audited()).faults == ()
            assert [one.kind for one in await store.log.of("A")] == ["adopted", "adopted", "failed"]

    asyncio.run(found())


async def test_a_record_of_an_older_version_that_is_only_touched_still_agrees(
    store: Store, make_run: Callable[..., Run], sql: Callable[..., Any]
) -> None:
    """An older version wrote fewer fields; writing them out with their defaults is a change."""
    run = make_run()
    await store.save_run(run)
    later = run.updated_at + timedelta(minutes=1)
    await store.save_run(run.model_copy(update={"updated_at": later}))
    assert len(await store.log.of("CASE-1")) == 1
    assert (await store.audited()).faults == ()


async def test_a_view_is_told(store: Store, noon: Any) -> None:
    await store.log.note_view("CASE-1", reviewer("qa"), noon, run_id="run-1", what="citation")
    (event,) = await store.log.of("CASE-1")
    assert (event.kind, event.actor.id, event.body) == (Kind.VIEWED, "qa", {"what": "citation"})
    assert canonical(event.body) == b'{"what":"citation"}'
    assert list(faults([])) == []
