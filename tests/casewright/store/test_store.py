from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError, OperationalError

from casewright.errors import (
    EnvironmentFault,
    HomeUnwritable,
    SchemaStale,
    StoreCorrupt,
    UsageError,
    VerificationError,
)
from casewright.models import ActionRecord, Evidence, Review, ReviewAct, Run, RunStatus
from casewright.store import Store
from casewright.store.store import FILE

ROOT = Path(__file__).parents[3]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store.open(tmp_path) as store:
        yield store


@pytest.fixture
def sql(tmp_path: Path) -> Callable[..., list[tuple[Any, ...]]]:
    """Runs one statement on the store's file, behind its back."""

    def run(statement: str, *values: object) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(tmp_path / FILE)) as connection, connection:
            return connection.execute(statement, values).fetchall()

    return run


@contextmanager
def locked(home: Path) -> Iterator[None]:
    with closing(sqlite3.connect(home / FILE, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield


def names_in(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def record(evidence: Evidence, action: str = "order") -> ActionRecord:
    return ActionRecord(
        action=action, status="ok", digest=evidence.digest, retrieved_at=evidence.retrieved_at
    )


# opening


async def test_a_new_home_is_created_with_its_parents(tmp_path: Path) -> None:
    async with Store.open(tmp_path / "a" / "b") as store:
        assert await store.runs() == []
    assert (tmp_path / "a" / "b" / FILE).is_file()


async def test_the_file_is_in_wal_mode(store: Store, sql: Callable[..., Any]) -> None:
    assert sql("PRAGMA journal_mode") == [("wal",)]


async def test_a_probe_is_not_left_in_the_home(tmp_path: Path) -> None:
    async with Store.open(tmp_path):
        pass
    assert names_in(tmp_path) == {FILE}


async def test_what_was_kept_is_there_after_opening_again(
    tmp_path: Path, make_run: Callable[..., Run], make_evidence: Callable[..., Evidence]
) -> None:
    evidence, run = make_evidence(), make_run()
    async with Store.open(tmp_path) as store:
        await store.put_evidence([evidence])
        await store.save_run(run, actions=[record(evidence)])
    async with Store.open(tmp_path) as store:
        assert await store.evidence(evidence.digest) == evidence
        assert await store.run(run.run_id) == run


@pytest.mark.parametrize("within", ["", "below"])
async def test_a_home_that_cannot_be_written_is_refused(tmp_path: Path, within: str) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(HomeUnwritable, match="cannot be written") as caught:
        async with Store.open(tmp_path / "file" / within):
            pass
    assert caught.value.exit_code == 2
    assert "CASEWRIGHT_HOME" in caught.value.remedy


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("no database " * 100)
    with pytest.raises(StoreCorrupt, match="file is not a database") as caught:
        async with Store.open(tmp_path):
            pass
    assert "backup" in caught.value.remedy
    assert (tmp_path / FILE).read_text().startswith("no database")


async def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(HomeUnwritable, match=f"{FILE} is no file"):
        async with Store.open(tmp_path):
            pass


async def test_a_store_that_another_process_holds_is_a_fault_but_not_corruption(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("casewright.store.store.BUSY_MS", 1)
    with locked(tmp_path), pytest.raises(EnvironmentFault, match="database is locked") as caught:
        async with Store.open(tmp_path):
            pass
    assert not isinstance(caught.value, StoreCorrupt)
    assert "Try again" in caught.value.remedy


async def test_a_store_of_another_version_is_refused(
    tmp_path: Path, sql: Callable[..., Any]
) -> None:
    async with Store.open(tmp_path):
        pass
    sql("UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(SchemaStale):
        async with Store.open(tmp_path):
            pass


async def test_many_may_open_an_empty_home_at_once(tmp_path: Path) -> None:
    async def opened() -> int:
        async with Store.open(tmp_path) as store:
            return len(await store.runs())

    assert await asyncio.gather(*(opened() for _ in range(8))) == [0] * 8


# evidence


async def test_evidence_comes_back_as_it_was(
    store: Store, make_evidence: Callable[..., Evidence]
) -> None:
    kept = [
        make_evidence(),
        make_evidence(status="no_data", data=None, reason="carrier_not_connected", complete=False),
        make_evidence(data={"note": "\x00 \u202e 😀 ù", "n": [1e20, -0.5, 2**53 - 1, None, True]}),
    ]
    await store.put_evidence(kept)
    assert await store.evidence_of([item.digest for item in kept]) == {
        item.digest: item for item in kept
    }


async def test_evidence_is_kept_once_with_its_first_retrieval(
    store: Store,
    sql: Callable[..., Any],
    make_evidence: Callable[..., Evidence],
    noon: datetime,
) -> None:
    first, again = make_evidence(), make_evidence(retrieved_at=noon + timedelta(days=1))
    await store.put_evidence([first, first])
    await store.put_evidence([again])
    assert sql("SELECT count(*) FROM evidence") == [(1,)]
    assert (await store.evidence(again.digest)).retrieved_at == noon


async def test_nothing_to_keep_is_no_error(store: Store, sql: Callable[..., Any]) -> None:
    await store.put_evidence([])
    assert await store.evidence_of([]) == {}
    assert sql("SELECT count(*) FROM evidence") == [(0,)]


async def test_an_unknown_digest_is_told(
    store: Store, make_evidence: Callable[..., Evidence]
) -> None:
    known = make_evidence()
    await store.put_evidence([known])
    with pytest.raises(UsageError, match="no evidence 'ffff"):
        await store.evidence_of([known.digest, "f" * 64])


@pytest.mark.parametrize(
    "content",
    [
        '{"order_id":"O-2"}',
        "not json",
        "[]",
        "",
        '{"n":1' + "0" * 400 + "}",
    ],
)
async def test_content_that_was_replaced_is_detected(
    store: Store, sql: Callable[..., Any], make_evidence: Callable[..., Evidence], content: str
) -> None:
    evidence = make_evidence()
    await store.put_evidence([evidence])
    sql("UPDATE evidence SET content = ?", content)
    with pytest.raises(VerificationError, match=evidence.digest[:12]):
        await store.evidence(evidence.digest)


@pytest.mark.parametrize(
    ("genuine", "forged"),
    [
        ('"ship_by":"2026-06-01', '"ship_by":"2026-07-01'),
        ('"status":"ok"', '"status":"no_data"'),
        ('"complete":true', '"complete":false'),
        ('"O-1"', "1" + "0" * 400),
    ],
)
async def test_one_forged_value_is_detected(
    store: Store,
    sql: Callable[..., Any],
    make_evidence: Callable[..., Evidence],
    genuine: str,
    forged: str,
) -> None:
    evidence = make_evidence()
    await store.put_evidence([evidence])
    sql("UPDATE evidence SET content = replace(content, ?, ?)", genuine, forged)
    with pytest.raises(VerificationError):
        await store.evidence(evidence.digest)


async def test_evidence_put_under_another_digest_is_detected(
    store: Store, sql: Callable[..., Any], make_evidence: Callable[..., Evidence]
) -> None:
    await store.put_evidence([make_evidence()])
    sql("UPDATE evidence SET digest = ?", "a" * 64)
    with pytest.raises(VerificationError, match="changed after it was stored"):
        await store.evidence("a" * 64)


async def test_intact_evidence_leaves_out_what_is_gone_or_changed(
    store: Store, sql: Callable[..., Any], make_evidence: Callable[..., Evidence]
) -> None:
    good, changed = make_evidence(), make_evidence(source="orders")
    await store.put_evidence([good, changed])
    sql("UPDATE evidence SET content = '{}' WHERE digest = ?", changed.digest)
    kept = await store.intact_evidence([good.digest, changed.digest, "f" * 64, good.digest])
    assert kept == {good.digest: good}


NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
DATA = st.dictionaries(st.text(max_size=4), NUMBERS | st.text(max_size=9) | st.lists(NUMBERS))


@given(st.lists(DATA, min_size=1, max_size=20))
@hypothesis(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_whatever_was_kept_is_found_intact(
    store: Store, make_evidence: Callable[..., Evidence], answers: list[dict[str, Any]]
) -> None:
    kept = [make_evidence(data=data) for data in answers]
    await store.put_evidence(kept)
    found = await store.evidence_of(item.digest for item in kept)
    assert {digest: item.data for digest, item in found.items()} == {
        item.digest: item.data for item in kept
    }


# graph versions


async def test_a_version_once_kept_never_changes(store: Store, noon: datetime) -> None:
    await store.put_version("s@1+aa", "s", {"sop.yaml": "version: 1"}, at=noon)
    await store.put_version("s@1+aa", "s", {"sop.yaml": "forged"}, at=noon)
    await store.put_version("s@2+bb", "s", {"sop.yaml": "version: 2"}, at=noon)
    assert await store.version_files("s@1+aa") == {"sop.yaml": "version: 1"}
    assert await store.version_files("s@2+bb") == {"sop.yaml": "version: 2"}


async def test_a_version_without_files_is_not_an_unknown_version(
    store: Store, noon: datetime
) -> None:
    await store.put_version("s@1+aa", "s", {}, at=noon)
    assert await store.version_files("s@1+aa") == {}
    with pytest.raises(UsageError, match=r"no graph version 's@9\+ff'"):
        await store.version_files("s@9+ff")


# runs


async def test_a_run_is_replaced_as_it_goes_on(
    store: Store, sql: Callable[..., Any], make_run: Callable[..., Run]
) -> None:
    run = make_run()
    await store.save_run(run)
    waiting = run.model_copy(update={"status": RunStatus.WAITING})
    await store.save_run(waiting)
    assert await store.run(run.run_id) == waiting
    assert await store.runs() == [waiting]
    assert sql("SELECT status FROM runs") == [("waiting",)]


async def test_a_run_or_a_case_that_never_entered_is_none(
    store: Store, make_run: Callable[..., Run]
) -> None:
    await store.save_run(make_run())
    assert await store.run("run-9") is None
    assert await store.latest_run("CASE-9") is None


async def test_the_latest_run_of_a_case_is_the_newest_to_start(
    store: Store, make_run: Callable[..., Run], make_case: Callable[..., Any]
) -> None:
    for run_id, minute in (("run-b", 1), ("run-c", 2), ("run-a", 0)):
        await store.save_run(make_run(run_id, minute=minute))
    other = make_run("run-d", minute=9, case=make_case(case_id="CASE-2"))
    await store.save_run(other)
    found = await store.latest_run("CASE-1")
    assert found is not None
    assert found.run_id == "run-c"


async def test_newest_is_by_instant_not_by_how_the_zone_is_written(
    store: Store, make_run: Callable[..., Run], noon: datetime
) -> None:
    early_in_the_east = noon.astimezone(timezone(timedelta(hours=8)))
    await store.save_run(make_run("run-1", started_at=early_in_the_east))
    await store.save_run(make_run("run-2", started_at=noon + timedelta(microseconds=1)))
    await store.save_run(make_run("run-3", started_at=noon + timedelta(seconds=1)))
    assert [run.run_id for run in await store.runs()] == ["run-1", "run-2", "run-3"]
    found = await store.latest_run("CASE-1")
    assert found is not None
    assert found.run_id == "run-3"


async def test_runs_that_start_together_have_one_order(
    store: Store, make_run: Callable[..., Run]
) -> None:
    for run_id in ("run-2", "run-3", "run-1"):
        await store.save_run(make_run(run_id))
    assert [run.run_id for run in await store.runs()] == ["run-1", "run-2", "run-3"]
    found = await store.latest_run("CASE-1")
    assert found is not None
    assert found.run_id == "run-3"


async def test_runs_are_listed_by_status_oldest_first_up_to_the_limit(
    store: Store, make_run: Callable[..., Run]
) -> None:
    for minute, status in enumerate([RunStatus.WAITING, RunStatus.DONE, RunStatus.WAITING]):
        await store.save_run(make_run(f"run-{9 - minute}", minute=minute, status=status))
    listed = [run.run_id for run in await store.runs(RunStatus.WAITING)]
    assert listed == ["run-9", "run-7"]
    assert [run.run_id for run in await store.runs(limit=2)] == ["run-9", "run-8"]
    assert await store.runs(RunStatus.FAILED) == []


async def test_a_run_is_saved_with_what_it_rests_on_and_who_acted(
    store: Store,
    sql: Callable[..., Any],
    make_run: Callable[..., Run],
    make_evidence: Callable[..., Evidence],
    noon: datetime,
) -> None:
    evidence = make_evidence()
    review = Review(act=ReviewAct.APPROVE, codes=("A1",), reviewer="r1", at=noon)
    actions = [
        record(evidence),
        record(evidence, "order_again"),
        ActionRecord(action="alerts", status="not_needed"),
    ]
    await store.put_evidence([evidence])
    for _ in range(2):  # a node that runs again after a crash writes the same once more
        await store.save_run(make_run(reviews=(review,)), actions=actions, review=review)
    links = sql("SELECT run_id, action, digest FROM run_evidence ORDER BY action")
    assert links == [
        ("run-1", "order", evidence.digest),
        ("run-1", "order_again", evidence.digest),
    ]
    assert sql("SELECT run_id, act, reviewer FROM reviews") == [("run-1", "approve", "r1")]


async def test_a_run_that_rests_on_unknown_evidence_is_not_saved_at_all(
    store: Store,
    sql: Callable[..., Any],
    make_run: Callable[..., Run],
    make_evidence: Callable[..., Evidence],
) -> None:
    before = make_run()
    await store.save_run(before)
    after = before.model_copy(update={"status": RunStatus.WAITING})
    with pytest.raises(IntegrityError):
        await store.save_run(after, actions=[record(make_evidence())])
    assert await store.run("run-1") == before
    assert sql("SELECT count(*) FROM run_evidence") == [(0,)]


async def test_a_run_whose_record_was_broken_is_told(
    store: Store, sql: Callable[..., Any], make_run: Callable[..., Run]
) -> None:
    await store.save_run(make_run())
    sql("UPDATE runs SET body = '{'")
    for read in (store.run("run-1"), store.latest_run("CASE-1"), store.runs()):
        with pytest.raises(StoreCorrupt, match="record of a run"):
            await read


# more than one at a time


async def test_many_tasks_writing_at_once_lose_nothing(
    store: Store, make_run: Callable[..., Run], make_evidence: Callable[..., Evidence]
) -> None:
    async def one(number: int) -> None:
        evidence = make_evidence(request={"order_id": f"O-{number}"})
        await store.put_evidence([evidence, make_evidence()])
        await store.save_run(make_run(f"run-{number}"), actions=[record(evidence)])

    await asyncio.gather(*(one(number) for number in range(60)))
    runs = await store.runs()
    assert {run.run_id for run in runs} == {f"run-{number}" for number in range(60)}


WRITER = """
import asyncio, sys
from pathlib import Path
from casewright.models import Run
from casewright.store import Store

async def main(home, name, body):
    run = Run.model_validate_json(body)
    async with Store.open(Path(home)) as store:
        for number in range(40):
            await store.save_run(run.model_copy(update={"run_id": f"{name}-{number}"}))

asyncio.run(main(*sys.argv[1:]))
"""


async def test_two_processes_on_an_empty_home_lose_nothing(
    tmp_path: Path, make_run: Callable[..., Run]
) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    body = make_run().model_dump_json()
    writers = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", WRITER, str(tmp_path), name, body, env=environment
        )
        for name in ("one", "two")
    ]
    assert [await writer.wait() for writer in writers] == [0, 0]
    async with Store.open(tmp_path) as store:
        found = {run.run_id for run in await store.runs()}
    assert found == {f"{name}-{number}" for name in ("one", "two") for number in range(40)}


async def test_a_writer_waits_for_another_to_finish(
    store: Store, tmp_path: Path, make_run: Callable[..., Run]
) -> None:
    with locked(tmp_path):
        saving = asyncio.create_task(store.save_run(make_run()))
        await asyncio.sleep(0.2)
        assert not saving.done()
    await saving
    assert await store.run("run-1") == make_run()


async def test_a_lock_is_no_corruption_and_can_be_tried_again(
    tmp_path: Path, make_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("casewright.store.store.BUSY_MS", 1)
    async with Store.open(tmp_path) as store:
        with locked(tmp_path), pytest.raises(OperationalError, match="locked"):
            await store.save_run(make_run())
        await store.save_run(make_run())
        assert await store.run("run-1") == make_run()


async def test_pages_that_do_not_read_are_told(
    tmp_path: Path, make_run: Callable[..., Run]
) -> None:
    async with Store.open(tmp_path) as store:
        for number in range(50):
            await store.save_run(make_run(f"run-{number}"))
    pages = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(pages[:4096].ljust(len(pages), b"\xff"))
    with pytest.raises(StoreCorrupt):
        async with Store.open(tmp_path) as store:
            await store.runs()


async def test_times_are_written_in_utc(
    store: Store, sql: Callable[..., Any], make_run: Callable[..., Run], noon: datetime
) -> None:
    await store.save_run(make_run(started_at=noon.astimezone(timezone(timedelta(hours=-5)))))
    assert sql("SELECT started_at FROM runs") == [
        (datetime(2026, 6, 3, 12, tzinfo=UTC).isoformat(),)
    ]
