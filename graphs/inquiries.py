"""Questions that a case waits with: put, answered, and gone on from."""

from __future__ import annotations

from collections.abc import Sequence

from langgraph.types import Command

from casewright.asking import Arrival, Awaiting
from casewright.enforcement import with_entry
from casewright.errors import UsageError
from casewright.models import Evidence, Review, Run
from casewright.store.answers import resuming
from casewright.telemetry import ignore
from graphs.deliver import send
from graphs.enforce import with_plan
from graphs.entry import Entry, Wish
from graphs.inquiry import asking, question_write, refused


class Inquiries(Entry):
    """Has runs wait for answers, and go on with them."""

    async def answer(self, case_id: str, arrival: Arrival, evidence: Evidence | None = None) -> Run:
        """Go on with a run whose question is over, where it waited, with new evidence.

        The same arrival again changes nothing: what was interrupted goes on.

        Args:
            case_id: The case.
            arrival: How the wait ended.
            evidence: What the answer says, frozen; None: nothing is known of its words.

        Raises:
            UsageError: the case does not wait for that answer.
            EvidenceIncomplete: an action failed; the run is kept as ``failed``.
        """
        async with self.turn(case_id):
            run = await self.store.latest_run(case_id)
            if run and any(one.key == arrival.key for one in run.awaited):
                return await self._finished(run)
            if run is None or run.awaiting is None or run.awaiting.key != arrival.key:
                raise UsageError(f"Case {case_id!r} does not wait for that answer.")
            return await self._answered(run, arrival, evidence)

    async def _answered(self, run: Run, arrival: Arrival, evidence: Evidence | None) -> Run:
        if not (await self._snapshot(run)).interrupts:  # stopped on its way to the gate
            run = await self._go(run, None, ignore)
            if run.awaiting is None:
                return run
        if evidence is not None:
            await self.store.put_evidence([evidence], run_id=run.run_id)
        as_of = max(await self._source.now(), run.as_of)
        answer = {"arrival": arrival.model_dump(mode="json"), "as_of": as_of.isoformat()}
        return await self._go(run, Command(resume=answer), ignore)

    async def _finished(self, run: Run) -> Run:
        """The run, gone on with where it was interrupted."""
        return await self._go(run, await self._input(run), ignore) if resuming(run) else run

    async def reopen(
        self, closed: Run, awaited: Sequence[Awaiting], evidence: Sequence[Evidence] = ()
    ) -> Run:
        """Take a case that was closed with questions to its next run, once.

        Args:
            closed: The run that was closed with them.
            awaited: What came of them.
            evidence: What the answers say, frozen.

        Raises:
            SourceError: as ``investigate`` does, and what it raises besides.
        """
        async with self.turn(closed.case.case_id):
            newest = await self.store.latest_run(closed.case.case_id)
            if newest is not None and newest.run_id != closed.run_id:
                return await self._finished(newest)
            wish = Wish(again=True, awaited=tuple(awaited))
            run = await self._enter(closed.case.case_id, wish, closed)
            await self.store.put_evidence(evidence, run_id=run.run_id)
            return await self._go(run, await self._input(run), ignore)

    async def resume(self, case_id: str) -> Run | None:
        """Go on with a run that was stopped while it went on with an answer."""
        async with self.turn(case_id):
            run = await self.store.latest_run(case_id)
            return None if run is None else await self._finished(run)

    async def send(self, case_id: str) -> Run:
        """Put the question that a run waits with, where it is not put yet.

        Where enforcement is off it stays planned, and somebody puts it by hand. One that the
        marketplace refuses is awaited no longer.

        Raises:
            UsageError: the case waits for no answer.
        """
        async with self.turn(case_id):
            run = await self.store.latest_run(case_id)
            if run is None or run.awaiting is None:
                raise UsageError(f"Case {case_id!r} waits for no answer.")
            return await self._sent(run)

    async def _sent(self, run: Run) -> Run:
        key, now = run.awaiting.key if run.awaiting else "", self._services.clock()
        log = run.enforced
        for one in run.enforced:  # planned where enforcement was off when it was asked
            if one.write.key == key and one.open and one.due is None:
                log = with_entry(log, one.model_copy(update={"due": now}))
        if self._services.enforcer is not None:
            if log != run.enforced:
                run = run.model_copy(update={"enforced": log, "updated_at": now})
                await self.store.save_run(run)
            run = await send(run, self._services, at_once=True)
        if any(one.write.key == key and one.status == "refused" for one in run.enforced):
            run = refused(run, self._services.clock())
            await self.store.save_run(run)
        return run

    async def _ask(self, run: Run, review: Review) -> Run:
        """Have a question go out; the run stays at its gate."""
        held = await self.store.intact_evidence(await self.store.linked(run.run_id))
        if review.asked is None:
            raise UsageError("A request for information says what is asked.")
        write = question_write(run, review.asked, held.values())
        as_of = max(await self._source.now(), run.as_of)
        asked = asking(run, review, write, as_of, await self.sop_of(run))
        due = self._services.clock() if self._services.enforcer is not None else None
        asked = with_plan(asked, [write], due)
        asked = asked.model_copy(update={"updated_at": self._services.clock()})
        await self.store.save_run(asked, review=review)
        return await self._sent(asked)
