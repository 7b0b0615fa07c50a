"""Batches: bounded, each case on its own, and nothing lost."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from agents.ledger import asking, note
from agents.reading import Errand, Question, Reading
from casewright.batching import LEASE_S, POISON_AFTER, SUSPECT_AFTER, Batch, Ended, Plan
from casewright.errors import EnvironmentFault, ModelError
from casewright.models import ModelCall, RunStatus
from casewright.store.batches import Batches
from graphs.batch import begin, work
from graphs.run import Investigator


class Crowd:
    """A reader that answers nothing and counts who is in the room; some it cannot stand."""

    def __init__(self, fails_at: int = 0, error: Exception | None = None, waits: int = 1) -> None:
        self.inside = self.most = self.calls = 0
        self._waits, self._full = waits, asyncio.Event()
        self._fails_at = fails_at
        self._error = error or KeyError("nobody foresaw this")

    async def read(self, questions: Sequence[Question], errand: Errand) -> Reading:
        self.calls += 1
        self.inside += 1
        self.most = max(self.most, self.inside)
        call = self.calls
        if self.inside == self._waits:
            self._full.set()
        await asyncio.wait_for(self._full.wait(), 60)
        await asyncio.sleep(0.05)  # long enough for one too many to come in
        self.inside -= 1
        if call == self._fails_at:
            raise self._error
        return Reading()


async def begun(investigator: Investigator, ids: Sequence[str], **plan: Any) -> Batch:
    return await begin(investigator, ids, Plan(**plan))


async def ended(investigator: Investigator, batch: Batch) -> dict[str, Ended]:
    return {one.case_id: one async for one in work(investigator, batch)}


async def all_of(
    investigator: Investigator, ids: Sequence[str], concurrency: int = 4
) -> dict[str, Ended]:
    return await ended(investigator, await begun(investigator, ids, concurrency=concurrency))


@pytest.mark.parametrize("concurrency", [1, 3])
async def test_no_more_cases_are_in_flight_than_allowed(
    opened: Any, open_ids: list[str], concurrency: int
) -> None:
    crowd = Crowd(waits=concurrency)
    async with opened(reader=crowd, alone=True) as investigator:
        items = await all_of(investigator, open_ids[: concurrency + 1], concurrency)
    assert crowd.most == concurrency
    assert {one.ending.status for one in items.values()} == {"waiting"}


async def test_a_case_that_fails_is_parked_with_its_reason_and_stops_no_other(
    opened: Any, open_ids: list[str]
) -> None:
    ids = [open_ids[0], "case_nope", open_ids[1]]
    async with opened(reader=Crowd(fails_at=1)) as investigator:
        batch = await begun(investigator, ids, concurrency=1)
        items = await ended(investigator, batch)
        failed = await investigator.store.runs(RunStatus.FAILED)
        parked = await investigator.store.batches.parked(batch.batch_id)
        tally = await investigator.store.batches.tally(batch.batch_id)
        brought = await investigator.store.linked(failed[0].run_id)
        stands = await investigator.store.batches.get(batch.batch_id)
    assert list(items) == ids
    assert items[open_ids[0]].ending.error == "KeyError: 'nobody foresaw this'"
    assert "'case_nope'" in items["case_nope"].ending.error
    assert [one.case.case_id for one in failed] == [open_ids[0]]
    assert [one.case_id for one in parked] == ids[:2]
    assert brought  # the evidence so far is there
    assert items[open_ids[1]].ending.status == "waiting"
    assert (tally.ended, tally.parked, tally.total) == (1, 2, 3)
    assert stands.state == "ended"


async def test_parked_cases_run_again_when_they_are_retried(
    opened: Any, open_ids: list[str]
) -> None:
    async with opened(reader=Crowd(fails_at=1)) as investigator:
        batch = await begun(investigator, open_ids[:2], concurrency=1)
        first = await ended(investigator, batch)
        assert await investigator.store.batches.retry(batch.batch_id) == 1
        again = await ended(investigator, batch)
        runs = await investigator.store.runs()
    assert [one.ending.status for one in first.values()] == ["failed", "waiting"]
    assert {one: item.ending.status for one, item in again.items()} == {open_ids[0]: "waiting"}
    assert again[open_ids[0]].ending.run_id == first[open_ids[0]].ending.run_id
    assert len(runs) == 2


async def test_what_may_pass_is_tried_again_after_a_rest(
    opened: Any, open_ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graphs.worker.PAUSE_S", 0.0)
    monkeypatch.setattr("graphs.worker.LOOK_S", 0.01)
    crowd = Crowd(fails_at=1, error=ConnectionResetError("The line was cut."))
    async with opened(reader=crowd) as investigator:
        items = await all_of(investigator, open_ids[:1])
        runs = await investigator.store.runs()
    assert items[open_ids[0]].ending.status == "waiting"
    assert (crowd.calls, len(runs)) == (2, 1)


async def test_a_case_named_twice_runs_once(opened: Any, open_ids: list[str]) -> None:
    async with opened() as investigator:
        items = await all_of(investigator, [open_ids[0], open_ids[1], open_ids[0]], 3)
        assert sorted(items) == sorted(open_ids[:2])
        assert len(await investigator.store.runs()) == 2


async def test_a_batch_that_is_left_stops_and_can_be_taken_up(
    opened: Any, open_ids: list[str], wire: Any
) -> None:
    ids = open_ids[:3]
    async with opened() as investigator:
        batch = await begun(investigator, ids, concurrency=1)
        async with aclosing(work(investigator, batch)) as working:  # type: ignore[type-var]
            first = await anext(working)
            wire.held = "/scans"
            await asyncio.wait_for(wire.reached.wait(), 20)
        stood = {one.case.case_id: one.status for one in await investigator.store.runs()}
        assert stood == {ids[0]: RunStatus.WAITING, ids[1]: RunStatus.RUNNING}
        tally = await investigator.store.batches.tally(batch.batch_id)
        assert (tally.pending, tally.leased, tally.ended) == (2, 0, 1)
        wire.held = ""
        rest = await ended(investigator, batch)
        runs = await investigator.store.runs()
    assert first.case_id == ids[0]
    assert list(rest) == ids[1:]
    assert len(runs) == 3


async def test_an_empty_batch(opened: Any) -> None:
    async with opened() as investigator:
        assert await all_of(investigator, []) == {}


async def test_several_workers_share_a_batch_and_do_each_case_once(
    opened: Any, open_ids: list[str]
) -> None:
    ids = open_ids[:12]
    async with opened() as one, opened() as two:
        batch = await begun(one, ids, concurrency=2)
        shares = await asyncio.gather(ended(one, batch), ended(two, batch))
        runs = await one.store.runs()
    assert sorted([*shares[0], *shares[1]]) == sorted(ids)
    assert all(shares)
    assert Counter(run.case.case_id for run in runs) == dict.fromkeys(ids, 1)


async def test_two_batches_on_the_same_cases_decide_none_twice(
    opened: Any, open_ids: list[str]
) -> None:
    ids = open_ids[:6]
    async with opened() as one, opened() as two:
        done = await asyncio.gather(all_of(one, ids), all_of(two, ids))
        runs = await one.store.runs()
    assert [sorted(items) for items in done] == [sorted(ids), sorted(ids)]
    assert Counter(run.case.case_id for run in runs) == dict.fromkeys(ids, 1)
    for case_id in ids:
        assert done[0][case_id].ending.run_id == done[1][case_id].ending.run_id


async def test_a_store_that_is_away_is_waited_for(
    opened: Any, open_ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settle, fails = Batches.settle, [3]

    async def failing(self: Batches, *given: Any) -> Ended | None:
        fails[0] -= 1
        if fails[0] >= 0:
            raise OperationalError("UPDATE", {}, Exception("database is locked"))
        return await settle(self, *given)

    monkeypatch.setattr(Batches, "settle", failing)
    async with opened() as investigator:
        items = await all_of(investigator, open_ids[:2])
    assert {one.ending.status for one in items.values()} == {"waiting"}


async def test_a_store_that_stays_away_ends_the_work_with_what_to_do(
    opened: Any, open_ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(self: Batches, *given: Any) -> Ended | None:
        raise OperationalError("UPDATE", {}, Exception("database or disk is full"))

    async with opened() as investigator:
        patient = investigator.settings.model_copy(update={"store_patience_s": 0.2})
        investigator._settings = patient
        batch = await begun(investigator, open_ids[:2])
        with monkeypatch.context() as patch:
            patch.setattr(Batches, "settle", failing)
            with pytest.raises(EnvironmentFault, match="batch resume"):
                await ended(investigator, batch)
        items = await ended(investigator, batch)
    assert sorted(items) == sorted(open_ids[:2])


async def test_what_workers_die_with_runs_last_and_alone_and_is_parked_at_last(
    opened: Any, open_ids: list[str]
) -> None:
    crowd = Crowd()
    async with opened(reader=crowd) as investigator:
        batches, clock = investigator.store.batches, investigator.clock
        batch = await begun(investigator, open_ids[:4], concurrency=4)
        for _ in range(SUSPECT_AFTER):
            await batches.lease(batch.batch_id, "gone", clock(), most=1)
            await batches.bury("gone")
        items = await ended(investigator, batch)
        assert list(items)[-1] == open_ids[0]
        assert items[open_ids[0]].ending.status == "waiting"

        second = await begun(investigator, open_ids[4:6], concurrency=4)
        for number in range(POISON_AFTER):
            await batches.lease(second.batch_id, f"gone{number}", clock(), most=1, suspects=True)
            await batches.bury(f"gone{number}")
            if number == SUSPECT_AFTER - 1:
                assert list(await ended_one(investigator, second)) == [open_ids[5]]
        rest = await ended(investigator, second)
    assert "workers ended while they had this case" in rest[open_ids[4]].ending.error


async def ended_one(investigator: Investigator, batch: Batch) -> list[str]:
    """Work until one case has ended."""
    async with aclosing(work(investigator, batch)) as working:  # type: ignore[type-var]
        return [(await anext(working)).case_id]


async def test_a_lease_that_is_not_renewed_returns(opened: Any, open_ids: list[str]) -> None:
    async with opened() as investigator:
        batches, at = investigator.store.batches, investigator.clock()
        batch = await begun(investigator, open_ids[:1])
        first = await batches.lease(batch.batch_id, "one", at, most=5)
        soon, later = at + timedelta(seconds=LEASE_S - 1), at + timedelta(seconds=LEASE_S + 1)
        assert await batches.lease(batch.batch_id, "two", soon, most=5) == []
        await batches.renew("one", soon)
        assert await batches.lease(batch.batch_id, "two", later, most=5) == []
        found = await batches.lease(batch.batch_id, "two", at + timedelta(hours=1), most=5)
        # A clock that went back: what ends far from now is of another time.
        again = await batches.lease(batch.batch_id, "three", at - timedelta(hours=1), most=5)
    assert [one.deaths for one in (*first, *found, *again)] == [0, 1, 2]


class Spender:
    """A reader that answers nothing, at a price; at last it fails."""

    async def read(self, questions: Sequence[Question], errand: Errand) -> Reading:
        await asyncio.sleep(0)
        with asking([question.factor for question in questions]):
            note(ModelCall(endpoint="e", model="m", tokens_in=10, micros=3, factors=("a",)))
        raise ModelError("The endpoint went away.")


async def test_every_case_tells_what_was_spent_on_it_alone(
    opened: Any, open_ids: list[str]
) -> None:
    async with opened(reader=Spender(), alone=True) as investigator:
        items = await all_of(investigator, open_ids[:3], 3)
        runs = {run.case.case_id: run for run in await investigator.store.runs()}
    for case_id, item in items.items():
        decision = runs[case_id].decision
        assert decision
        assert item.ending.cost.micros == 3
        assert (decision.cost.model_calls, decision.cost.micros) == (1, 3)
        assert decision.cost_by_factor["a"].tokens_in == 10


async def test_the_money_that_it_may_cost_stops_it_cleanly(
    opened: Any, open_ids: list[str]
) -> None:
    async with opened(reader=Spender()) as investigator:
        batch = await begun(investigator, open_ids[:6], concurrency=2, max_micros=7)
        items = await ended(investigator, batch)
        stopped = await investigator.store.batches.get(batch.batch_id)
        tally = await investigator.store.batches.tally(batch.batch_id)
    assert stopped.state == "stopped"
    assert "money" in stopped.why
    assert 2 <= len(items) <= 4
    assert (tally.micros, tally.pending) == (3 * len(items), 6 - len(items))


async def test_what_is_cancelled_is_not_begun(opened: Any, open_ids: list[str]) -> None:
    async with opened() as investigator:
        batch = await begun(investigator, open_ids[:3], concurrency=1)
        async with aclosing(work(investigator, batch)) as working:  # type: ignore[type-var]
            await anext(working)
            taken = await investigator.store.batches.cancel(batch.batch_id)
            rest = [one.case_id async for one in working]
        tally = await investigator.store.batches.tally(batch.batch_id)
        assert await ended(investigator, batch) == {}
    assert taken == 3 - 1 - len(rest)
    assert (tally.cancelled, tally.ended) == (taken, 1 + len(rest))
