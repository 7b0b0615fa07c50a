"""Takes cases through their graphs: start, wait at the gate, resume, and lose nothing."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.types import Command

from agents.remembered import Remembering
from casewright.clock import Clock, utc_now
from casewright.errors import NotWaiting, UsageError
from casewright.models import Review, ReviewAct, Run, RunStatus, Undone
from casewright.settings import Settings
from casewright.store import Store
from casewright.store.memory import MemoryStore
from casewright.telemetry import Listener, ignore
from graphs.act import closes
from graphs.catalog import Catalog
from graphs.checkpoints import corrupt, open_checkpoints, open_inline
from graphs.choice import Choice
from graphs.deliver import send
from graphs.driving import config
from graphs.entry import Wish as Wish
from graphs.inquiries import Inquiries
from graphs.nodes import Nodes
from graphs.services import open_services, open_store
from graphs.shelf import Shelf
from graphs.state import State
from graphs.turn import turn
from graphs.undo import overturned, require_decided, retract
from tools.inbox import Inbox
from tools.named import inbox_of, source_of
from tools.toolbox import Toolbox
from tools.workspace import open_tools

SETTLED = (RunStatus.WAITING, RunStatus.DONE)
"""How a run stands that nobody need go on with."""


class Investigator(Inquiries):
    """Takes cases through graphs. Build it with :func:`open_investigator`; share it freely."""

    def apart(self, source: Inbox | None = None, **changed: Any) -> Investigator:
        """An investigator for one case alone, which shares what this one has compiled.

        Args:
            source: Another place where the case comes from; None: the same.
            changed: Services that differ, by name; its store is one in memory.
        """
        store = MemoryStore(self.store.calibrations)
        services = replace(self._services, store=store, shelf=Shelf(), **changed)
        one = copy.copy(self)
        one._source, one._services = source or self._source, services
        one._choice = Choice(services.store, self._settings)
        return one

    async def investigate(
        self, case_id: str, wish: Wish | None = None, *, listener: Listener = ignore
    ) -> Run:
        """Take a case to the gate, or resume the run it has.

        A run that waits or is done is returned as it stands; one that was interrupted or failed
        goes on where it stopped.

        Raises:
            UnknownCase: the source knows no such case.
            EvidenceIncomplete: an action failed; the run is kept as ``failed``.
            CasewrightError: anything else that stopped the run, kept likewise.
        """
        wish = wish or Wish()
        run = await self.store.latest_run(case_id)
        if run is not None and not wish.again and run.status in SETTLED:
            await self._shadow(run)
            return run
        async with turn(self._settings.home, case_id):
            run = await self.store.latest_run(case_id)
            if run is not None and not wish.again:
                return await self._continue(run, listener)
            entered = await self._enter(case_id, wish, run)
            await self._supersede(run)
            return await self._go(entered, await self._begin(entered), listener)

    async def _continue(self, run: Run, listener: Listener) -> Run:
        """Go on with a run that was interrupted or failed; called with the case's turn."""
        if run.reopening:
            return await self._reopen(run, listener)
        if run.status in SETTLED:  # somebody else went on with it
            return run
        return await self._go(run, await self._input(run), listener)

    async def give_up(self, case_id: str, error: str) -> Run | None:
        """Write down that a case failed for good, and return its run; None: it has none.

        A run that came to its gate stays as it is.
        """
        async with turn(self._settings.home, case_id):
            run = await self.store.latest_run(case_id)
            if run is not None and run.status is RunStatus.RUNNING:
                await self._mark(run, RunStatus.FAILED, error=error)
                run = await self._reread(run)
            return run

    async def undo(
        self, case_id: str, undone: Undone, *, sent: bool = False, listener: Listener = ignore
    ) -> Run:
        """Undo the decision of a case, and take it back to its gate; safe to call again.

        That it is undone is recorded first, with all that has to be taken back; then the graph
        goes back. A call that finds that recorded goes on where it stopped.

        Args:
            case_id: The case.
            undone: Who, why and when.
            sent: Whether it may be undone although something was sent already.
            listener: Told each step.

        Raises:
            UsageError: the case is not decided, or something was sent and ``sent`` is not set.
        """
        async with turn(self._settings.home, case_id):
            run = await self.store.latest_run(case_id)
            if run is None or not run.reopening:
                decided = require_decided(run, case_id)
                if not (await self._snapshot(decided)).values:
                    raise UsageError(f"The checkpoints of case {case_id!r} are gone.")
                run = await retract(decided, undone, self._services, sent=sent)
            return await self._reopen(run, listener)

    async def _reopen(self, run: Run, listener: Listener) -> Run:
        """Take the graph back to where it proposed; whatever it was doing is left alone."""
        await overturned(run, self._services)
        run = await send(run, self._services)
        graph = await self._graph(run.graph_version)
        # As the gate: it is what sends a run back to be decided again, also with new facts.
        await graph.aupdate_state(config(run), Command(goto="decide"), as_node="gate")
        return await self._go(run, None, listener)

    async def review(self, case_id: str, review: Review, *, listener: Listener = ignore) -> Run:
        """Bring a review to the run that waits for it, and go on from there.

        Raises:
            NotWaiting: the case has no run, or it does not wait.
            UsageError: a parameter of the outcome is unknown or outside its bounds.
            StoreCorrupt: its checkpoint cannot be read.
        """
        async with turn(self._settings.home, case_id):
            return await self._review(case_id, review, listener)

    async def _review(self, case_id: str, review: Review, listener: Listener) -> Run:
        run = await self.store.latest_run(case_id)
        if run is None or run.status is not RunStatus.WAITING:
            stands = f"is {run.status.value}" if run else "has never been investigated"
            raise NotWaiting(
                f"Case {case_id!r} does not wait for a review: it {stands}.",
                remedy="`casewright review list` shows what waits.",
            )
        if review.act is ReviewAct.REQUEST_INFORMATION:
            return await self._ask(run, review)
        snapshot = await self._snapshot(run)
        if not snapshot.values:
            raise corrupt(self._settings.home, "the run that waits is not among them")
        if not snapshot.interrupts:  # stopped on its way to the gate
            run = await self._go(run, None, listener)
            snapshot = await self._snapshot(run)
        if closes(review):  # what cannot be concluded is told before anything is written
            nodes, state = Nodes(await self.sop_of(run)), cast("State", snapshot.values)
            await nodes.conclude(state, run, review, self._services)
        answer = {"review": review.model_dump(mode="json"), "as_of": run.as_of.isoformat()}
        if review.act is ReviewAct.REJECT:
            answer["as_of"] = max(await self._source.now(), run.as_of).isoformat()
        return await self._go(run, Command(resume=answer), listener)


