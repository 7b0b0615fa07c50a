"""Leases of a batch, whatever workers, their answers and their clocks do."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from casewright.batching import LEASE_S, LONGEST_REST_S, Batch, Ending, Leased, Plan
from casewright.store import Store

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
CASES = [f"case_{number}" for number in range(6)]
WORKERS = st.sampled_from(["ann", "bob", "cid"])
JUMPS = st.sampled_from([1, 20, LEASE_S + 1, 3600, -3600])


class Leases(RuleBasedStateMachine):
    """Three workers on one batch, as they believe to stand and as the store has it."""

    store: Store
    runner: asyncio.Runner
    batches = itertools.count()

    def __init__(self) -> None:
        super().__init__()
        self.at = NOW
        self.batch_id = f"batch-{next(self.batches)}"
        self.having: dict[str, dict[str, Leased]] = {"ann": {}, "bob": {}, "cid": {}}
        self.over: dict[str, int] = {}
        self.numbers: list[int] = []
        batch = Batch(batch_id=self.batch_id, at=NOW, author="qa", state="open", plan=Plan())
        self.wait(self.store.batches.put(batch, CASES))

    def wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    def leased(self, worker: str, most: int = 2) -> list[Leased]:
        having = self.having[worker]
        found: list[Leased] = self.wait(
            self.store.batches.lease(
                self.batch_id, worker, self.at, most=most, suspects=not having, having=having
            )
        )
        assert not {one.case_id for one in found} & {*self.over, *having}
        return found

    @rule(worker=WORKERS)
    def lease(self, worker: str) -> None:
        self.having[worker] |= {one.case_id: one for one in self.leased(worker)}

    @rule(worker=WORKERS)
    def lease_without_hearing_of_it(self, worker: str) -> None:
        self.leased(worker)

    @rule(worker=WORKERS, failed=st.booleans(), twice=st.booleans())
    def settle(self, worker: str, failed: bool, twice: bool) -> None:
        if not self.having[worker]:
            return
        case_id, _ = self.having[worker].popitem()
        status = "failed" if failed else "waiting"
        ending = Ending(status=status, run_id=worker, error="x" if failed else "", at=self.at)
        settle = self.store.batches.settle
        ended = self.wait(settle(self.batch_id, case_id, worker, ending))
        if twice:  # the first answer was lost
            assert self.wait(settle(self.batch_id, case_id, worker, ending)) == ended
        if ended is not None:
            assert case_id not in self.over
            assert ended.number > max(self.numbers, default=0)
            self.numbers.append(ended.number)
            self.over[case_id] = ended.number

    @rule(worker=WORKERS, rests=st.booleans())
    def give_back(self, worker: str, rests: bool) -> None:
        if not self.having[worker]:
            return
        case_id, _ = self.having[worker].popitem()
        until = self.at + timedelta(seconds=LONGEST_REST_S) if rests else None
        give_back = self.store.batches.give_back
        self.wait(give_back(self.batch_id, case_id, worker, failed=rests, not_before=until))

    @rule(worker=WORKERS, how=st.sampled_from(["killed", "buried", "leaves"]))
    def end(self, worker: str, how: str) -> None:
        self.having[worker].clear()
        if how == "buried":
            self.wait(self.store.batches.bury(worker))
        if how == "leaves":
            self.wait(self.store.batches.leave(worker))

    @rule(worker=WORKERS)
    def renew(self, worker: str) -> None:
        self.wait(self.store.batches.renew(worker, self.at))

    @rule(seconds=JUMPS)
    def jump(self, seconds: int) -> None:
        self.at += timedelta(seconds=seconds)

    @rule()
    def retry(self) -> None:
        parked = {one.case_id for one in self.wait(self.store.batches.parked(self.batch_id))}
        assert self.wait(self.store.batches.retry(self.batch_id)) == len(parked)
        self.over = {one: number for one, number in self.over.items() if one not in parked}

    @invariant()
    def nothing_is_lost(self) -> None:
        tally = self.wait(self.store.batches.tally(self.batch_id))
        assert (tally.total, tally.over) == (len(CASES), len(self.over))
        endings = self.wait(self.store.batches.endings(self.batch_id))
        assert {one.case_id: one.number for one in endings} == self.over

    def teardown(self) -> None:
        """Whatever has happened, one worker alone comes to the end, a lease and a rest later."""
        self.having["ann"].clear()
        for _ in range(2 * len(CASES)):
            self.at += timedelta(seconds=LONGEST_REST_S)
            self.lease("ann")
            self.settle("ann", failed=False, twice=False)
            self.settle("ann", failed=False, twice=False)
        assert sorted(self.over) == CASES


def test_a_case_is_settled_once_and_none_is_lost(tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        opening = Store.open(tmp_path, inline=True)
        Leases.store, Leases.runner = runner.run(opening.__aenter__()), runner
        few = settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        )
        try:
            run_state_machine_as_test(Leases, settings=few)
        finally:
            runner.run(opening.__aexit__(None, None, None))
