"""The index of runs says what the records say: after every writing, upgrade and erasing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from alembic import command

from casewright.audit import Actor
from casewright.hits import Sought
from casewright.models import Case, Run, RunStatus
from casewright.reveal import Reveal, RevealReason
from casewright.settings import Settings
from casewright.store import Store

DPO = Actor(role="admin", id="dpo")
Sql = Callable[..., list[tuple[Any, ...]]]


async def test_an_upgrade_makes_the_rows_that_saving_makes(
    settings: Settings,
    sql: Sql,
    make_run: Callable[..., Run],
    make_case: Callable[..., Case],
    migrating: Callable[..., Any],
) -> None:
    async with Store.at(settings) as store:
        for number in range(4):
            run = make_run(f"run-{number}", case=make_case(case_id=f"CASE-{number % 3}"))
            moved = {"started_at": run.started_at + timedelta(microseconds=number)}
            await store.save_run(run.model_copy(update=moved))
    rows = sql("SELECT * FROM run_index ORDER BY run_id")
    assert [row[11] for row in rows] == [0, 1, 1, 1]  # newest
    with migrating(settings) as (_, config):
        command.downgrade(config, "0004")
    with migrating(settings) as (_, config):
        command.upgrade(config, "0005")
    assert sql("SELECT * FROM run_index ORDER BY run_id") == rows


async def test_an_older_run_that_is_saved_later_is_not_the_newest(
    store: Store, make_run: Callable[..., Run]
) -> None:
    late, early = make_run("late"), make_run("early")
    early = early.model_copy(update={"started_at": late.started_at - timedelta(days=1)})
    await store.save_run(late)
    await store.save_run(early)
    hits = (await store.search.find(Sought(earlier=True))).items
    assert [(hit.run_id, hit.newest) for hit in hits] == [("late", True), ("early", False)]


async def test_what_was_erased_is_not_found(
    store: Store, sql: Sql, make_run: Callable[..., Run], make_case: Callable[..., Case], noon: Any
) -> None:
    case = make_case(subject={"order_id": "ord_77"}, party_ids=("buy_88",))
    run = make_run(case=case)
    await store.save_run(run)
    await store.save_run(run.model_copy(update={"status": RunStatus.DONE}))
    told = Reveal(
        case_id=case.case_id, member="ana", reason=RevealReason.OTHER, note="Ann called", at=noon
    )
    await store.reveals.put(told, Actor(role="reviewer", id="ana"), run_id=run.run_id)
    for value in ("ord_77", "buy_88", case.seller_id):
        assert (await store.search.find(Sought(text=value))).total == 1
    await store.erase(case.case_id, actor=DPO, at=noon)
    for value in ("ord_77", "buy_88"):
        assert (await store.search.find(Sought(text=value))).total == 0
    assert (await store.search.find(Sought(text=case.seller_id))).total == 1
    assert sql("SELECT note FROM reveals") == [("",)]
    kept = await store.reveals.last(case.case_id, "ana")
    assert kept is not None
    assert (kept.reason, kept.note) == (RevealReason.OTHER, "")
    assert (await store.audited()).faults == ()
