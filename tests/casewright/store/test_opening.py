"""How a store is opened, and by more than one at a time."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from casewright.errors import EnvironmentFault, HomeUnwritable, SchemaStale, StoreCorrupt
from casewright.models import ActionRecord, Evidence, Run
from casewright.settings import Settings
from casewright.store import Store
from casewright.store.opening import FILE

ROOT = Path(__file__).parents[3]
Lock = Callable[[], AbstractContextManager[None]]


def names_in(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


async def test_a_new_home_is_created_with_its_parents(tmp_path: Path) -> None:
    async with Store.open(tmp_path / "a" / "b") as store:
        assert await store.runs() == []
    assert (tmp_path / "a" / "b" / FILE).is_file()


async def test_the_file_is_in_wal_mode(tmp_path: Path) -> None:
    async with Store.open(tmp_path):
        pass
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


async def test_a_probe_is_not_left_in_the_home(tmp_path: Path) -> None:
    async with Store.open(tmp_path):
        pass
    assert names_in(tmp_path) == {FILE}


async def test_what_was_kept_is_there_after_opening_again(
    settings: Settings,
    make_run: Callable[..., Run],
    make_evidence: Callable[..., Evidence],
    record: Callable[..., ActionRecord],
) -> None:
    evidence, run = make_evidence(), make_run()
    async with Store.at(settings) as store:
        await store.put_evidence([evidence])
        await store.save_run(run, actions=[record(evidence)])
    async with Store.at(settings) as store:
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
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    locked: Lock,
) -> None:
    monkeypatch.setattr("casewright.store.opening.BUSY_MS", 1)
    with locked(), pytest.raises(EnvironmentFault, match="database is locked") as caught:
        async with Store.open(tmp_path):
            pass
    assert not isinstance(caught.value, StoreCorrupt)
    assert "Try again" in caught.value.remedy


async def test_a_store_of_another_version_is_refused(
    settings: Settings, sql: Callable[..., Any]
) -> None:
    async with Store.at(settings):
        pass
    sql("UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(SchemaStale):
        async with Store.at(settings):
            pass


async def test_many_may_open_an_empty_store_at_once(bare: Settings) -> None:
    async def opened() -> int:
        async with Store.at(bare) as store:
            return len(await store.runs())

    assert await asyncio.gather(*(opened() for _ in range(8))) == [0] * 8


async def test_many_tasks_writing_at_once_lose_nothing(
    store: Store,
    make_run: Callable[..., Run],
    make_evidence: Callable[..., Evidence],
    record: Callable[..., ActionRecord],
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
from casewright.models import Run
from casewright.settings import load_settings
from casewright.store import Store

async def main(name, body):
    run = Run.model_validate_json(body)
    async with Store.at(load_settings()) as store:
        for number in range(40):
            await store.save_run(run.model_copy(update={"run_id": f"{name}-{number}"}))

asyncio.run(main(*sys.argv[1:]))
"""


async def test_two_processes_on_an_empty_store_lose_nothing(
    bare: Settings, make_run: Callable[..., Run]
) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CASEWRIGHT_HOME": str(bare.home)}
    environment["CASEWRIGHT_STORE_URL"] = bare.store_url.get_secret_value()
    body = make_run().model_dump_json()
    writers = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", WRITER, name, body, env=environment
        )
        for name in ("one", "two")
    ]
    assert [await writer.wait() for writer in writers] == [0, 0]
    async with Store.at(bare) as store:
        found = {run.run_id for run in await store.runs()}
    assert found == {f"{name}-{number}" for name in ("one", "two") for number in range(40)}


async def test_a_writer_waits_for_another_to_finish(
    tmp_path: Path, make_run: Callable[..., Run], locked: Lock
) -> None:
    async with Store.open(tmp_path) as store:
        with locked():
            saving = asyncio.create_task(store.save_run(make_run()))
            await asyncio.sleep(0.2)
            assert not saving.done()
        await saving
        assert await store.run("run-1") == make_run()


async def test_a_lock_is_no_corruption_and_can_be_tried_again(
    tmp_path: Path,
    make_run: Callable[..., Run],
    monkeypatch: pytest.MonkeyPatch,
    locked: Lock,
) -> None:
    monkeypatch.setattr("casewright.store.opening.BUSY_MS", 1)
    async with Store.open(tmp_path) as store:
        with locked(), pytest.raises(OperationalError, match="locked"):
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
