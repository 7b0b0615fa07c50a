"""Second looks, releases and calibrations are told by the log, and their change is found."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import text

from casewright.audit import Actor
from casewright.calibration import Calibration, SwitchedOff
from casewright.models import ModelCall, Run, RunStatus
from casewright.release import Release
from casewright.second_look import SecondLook
from casewright.settings import Settings
from casewright.store import Store
from casewright.store.audited import Audited
from casewright.store.opening import FILE

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
CASE = "CASE-1"


def release(version: str) -> Release:
    return Release(
        sop="a", case_type="x", version=version, kind="promoted", stage="production",
        author="qa", at=AT, why="it passed", report="b" * 64, figures={"accuracy": 0.95},
    )  # fmt: skip


CALIBRATION = Calibration(
    version="a@1+x", made_at=AT, expires_at=AT, author="qa", target=0.02, confidence=0.9,
    fitted=1, tested=1, truths={}, intercept=0.1, terms={"vote": 0.3}, slices=(),
)  # fmt: skip
OFF = SwitchedOff(version="a@1+x", calibration="c", at=AT, looked=9, errors=4, evidence=30, why="4")
LOOK = SecondLook(run_id="run-1", reviewer="bo", outcome="uphold", note="so", at=AT)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, make_run: Callable[..., Run]) -> Path:
    home = tmp_path_factory.mktemp("kept")

    async def fill() -> None:
        async with Store.open(home) as store:
            case = make_run().case.model_copy(update={"case_id": CASE})
            await store.save_run(make_run("run-1", case=case, status=RunStatus.DONE))
            for one in (release("a@1+x"), release("a@2+y")):
                await store.releases.put(one)
            await store.releases.roll_back("a", "production", author="qa", why="worse", at=AT)
            await store.calibrations.put(CALIBRATION)
            await store.calibrations.switch_off(OFF)
            await store.second_looks.put(LOOK)

    asyncio.run(fill())
    return home


def audited(home: Path) -> Audited:
    async def work() -> Audited:
        async with Store.open(home) as store:
            return await store.audited()

    return asyncio.run(work())


def test_each_has_an_event_and_no_version_is_a_case(kept: Path) -> None:
    async def events() -> list[tuple[str, Actor]]:
        async with Store.open(kept) as store:
            told = [*await store.log.of(""), *await store.log.of(CASE)]
            return [(one.kind.value, one.actor) for one in told]

    qa, system = Actor(role="qa", id="qa"), Actor(role="system", id="casewright")
    assert asyncio.run(events())[:5] == [
        ("promoted", qa),
        ("promoted", qa),
        ("rolled_back", qa),
        ("calibrated", qa),
        ("switched_off", system),
    ]
    assert asyncio.run(events())[-1] == ("looked_again", Actor(role="reviewer", id="bo"))
    found = audited(kept)
    assert (found.faults, found.cases, found.events) == ((), 1, 7)


@pytest.mark.parametrize(
    ("statement", "wrong"),
    [
        ("DELETE FROM second_looks", "second look is gone"),
        ("UPDATE second_looks SET body = replace(body, 'uphold', 'x')", "of the second look"),
        ("UPDATE second_looks SET reviewer = 'ana'", "no event tells of the second look"),
        ("DELETE FROM releases WHERE entry = 3", "release is gone"),
        ("UPDATE releases SET body = replace(body, 'it passed', 'x')", "no event tells of entry 1"),
        ("UPDATE releases SET kind = 'rolled back'", "no event tells of entry 2 of the releases"),
        ("INSERT INTO releases SELECT 9, sop, version, kind, author, at, body FROM releases"
         " WHERE entry = 1", "no event tells of entry 9"),
        ("UPDATE releases SET entry = 9 WHERE entry = 1", "in another order"),
        ("UPDATE calibrations SET body = replace(body, '0.02', '0.2')", "calibration is gone"),
        ("UPDATE calibrations SET body = 'x'", "no event tells of entry 1 of the calibrations"),
    ],
)  # fmt: skip
def test_a_change_is_found(kept: Path, tmp_path: Path, statement: str, wrong: str) -> None:
    shutil.copytree(kept, tmp_path / "x")
    with closing(sqlite3.connect(tmp_path / "x" / FILE)) as connection, connection:
        connection.executescript(statement)
    assert wrong in " ".join(one.wrong for one in audited(tmp_path / "x").faults)


def test_a_look_at_an_erased_case_has_lost_its_note_and_still_agrees(
    kept: Path, tmp_path: Path
) -> None:
    shutil.copytree(kept, tmp_path / "x")

    async def work() -> None:
        async with Store.open(tmp_path / "x") as store:
            await store.erase(CASE, actor=Actor(role="admin", id="ana"), at=AT)
            assert (await store.audited()).faults == ()

    asyncio.run(work())


def test_what_was_there_before_is_taken_in(
    bare: Settings, make_run: Callable[..., Run], migrating: Callable[..., Any]
) -> None:
    run = make_run("run-1")
    with migrating(bare) as (connection, config):
        command.upgrade(config, "0003")
        values: dict[str, Any] = {"c": run.case.case_id, "b": run.model_dump_json()}
        connection.execute(
            text("INSERT INTO runs VALUES ('run-1', :c, 's', 'running', 't', 't', :b)"), values
        )
        for number, one in enumerate((release("a@1+x"), release("a@2+y"))):
            row = {"n": number + 1, "v": one.version, "b": one.model_dump_json()}
            connection.execute(
                text("INSERT INTO releases VALUES (:n, 'a', :v, 'promoted', 'qa', :t, :b)"),
                row | {"t": AT.isoformat()},
            )
        if connection.dialect.name == "postgresql":  # numbers that were given count as well
            connection.execute(text("SELECT setval('releases_entry_seq', 2)"))
        command.upgrade(config, "0004")
        connection.execute(
            text("INSERT INTO second_looks VALUES ('run-1', 'bo', :t, :b)"),
            {"t": AT.isoformat(), "b": LOOK.model_dump_json()},
        )
        command.upgrade(config, "head")

    async def found() -> None:
        async with Store.at(bare) as store:
            await store.releases.put(release("a@3+z"))
            told = await store.audited()
            wrong = [one.wrong for one in told.faults if "release" in one.wrong]
            assert wrong == []
            assert not [one for one in told.faults if "second look" in one.wrong]
            assert [one.kind for one in await store.log.of("")] == ["adopted", "promoted"]

    asyncio.run(found())


async def test_calls_of_a_run_that_fails_are_told(
    store: Store, make_run: Callable[..., Run]
) -> None:
    call = ModelCall(
        endpoint="e",
        model="m",
        prompt="a" * 64,
        response="b" * 64,
        tokens_in=1,
        tokens_out=2,
        wall_ms=3,
    )
    run = make_run()
    await store.save_run(run)
    await store.note_calls(run.run_id, [call], AT)
    last = (await store.log.of(run.case.case_id))[-1]
    assert (last.kind, last.body["tokens_out"]) == ("model_call", 2)
    assert (await store.audited()).faults == ()
