"""Whatever is done to the log behind the store's back is found, and named."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from casewright.audit import Written, reviewer
from casewright.chain import Fault
from casewright.models import (
    ActionRecord,
    Case,
    Decision,
    Evidence,
    Factor,
    Review,
    ReviewAct,
    Run,
    RunStatus,
)
from casewright.store import Store
from casewright.store.audited import Audited
from casewright.store.log import Head
from casewright.store.opening import FILE

COLUMNS = Written._fields
PLAIN = hypothesis(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def kept(
    tmp_path_factory: pytest.TempPathFactory,
    make_case: Callable[..., Case],
    make_run: Callable[..., Run],
    make_evidence: Callable[..., Evidence],
    noon: Any,
) -> Path:
    """A store with three cases, each taken to its end, their events among each other."""
    home = tmp_path_factory.mktemp("kept")
    review = Review(act=ReviewAct.APPROVE, codes=("A1",), reviewer="qa", at=noon)

    async def fill() -> None:
        async with Store.open(home) as store:
            started = [
                make_run(f"run-{name}", case=make_case(case_id=f"CASE-{name}")) for name in "ABC"
            ]
            await store.put_version("late_shipment_appeal@2+0f", "x", {"sop.yaml": "a"}, at=noon)
            for run in started:
                await store.save_run(run)
            for run in started:
                item = make_evidence(request={"order_id": run.run_id})
                action = ActionRecord(action="order", status="ok", digest=item.digest)
                await store.put_evidence([item])
                await store.save_run(run, actions=[action])
            for run in started:
                await drive(store, run)

    async def drive(store: Store, run: Run) -> None:
        decision = Decision(
            outcome="uphold",
            row=1,
            factors=(Factor(name="late", value=True),),
            claims=(),
            graph_version=run.graph_version,
        )
        steps: tuple[dict[str, Any], ...] = (
            {"decision": decision},
            {"status": RunStatus.WAITING},
            {"reviews": (review,)},
            {"status": RunStatus.DONE},
        )
        for step in steps:
            run = run.model_copy(update=step)
            await store.save_run(run, review=review if "reviews" in step else None)
        await store.log.note_view(run.case.case_id, reviewer("qa"), noon, what="decision")

    asyncio.run(fill())
    return home


@contextmanager
def opened(home: Path) -> Iterator[sqlite3.Connection]:
    """The file without its triggers for as long as the block lasts, as an intruder would."""
    with closing(sqlite3.connect(home / FILE)) as connection:
        triggers = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        yield connection
        for _, sql in triggers:
            connection.execute(sql)
        connection.commit()


def audited(home: Path, **how: Any) -> Audited:
    async def work() -> Audited:
        async with Store.open(home) as store:
            return await store.audited(**how)

    return asyncio.run(work())


def tampered(kept: Path, into: Path, change: Callable[[sqlite3.Connection], object]) -> Audited:
    shutil.rmtree(into, ignore_errors=True)
    shutil.copytree(kept, into)
    with opened(into) as connection:
        change(connection)
    return audited(into)


def rows(home: Path) -> list[Written]:
    with closing(sqlite3.connect(home / FILE)) as connection:
        found = connection.execute("SELECT * FROM audit_events ORDER BY entry").fetchall()
    return [Written(*row) for row in found]


def names(fault: Fault, row: Written) -> bool:
    """Whether a fault is about this event."""
    return fault.entry == row.entry or (fault.case_id, fault.number) == (row.case_id, row.number)


def test_a_store_that_nobody_touched_holds(kept: Path) -> None:
    found = audited(kept)
    assert found.faults == ()
    assert (found.cases, found.runs, found.evidence) == (3, 3, 3)
    assert found.events == len(rows(kept)) > 20


@given(st.data())
@PLAIN
def test_any_changed_column_is_found_and_named(kept: Path, tmp_path: Path, data: Any) -> None:
    row = data.draw(st.sampled_from(rows(kept)))
    column = data.draw(st.sampled_from(COLUMNS))
    value = getattr(row, column)
    other = data.draw(
        st.integers(1_000, 9_999) if isinstance(value, int) else st.text("ab0", min_size=1)
    )
    if column == "body":
        other = row.body.replace(":", ": ", 1) if data.draw(st.booleans()) else "{}"
    if other == value:
        return
    change = f"UPDATE audit_events SET {column} = ? WHERE entry = ?"
    found = tampered(kept, tmp_path / "x", lambda sql: sql.execute(change, (other, row.entry)))
    assert any(names(one, row) for one in found.faults), found.faults


@given(st.data())
@PLAIN
def test_any_missing_event_is_found_and_named(kept: Path, tmp_path: Path, data: Any) -> None:
    row = data.draw(st.sampled_from(rows(kept)))
    gone = "DELETE FROM audit_events WHERE entry = ?"
    found = tampered(kept, tmp_path / "x", lambda sql: sql.execute(gone, (row.entry,)))
    told = [one for one in found.faults if names(one, row)]
    assert any("missing" in one.wrong for one in told), found.faults


@given(st.data())
@PLAIN
def test_any_two_events_that_changed_places_are_found_and_named(
    kept: Path, tmp_path: Path, data: Any
) -> None:
    events = rows(kept)
    places = st.integers(0, len(events) - 1)
    first, second = data.draw(st.lists(places, min_size=2, max_size=2, unique=True))
    one, other = events[first], events[second]
    move = "UPDATE audit_events SET entry = ? WHERE entry = ?"

    def swap(sql: sqlite3.Connection) -> None:
        for to, place in ((-1, one.entry), (one.entry, other.entry), (other.entry, -1)):
            sql.execute(move, (to, place))

    found = tampered(kept, tmp_path / "x", swap)
    for event in (one, other):
        assert any((f.case_id, f.number) == (event.case_id, event.number) for f in found.faults)


@given(st.data())
@PLAIN
def test_any_event_that_is_there_twice_is_found_and_named(
    kept: Path, tmp_path: Path, data: Any
) -> None:
    events = rows(kept)
    row = data.draw(st.sampled_from(events))
    number = sum(1 for one in events if one.case_id == row.case_id) + 1
    copy = row._replace(entry=len(events) + 1, number=number)
    put = f"INSERT INTO audit_events VALUES ({', '.join('?' * len(copy))})"
    found = tampered(kept, tmp_path / "x", lambda sql: sql.execute(put, copy))
    assert any(names(one, copy) for one in found.faults)


@pytest.mark.parametrize(
    ("statement", "wrong"),
    [
        (
            "UPDATE evidence SET content = replace(content, 'O-1', 'O-2') || ' '",
            "was changed after",
        ),
        ("DELETE FROM run_evidence; DELETE FROM evidence", "is gone"),
        ("UPDATE runs SET body = replace(body, '\"uphold\"', '\"overturn\"')", "decision of run"),
        ("UPDATE runs SET body = replace(body, '123456', '1')", "record of run"),
        ("UPDATE runs SET status = 'waiting'", "record of run"),
        ("UPDATE runs SET body = 'x'", "does not read"),
        ("DELETE FROM reviews", "review is gone"),
        ("UPDATE reviews SET body = replace(body, 'A1', 'A3')", "review is gone, or was changed"),
        ("UPDATE reviews SET reviewer = 'ben'", "no event tells of the review"),
        ('UPDATE graph_versions SET files = \'{"sop.yaml": "b"}\'', "SOP files"),
    ],
)
def test_what_an_event_refers_to_is_checked(
    kept: Path, tmp_path: Path, statement: str, wrong: str
) -> None:
    found = tampered(kept, tmp_path / "x", lambda sql: sql.executescript(statement))
    assert wrong in " ".join(one.wrong for one in found.faults)
    assert {one.case_id for one in found.faults} >= {"CASE-A"}


def test_a_run_that_no_event_tells_of_is_found(kept: Path, tmp_path: Path) -> None:
    add = """
        INSERT INTO runs SELECT 'run-D', case_id, sop, status, started_at, updated_at, body
        FROM runs LIMIT 1
    """
    found = tampered(kept, tmp_path / "x", lambda sql: sql.execute(add))
    assert [one.wrong for one in found.faults] == ["no event tells of run run-D"]


def test_a_whole_case_that_was_removed_is_found(kept: Path, tmp_path: Path) -> None:
    remove = """
        DELETE FROM audit_events WHERE case_id = 'CASE-B';
        DELETE FROM reviews WHERE run_id = 'run-B'; DELETE FROM run_evidence WHERE run_id = 'run-B';
        DELETE FROM runs WHERE run_id = 'run-B';
    """
    found = tampered(kept, tmp_path / "x", lambda sql: sql.executescript(remove))
    assert any("missing" in one.wrong and one.entry == 2 for one in found.faults)


def test_what_was_cut_off_with_the_head_is_found_by_a_head_kept_elsewhere(
    kept: Path, tmp_path: Path
) -> None:
    events = rows(kept)
    head = Head(events[-1].entry, events[-1].hash)
    before = events[-2]

    def cut(sql: sqlite3.Connection) -> None:
        sql.execute("DELETE FROM audit_events WHERE entry = ?", (head.entry,))
        sql.execute("UPDATE audit_head SET entry = ?, hash = ?", (before.entry, before.hash))

    assert tampered(kept, tmp_path / "x", cut).faults == (), "a viewing is told by the log alone"
    (fault,) = audited(tmp_path / "x", head=head).faults
    assert f"event {head.entry} of the store is missing" in fault.wrong
    (fault,) = audited(kept, head=Head(3, "a" * 64)).faults
    assert (fault.entry, fault.wrong) == (3, "its hash is not the one that was kept elsewhere")
    assert audited(kept, head=Head(3, events[2].hash)).faults == ()


def test_triggers_that_are_gone_are_told(kept: Path, tmp_path: Path) -> None:
    shutil.copytree(kept, tmp_path / "x")
    with closing(sqlite3.connect(tmp_path / "x" / FILE)) as connection:
        connection.execute("DROP TRIGGER audit_events_no_update")
    (fault,) = audited(tmp_path / "x").faults
    assert "audit_events_no_update" in fault.wrong


def test_only_what_concerns_a_case_is_told_of_it(kept: Path, tmp_path: Path) -> None:
    change = "UPDATE audit_events SET actor = 'x' WHERE case_id = 'CASE-B'"
    tampered(kept, tmp_path / "x", lambda sql: sql.execute(change))
    assert {one.case_id for one in audited(tmp_path / "x", case_id="CASE-B").faults} == {"CASE-B"}
    assert audited(tmp_path / "x", case_id="CASE-A").faults == ()


def test_the_progress_is_told(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from casewright.store import audited as module

    monkeypatch.setattr(module, "BATCH", 5)
    told: list[tuple[int, int]] = []
    audited(kept, progress=lambda n, of: told.append((n, of)))
    assert told[-1][0] == told[-1][1] == len(rows(kept)) + 6
