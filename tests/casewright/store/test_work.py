"""A run's record on its way to the gate: held, written once, and only over what was there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from casewright.audit import SYSTEM, Kind
from casewright.errors import Taken
from casewright.models import Case, Evidence, EvidenceStatus, Money, Run, RunStatus
from casewright.store import Store
from casewright.store.work import RunWork

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def run_of(name: str, **changes: Any) -> Run:
    case = Case(
        case_id="case_1",
        case_type="x",
        subject={},
        seller_id="sel_1",
        region="US",
        channel="batch",
        opened_at=NOON,
        impact=Money(cents=100, currency="USD"),
    )
    plain: dict[str, Any] = {
        "run_id": name,
        "case": case,
        "sop": "x",
        "graph_version": "x@1+0",
        "as_of": NOON,
        "status": RunStatus.RUNNING,
        "started_at": NOON,
        "updated_at": NOON,
    }
    return Run(**plain | changes)


def later(run: Run, minutes: int, **changes: Any) -> Run:
    return run.model_copy(update={"updated_at": NOON + timedelta(minutes=minutes), **changes})


def frozen() -> Evidence:
    return Evidence.freeze(
        tool="get_it",
        request={},
        status=EvidenceStatus.OK,
        data={"b": 1, "a": 2},
        source="test",
        as_of=NOON,
        retrieved_at=NOON,
    )


async def entered(store: Store) -> Run:
    run = run_of("one")
    await store.put_version(run.graph_version, run.sop, {"sop.yaml": "x"}, at=NOON)
    await store.enter(run, earlier="", actor=SYSTEM)
    return run


async def test_what_is_held_is_written_once_and_told_in_its_order(store: Store) -> None:
    run = await entered(store)
    work = RunWork(store, run)
    item = frozen()
    await work.put_evidence([item], run_id=run.run_id)
    await work.save_run(later(run, 1, stake_cents=5))
    await work.save_run(failed := later(run, 2, stake_cents=7, status=RunStatus.FAILED, error="e"))
    assert await store.run(run.run_id) == run
    assert await work.run(run.run_id) == failed
    assert await store.evidence(item.digest) == item  # the verifier reads what is kept
    await work.flush()
    await work.flush()
    assert await store.run(run.run_id) == failed
    told = [one.kind for one in await store.log.of("case_1")]
    assert told == [Kind.ENTERED, Kind.EVIDENCE, Kind.FAILED]
    assert (await store.audited()).faults == ()


async def test_who_comes_second_writes_nothing(store: Store) -> None:
    run = await entered(store)
    one, two = RunWork(store, run), RunWork(store, run)
    await one.save_run(first := later(run, 1, status=RunStatus.FAILED, error="one"))
    await two.save_run(later(run, 2, status=RunStatus.FAILED, error="two"))
    await one.flush()
    with pytest.raises(Taken, match="at the same moment"):
        await two.flush()
    assert await store.run(run.run_id) == first
    assert [one.kind for one in await store.log.of("case_1")] == [Kind.ENTERED, Kind.FAILED]


async def test_a_case_is_begun_by_one(store: Store) -> None:
    run = await entered(store)
    with pytest.raises(Taken, match="at the same moment"):
        await store.enter(run_of("two"), earlier="", actor=SYSTEM)
    again = run_of("three", started_at=NOON + timedelta(hours=1))
    await store.enter(again, earlier=run.run_id, actor=SYSTEM)
    assert [one.run_id for one in await store.runs()] == ["one", "three"]


async def test_a_journal_gives_back_what_was_kept_as_it_came(store: Store) -> None:
    run, item = await entered(store), frozen()
    journal = await RunWork(store, run).journal(alone=True)
    async with journal.entry("asked") as entry:
        assert await entry.fetched() is None
        await entry.keep_fetched(item)
    async with journal.next_entry("said") as entry:
        await entry.keep("first")
    anew = await RunWork(store, run).journal(alone=True)
    async with anew.entry("asked") as entry:
        found = await entry.fetched()
    assert found == item
    assert list(found.data or {}) == ["b", "a"]
    async with anew.next_entry("said") as entry:
        assert entry.held == "first"
    async with anew.next_entry("said") as entry:  # another sample of the same prompt
        assert entry.held is None
    await store.save_run(later(run, 1, status=RunStatus.WAITING))
    assert await store.journals.of(run.run_id) == {}
