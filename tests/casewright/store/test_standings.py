"""How cases stand before a batch takes them."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from casewright.audit import analyst
from casewright.batching import Batch, Ending, Plan
from casewright.models import Case, Cost, Decision, Money, Route, Run, RunStatus
from casewright.store import Store

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)


def a_case(case_id: str) -> Case:
    return Case(
        case_id=case_id,
        case_type="appeal.small",
        subject={},
        seller_id="s-1",
        region="DE",
        channel="appeal",
        opened_at=NOW,
        impact=Money(cents=1, currency="EUR"),
    )


def a_run(case_id: str, status: RunStatus, *, hour: int = 0, micros: int | None = None) -> Run:
    decision = None
    if micros is not None:
        cost = Cost(model_calls=1, micros=micros)
        decision = Decision(
            outcome="uphold",
            factors=(),
            claims=(),
            row=0,
            route=Route.REVIEW,
            graph_version="small@1+x",
            cost=cost,
        )
    return Run(
        run_id=uuid.uuid4().hex,
        case=a_case(case_id),
        sop="small",
        graph_version="small@1+x",
        as_of=NOW,
        status=status,
        decision=decision,
        started_at=NOW + timedelta(hours=hour),
        updated_at=NOW + timedelta(hours=hour),
    )


async def keep(store: Store, *runs: Run) -> None:
    for run in runs:
        await store.put_version(run.graph_version, run.sop, {}, at=NOW)
        await store.save_run(run)


async def test_the_newest_run_of_a_case_says_how_it_stands(store: Store) -> None:
    await keep(
        store,
        a_run("a", RunStatus.FAILED, hour=2),
        a_run("a", RunStatus.WAITING, hour=1),
        a_run("b", RunStatus.DONE),
        a_run("c", RunStatus.RUNNING),
    )
    many = [f"x{number}" for number in range(1200)]
    found = await store.standings.of(["a", *many, "b"])
    assert found == {"a": RunStatus.FAILED, "b": RunStatus.DONE}
    assert await store.standings.of([]) == {}


async def test_unfinished_batches_tell_how_many_of_the_cases_they_hold(store: Store) -> None:
    async def put(name: str, ids: list[str]) -> None:
        batch = Batch(batch_id=name, at=NOW, author="qa", state="open", plan=Plan())
        await store.batches.put(batch, ids)

    await put("going", ["a", "b", "c"])
    await put("over", ["a", "b"])
    await put("cancelled", ["a"])
    await store.batches.lease("going", "worker", NOW, most=1)
    ending = Ending(status="waiting", at=NOW)
    await store.batches.settle("going", "a", "worker", ending)
    await store.batches.set_state("over", "ended")
    await store.batches.cancel("cancelled")
    assert await store.standings.held(["a", "b", "c", "d"]) == {"going": 2}
    await store.batches.set_state("going", "stopped")
    assert await store.standings.held(["c"]) == {"going": 1}


async def test_cases_opened_here_are_told_until_they_are_begun(store: Store) -> None:
    for name in ("a", "b"):
        await store.opened.put(a_case(name), analyst("qa"), NOW)
    assert [one.case_id for one in await store.standings.unbegun()] == ["a", "b"]
    await keep(store, a_run("a", RunStatus.RUNNING))
    assert [one.case_id for one in await store.standings.unbegun()] == ["b"]


async def test_the_costs_of_the_newest_decided_runs_of_an_sop(store: Store) -> None:
    runs = [a_run(f"c{n}", RunStatus.WAITING, hour=n, micros=n) for n in range(1, 5)]
    failed, bare = a_run("f", RunStatus.FAILED, hour=9, micros=99), a_run("w", RunStatus.RUNNING)
    await keep(store, *runs, failed, bare)
    costs = await store.standings.costs("small", limit=3)
    assert [one.micros for one in costs] == [4, 3, 2]
    assert await store.standings.costs("another") == []


async def test_the_tally_tells_how_often_cases_were_tried_again(store: Store) -> None:
    batch = Batch(batch_id="b", at=NOW, author="qa", state="open", plan=Plan())
    await store.batches.put(batch, ["a", "b"])
    await store.batches.lease("b", "worker", NOW, most=2)
    for name in ("a", "b"):
        await store.batches.give_back("b", name, "worker", failed=True)
    assert (await store.batches.tally("b")).retried == 2
