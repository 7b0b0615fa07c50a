"""A worker: takes the cases of one batch to their gate, as many at a time as may be.

All that it knows is in the store: it is given cases by lease, and writes down how each ended. So
any number of workers, in processes or on machines, may work on one batch, and one that dies loses
nothing but the calls that it had in flight.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Final, Literal, TypeVar

from agents.ledger import ledger
from casewright.batching import LONGEST_REST_S, RENEW_S, Batch, Ended, Ending, Leased
from casewright.cost import ModelCall, currency_of, total
from casewright.errors import (
    CasewrightError,
    EnforcementFailed,
    EnvironmentFault,
    EvidenceIncomplete,
    ModelError,
    SourceUnavailable,
    Taken,
)
from casewright.models import Run, RunStatus
from casewright.store.away import away, patiently
from casewright.store.batches import poisonous
from casewright.telemetry import Step
from graphs.owners import dead
from graphs.pace import Pace
from graphs.run import Investigator, Wish

T = TypeVar("T")

PASSING: Final = (
    SourceUnavailable,
    ModelError,
    EvidenceIncomplete,
    EnforcementFailed,
    TimeoutError,
    OSError,
)
"""What may be over when a case is tried again."""

PAUSE_S: Final = 20.0
"""How long a case rests that failed once, in seconds; three times as long after each more."""

LOOK_S: Final = 1.0
"""How often a worker with nothing to do looks for something, in seconds."""

STANDS: Final[dict[RunStatus, Literal["waiting", "done"]]] = {
    RunStatus.WAITING: "waiting",
    RunStatus.DONE: "done",
}
"""How a case ended whose run is settled."""

Told = Callable[[Ended], None]
"""Told of each case that ends."""


class Worker:
    """Works on one batch.

    Args:
        investigator: Takes cases to the gate; opened for a batch.
        batch: The batch.
        owner: The worker's name, see ``graphs.owners``.
        pace: How many cases may be in flight, and what has to be waited for.
        ended: Told of each case that ends here.
    """

    def __init__(
        self, investigator: Investigator, batch: Batch, owner: str, pace: Pace, ended: Told
    ) -> None:
        self._investigator = investigator
        self._batch = batch
        self._owner = owner
        self._pace = pace
        self._ended = ended
        self._batches = investigator.store.batches
        self._settings = investigator.settings
        self._taking: dict[asyncio.Task[None], Leased] = {}

    async def run(self) -> None:
        """Work until the batch is over, stopped or cancelled; what is in flight then ends first.

        Raises:
            EnvironmentFault: the store could not be used for ``store_patience_s``.
        """
        async with self._at_work():
            await self._surely(self._bury)
            while await self._fill():
                await self._some_ended()
        await self._surely(self._close)

    @asynccontextmanager
    async def _at_work(self) -> AsyncIterator[None]:
        """Renew leases inside; at the end free what was not finished."""
        renewing = asyncio.create_task(self._renew())
        try:
            yield
        finally:
            renewing.cancel()
            for task in self._taking:
                task.cancel()
            await asyncio.gather(renewing, *self._taking, return_exceptions=True)
            with suppress(Exception):  # its leases run out by themselves
                await self._batches.leave(self._owner)

    async def _fill(self) -> bool:
        """Take as many cases as there is room for; False once there is nothing left to do."""
        await self._pace.ready()
        room = self._pace.room(len(self._taking))
        leased = await self._surely(lambda: self._lease(room)) if room > 0 else []
        for one in leased:
            task = asyncio.create_task(self._take(one))
            self._taking[task] = one
        self._pace.flies(len(self._taking))
        return bool(self._taking) or not await self._surely(self._over)

    async def _lease(self, room: int) -> list[Leased]:
        if await self._too_dear():
            return []
        at = self._investigator.clock()
        idle = not self._taking
        batch_id = self._batch.batch_id
        having = [one.case_id for one in self._taking.values()]
        return await self._batches.lease(
            batch_id, self._owner, at, most=room, suspects=idle, having=having
        )

    async def _some_ended(self) -> None:
        """Wait until a case ends, or a moment has passed."""
        if not self._taking:
            await asyncio.sleep(LOOK_S)
            await self._surely(self._bury)
            return
        done, _ = await asyncio.wait(
            self._taking, timeout=LOOK_S, return_when=asyncio.FIRST_COMPLETED
        )
        for task in done:
            self._taking.pop(task)
            task.result()  # what nobody foresaw is not swallowed

    async def _over(self) -> bool:
        """Whether nothing is left: neither to begin, nor to try again, nor with others."""
        if await self._batches.state(self._batch.batch_id) != "open":
            return True
        tally = await self._batches.tally(self._batch.batch_id)
        return not (tally.pending or tally.leased)

    async def _close(self) -> None:
        batch_id = self._batch.batch_id
        if await self._batches.state(batch_id) == "open":
            await self._batches.set_state(batch_id, "ended")

    async def _bury(self) -> None:
        """Free what workers had that died on this machine."""
        for name in dead(self._investigator.home, await self._batches.owners(self._batch.batch_id)):
            await self._batches.bury(name)

    async def _too_dear(self) -> bool:
        """Whether the money is spent, what is in flight included; then the batch is stopped."""
        most = self._batch.plan.max_micros
        if not most:
            return False
        tally = await self._batches.tally(self._batch.batch_id)
        each = tally.micros / (tally.over or 1)
        if tally.micros + each * tally.leased < most:
            return False
        if not tally.leased or tally.micros >= most:
            why = "the most money that it may cost is spent"
            await self._batches.set_state(self._batch.batch_id, "stopped", why)
        return True

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            with suppress(Exception):  # the next one comes soon
                await self._batches.renew(self._owner, self._investigator.clock())

    async def _take(self, leased: Leased) -> None:
        """Take one case as far as it goes, and write down how it ended."""
        began, slowest = time.monotonic(), Slowest()
        ending: Ending | None
        with ledger() as calls:
            try:
                ending = await self._investigated(leased, slowest)
            except Exception as error:  # noqa: BLE001  whatever a case does, others go on
                if away(error):
                    await self._surely(lambda: self._give_back(leased))
                    return
                ending = await self._failed(leased, error)
        if ending is None:
            return
        ending = ending.model_copy(
            update={
                "seconds": time.monotonic() - began,
                "slowest": slowest.step,
                **_cost(calls),
            }
        )
        settled = await self._surely(lambda: self._settle(leased, ending))
        if settled is not None:
            self._ended(settled)

    async def _investigated(self, leased: Leased, slowest: Slowest) -> Ending:
        if poisonous(leased):
            raise EnvironmentFault(
                f"{leased.deaths} workers ended while they had this case, some with no other.",
                remedy="See what it does to them: `casewright investigate CASE` takes it alone.",
            )
        plan = self._batch.plan
        wish = Wish(sop=plan.sop, by=plan.by)
        async with asyncio.timeout(self._settings.batch_case_seconds):
            try:
                run = await self._investigator.investigate(leased.case_id, wish, listener=slowest)
            except Taken:  # somebody else was quicker: it stands as they left it
                run = await self._investigator.investigate(leased.case_id, wish, listener=slowest)
        return _ending(run)

    async def _failed(self, leased: Leased, error: Exception) -> Ending | None:
        """How a case ended that failed; None where it is tried again."""
        tries = leased.failures + 1
        if isinstance(error, PASSING) and tries < self._settings.batch_attempts:
            rest = timedelta(seconds=min(PAUSE_S * 3**leased.failures, LONGEST_REST_S))
            at = self._investigator.clock() + rest
            await self._surely(
                lambda: self._batches.give_back(
                    self._batch.batch_id, leased.case_id, self._owner, failed=True, not_before=at
                )
            )
            return None
        told = _told(error, self._settings.batch_case_seconds)
        run = await self._surely(lambda: self._investigator.give_up(leased.case_id, told))
        at = self._investigator.clock()
        run_id, sop = (run.run_id, run.sop) if run else ("", "")
        return Ending(status="failed", error=told, at=at, run_id=run_id, sop=sop)

    async def _settle(self, leased: Leased, ending: Ending) -> Ended | None:
        batch_id = self._batch.batch_id
        return await self._batches.settle(batch_id, leased.case_id, self._owner, ending)

    async def _give_back(self, leased: Leased) -> None:
        await self._batches.give_back(self._batch.batch_id, leased.case_id, self._owner)

    async def _surely(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do what the store has to do, waiting while it is locked, full or away.

        Raises:
            EnvironmentFault: it was for ``store_patience_s``.
        """
        patience_s = self._settings.store_patience_s
        try:
            return await patiently(work, patience_s, lambda: self._pace.waiting("the store"))
        except Exception as error:
            if not away(error):
                raise
            raise EnvironmentFault(
                f"The store cannot be used: {error}.",
                remedy=f"Then: `casewright batch resume {self._batch.batch_id}`.",
            ) from error


class Slowest:
    """The step of a case that took longest."""

    def __init__(self) -> None:
        self.step: tuple[str, float] = ("", 0.0)

    def __call__(self, step: Step) -> None:
        """Hear of a step."""
        self.step = max(self.step, (step.node, step.wall_ms / 1000), key=lambda one: one[1])


def _ending(run: Run) -> Ending:
    decision = run.decision
    return Ending(
        status=STANDS.get(run.status, "failed"),
        run_id=run.run_id,
        sop=run.sop,
        graph_version=run.graph_version,
        outcome=decision.outcome if decision else "",
        route=decision.route.value if decision else "",
        at=run.updated_at,
    )


def _cost(calls: list[ModelCall]) -> dict[str, object]:
    return {"cost": total(calls), "currency": currency_of(calls)}


def _told(error: Exception, seconds: float) -> str:
    """Why a case failed, with what to do."""
    if isinstance(error, TimeoutError):
        return f"It took more than {seconds:g} seconds (`batch_case_seconds`)."
    if isinstance(error, CasewrightError):
        return str(error)
    return f"{type(error).__name__}: {error}"