@asynccontextmanager
async def open_investigator(
    settings: Settings,
    *,
    workspace: Path | None = None,
    records: Path | Store | None = None,
    checkpointer: BaseCheckpointSaver[str] | None = None,
    batch: bool = False,
    clock: Clock = utc_now,
    remembering: Remembering | None = None,
) -> AsyncIterator[Investigator]:
    """Open everything an investigation needs, and close it again.

    Args:
        settings: Where the source, the model and the home folder are.
        workspace: A folder with more SOPs and tools, or None.
        records: Another folder for the store than the home folder, or an open store.
        checkpointer: Another place for checkpoints than the home folder.
        batch: Whether it is for many cases: the calls of one case go one after another, so that a
            killed process repeats one of them at most, and the databases are worked with in the
            event loop's own thread.
        clock: The present moment.
        remembering: How readers remember what they read; None: they do not.

    Raises:
        EnvironmentFault: the home folder, the store or a plugin is unusable.
        SopError: a tools file of the workspace is wrong.
    """
    async with AsyncExitStack() as stack:
        tools = await stack.enter_async_context(open_tools(settings, workspace, clock=clock))
        store = await stack.enter_async_context(open_store(records or settings.home, inline=batch))
        source = await stack.enter_async_context(source_of(settings))
        toolbox = Toolbox(tools, source, clock)
        services = await stack.enter_async_context(
            open_services(settings, store, toolbox, clock, remembering)
        )
        if checkpointer is None and batch:
            checkpointer = stack.enter_context(open_inline(settings.home))
        elif checkpointer is None:
            checkpointer = await stack.enter_async_context(open_checkpoints(settings.home))
        catalog = Catalog(tools, workspace)
        inbox = inbox_of(settings, source, clock)
        investigator = Investigator(settings, inbox, services, catalog, checkpointer, alone=batch)
        try:
            yield investigator
            await investigator.shadows.done()
        finally:
            await investigator.shadows.drop()
