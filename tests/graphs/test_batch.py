"""Batches: bounded, each case on its own, and nothing lost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from agents.ledger import asking, note
from agents.reading import Errand, Question, Reading
from casewright.errors import ModelError
from casewright.models import ModelCall, RunStatus
from graphs.batch import BatchItem, run_batch
from graphs.run import Investigator, Wish


class Crowd:
    """A reader that answers nothing and counts who is in the room; some it cannot stand."""

    def __init__(self, fails_at: int = 0) -> None:
        self.inside = self.most = self.calls = 0
        self._fails_at = fails_at

    async def read(self, questions: Sequence[Question], errand: Errand) -> Reading:
        self.calls += 1
        self.inside += 1
        self.most = max(self.most, self.inside)
        call = self.calls
        await asyncio.sleep(0.15)
        self.inside -= 1
        if call == self._fails_at:
            raise OSError("the disk is full")
        return Reading()


async def all_of(
    investigator: Investigator, ids: Sequence[str], concurrency: int = 4
) -> dict[str, BatchItem]:
    ended = run_batch(investigator, ids, concurrency=concurrency, wish=Wish())
    return {item.case_id: item async for item in ended}


@pytest.mark.parametrize("concurrency", [1, 3])
async def test_no_more_cases_are_in_flight_than_allowed(
    opened: Any, open_ids: list[str], concurrency: int
) -> None:
    crowd = Crowd()
    async with opened(reader=crowd, alone=True) as investigator:
        items = await all_of(investigator, open_ids[: concurrency + 1], concurrency)
    assert crowd.most == concurrency
    assert all(item.run and item.run.status is RunStatus.WAITING for item in items.values())


async def test_a_case_that_fails_stops_no_other(opened: Any, open_ids: list[str]) -> None:
    crowd = Crowd(fails_at=1)
    ids = [open_ids[0], "case_nope", open_ids[1]]
    async with opened(reader=crowd) as investigator:
        items = await all_of(investigator, ids, concurrency=1)
        failed = await investigator.store.runs(RunStatus.FAILED)
    assert list(items) == ids
    assert items[open_ids[0]].error == "the disk is full"
    assert "'case_nope'" in items["case_nope"].error
    assert [one.case.case_id for one in failed] == [open_ids[0]]
    last = items[open_ids[1]]
    assert (last.error, last.run is not None) == ("", True)


async def test_a_case_named_twice_runs_once(opened: Any, open_ids: list[str]) -> None:
    async with opened() as investigator:
        named = [open_ids[0], open_ids[1], open_ids[0]]
        ended = run_batch(investigator, named, concurrency=3, wish=Wish())
        items = [item.case_id async for item in ended]
        assert sorted(items) == sorted(open_ids[:2])
        assert len(await investigator.store.runs()) == 2


async def test_a_batch_that_is_left_stops_and_can_be_taken_up(
    opened: Any, open_ids: list[str], wire: Any
) -> None:
    ids = open_ids[:3]
    async with opened() as investigator:
        ended = run_batch(investigator, ids, concurrency=1, wish=Wish())
        first = await anext(ended)
        assert first.run is not None
        wire.held = "/scans"
        await asyncio.wait_for(wire.reached.wait(), 20)
        await ended.aclose()  # type: ignore[attr-defined]  # an async generator
        stood = {one.case.case_id: one.status for one in await investigator.store.runs()}
        assert stood == {ids[0]: RunStatus.WAITING, ids[1]: RunStatus.RUNNING}
        wire.held = ""
        items = await all_of(investigator, ids)
        runs = await investigator.store.runs()
    assert {item.run.status for item in items.values() if item.run} == {RunStatus.WAITING}
    assert len(runs) == 3
    assert items[ids[0]].run == first.run


async def test_an_empty_batch(opened: Any) -> None:
    async with opened() as investigator:
        assert await all_of(investigator, []) == {}


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
    for item in items.values():
        assert [call.micros for call in item.calls] == [3]
        assert item.run
        assert item.run.decision
        decision = item.run.decision
        assert (decision.cost.model_calls, decision.cost.micros) == (1, 3)
        assert decision.calls == item.calls
        assert decision.cost_by_factor["a"].tokens_in == 10
