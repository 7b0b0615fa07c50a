"""Takes cases through their graphs: start, wait at the gate, resume, and lose nothing."""

from __future__ import annotations

import copy
import sqlite3
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.types import Command, StateSnapshot
from sqlalchemy.exc import OperationalError

from agents.remembered import Remembering
from casewright import spans
from casewright.asking import Arrival, Awaiting
from casewright.audit import analyst
from casewright.clock import Clock, utc_now
from casewright.enforcement import with_entry
from casewright.errors import CasewrightError, NotWaiting, UsageError
from casewright.happenings import SUPERSEDED
from casewright.models import (
    Case,
    Cost,
    Evidence,
    Review,
    ReviewAct,
    Route,
    Run,
    RunStatus,
    Undone,
)
from casewright.release import Release
from casewright.settings import Settings
from casewright.store import Store
from casewright.store.answers import resuming
from casewright.store.memory import MemoryStore
from casewright.telemetry import Listener, Step, ignore
from graphs.act import closes
from graphs.catalog import Catalog
from graphs.checkpoints import corrupt, open_checkpoints
from graphs.choice import Choice, require_reproduced
from graphs.classifiers import with_classifiers
from graphs.compile import Graph, compile_sop
from graphs.deliver import send
from graphs.enforce import begun_of, dropped, with_plan
from graphs.facts import Facts, freeze_case
from graphs.inquiry import asking, question_write, refused
from graphs.interim import held_over
from graphs.lapse import answer_by, asked_by, paused
from graphs.load import load_sop
from graphs.nodes import Nodes
from graphs.services import open_services, open_store
from graphs.shadowing import Shadowing
from graphs.shelf import Shelf
from graphs.sop import Sop
from graphs.state import Services, State
from graphs.traced import entering, leaving
from graphs.turn import turn
from graphs.undo import overturned, require_decided, retract
from graphs.versions import version_of
from knowledge_base.precedents import Precedents
from tools.base import Tool
from tools.inbox import Inbox, get_case, open_cases
from tools.named import inbox_of, source_of
from tools.toolbox import Toolbox
from tools.workspace import open_tools

if TYPE_CHECKING:
    pass

UNREADABLE = (
    sqlite3.DatabaseError,
    ValueError,
    TypeError,
    KeyError,
    EOFError,
    NotImplementedError,
)
"""What LangGraph raises over a checkpoint that is damaged."""

Durability = Literal["exit", "async"]


@dataclass(frozen=True)
class Wish:
    """How a case is to be investigated.

    Attributes:
        sop: Name of the SOP; empty: the one for the case's type.
        as_of: The moment whose knowledge counts; None: now, but never before the case opened.
        again: Start a new run even where the case has one.
        awaited: What came of the questions that the run before was closed with.
        by: Who has it investigated, as the log is to name them; empty: as the settings say.
    """

    sop: str = ""
    as_of: datetime | None = None
    again: bool = False
    awaited: tuple[Awaiting, ...] = ()
    by: str = ""


class Investigator:
    """Takes cases through graphs. Build it with :func:`open_investigator`; share it freely.

    A run is pinned to the graph version it started with: the SOP's files are kept in the store
    under that version, and a waiting run is always resumed with them.

    Attributes:
        shadows: What judges runs beside the version that decides.
    """

    def __init__(
        self,
        settings: Settings,
        source: Inbox,
        services: Services,
        catalog: Catalog,
        checkpointer: BaseCheckpointSaver[str],
        *,
        durability: Durability = "async",
    ) -> None:
        self._settings = settings
        self._source = source
        self._services = services
        self._catalog = catalog
        self._checkpointer = checkpointer
        self._durability: Durability = durability
        self._graphs: dict[str, Graph] = {}
        self._sops: dict[str, Sop] = {}
        self._choice = Choice(services.store, settings)
        self._reproduced: set[str] = set()
        self.shadows = Shadowing(services, catalog.tools, self.sop_of, self.released)

    @property
    def store(self) -> Store:
        """The store that this investigator writes."""
        return self._services.store

    @property
    def services(self) -> Services:
        """What its nodes work with."""
        return self._services

    @property
    def home(self) -> Path:
        """The home folder."""
        return self._settings.home

    @property
    def settings(self) -> Settings:
        """The settings that it works under."""
        return self._settings

    @property
    def tools(self) -> Mapping[str, Tool]:
        """The tools that its SOPs can name."""
        return self._catalog.tools

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

    @property
    def inbox(self) -> Inbox:
        """Where its cases come from."""
        return self._source

    @property
    def clock(self) -> Clock:
        """The present moment."""
        return self._services.clock

    def procedure_of(self, case: Case) -> Sop:
        """The SOP that a case of that type would enter.

        Raises:
            UnknownName: no SOP decides such cases.
        """
        return self._sop_for(case, "")

    @property
    def facts(self) -> Facts | None:
        """What the evidence of the case judged last says; None before the first one."""
        return self._services.shelf.last

    @property
    def kept(self) -> tuple[Evidence, ...]:
        """All evidence of a case that was investigated apart, in the order of its coming."""
        store = self._services.store
        return store.kept if isinstance(store, MemoryStore) else ()

    async def forget(self, run: Run) -> None:
        """Drop the checkpoints of a run that nobody will go on with."""
        await self._checkpointer.adelete_thread(run.run_id)

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
        if run is None or wish.again:
            earlier, run = run, await self._enter(case_id, wish, run)
            await self._supersede(earlier)
        elif run.status in (RunStatus.WAITING, RunStatus.DONE):
            await self._shadow(run)
            return run
        else:
            async with turn(self._settings.home, case_id):
                return await self._continue(await self._reread(run), listener)
        return await self._go(run, await self._input(run), listener)

    async def _continue(self, run: Run, listener: Listener) -> Run:
        """Go on with a run that was interrupted or failed; called with the case's turn."""
        if run.reopening:
            return await self._reopen(run, listener)
        if run.status in (RunStatus.WAITING, RunStatus.DONE):  # somebody else went on with it
            return run
        return await self._go(run, await self._input(run), listener)

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
        await graph.aupdate_state(_config(run), Command(goto="decide"), as_node="gate")
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
        async with turn(self._settings.home, case_id):
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
        async with turn(self._settings.home, closed.case.case_id):
            newest = await self.store.latest_run(closed.case.case_id)
            if newest is not None and newest.run_id != closed.run_id:
                return await self._finished(newest)
            wish = Wish(again=True, awaited=tuple(awaited))
            run = await self._enter(closed.case.case_id, wish, closed)
            await self.store.put_evidence(evidence, run_id=run.run_id)
            return await self._go(run, await self._input(run), ignore)

    async def resume(self, case_id: str) -> Run | None:
        """Go on with a run that was stopped while it went on with an answer."""
        async with turn(self._settings.home, case_id):
            run = await self.store.latest_run(case_id)
            return None if run is None else await self._finished(run)

    async def send(self, case_id: str) -> Run:
        """Put the question that a run waits with, where it is not put yet.

        Where enforcement is off it stays planned, and somebody puts it by hand. One that the
        marketplace refuses is awaited no longer.

        Raises:
            UsageError: the case waits for no answer.
        """
        async with turn(self._settings.home, case_id):
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

    @property
    def catalog(self) -> Catalog:
        """The SOPs that cases can be judged by."""
        return self._catalog

    async def now(self) -> datetime:
        """The present moment at the source, in which cases are judged."""
        return await self._source.now()

    async def announced(self, case_id: str) -> tuple[Case, str]:
        """A case as it was opened here, or as the source has it, and the SOP that would decide it.

        Nothing is written.

        Raises:
            UnknownCase: the source knows no such case.
            UsageError: no SOP is for its type.
            SourceError: the source fails.
        """
        case = await self._case(case_id)
        return case, (await self._version_for(case, "", None))[0].name

    async def open_case_ids(self, case_type: str | None, limit: int | None) -> list[str]:
        """Ids of the source's open cases, of one type or of all, at most ``limit``.

        Raises:
            SourceError: the source fails.
        """
        return [case.case_id async for case in open_cases(self._source, case_type, limit)]

    @property
    def precedents(self) -> Precedents | None:
        """The knowledge base that its runs look through; within a process nobody opens another."""
        return self._services.precedents

    async def sop_of(self, run: Run) -> Sop:
        """The SOP a run is pinned to, from the files kept with its version."""
        return await self._pinned(run.graph_version)

    async def sop_at(self, version: str) -> Sop:
        """The SOP of a graph version that was used with this store; errors as for ``released``."""
        return await self._pinned(version)

    async def _case(self, case_id: str) -> Case:
        opened = await self.store.opened.get(case_id)
        return opened.case if opened else await get_case(self._source, case_id)

    async def _enter(self, case_id: str, wish: Wish, earlier: Run | None) -> Run:
        """Fetch the case, pin its version and write its record before anything else happens.

        Measures that an earlier, undecided run took are still in force, so this one holds them.
        """
        case = await self._case(case_id)
        awaited = wish.awaited
        sop, version = await self._version_for(case, wish.sop, earlier)
        self._sops[version] = sop
        as_of = wish.as_of or max(await self._source.now(), case.opened_at)
        now = self._services.clock()
        await self.store.put_version(version, sop.name, sop.files, at=now)
        run = Run(
            run_id=uuid.uuid4().hex,
            case=case,
            sop=sop.name,
            graph_version=version,
            as_of=as_of,
            status=RunStatus.RUNNING,
            enforced=() if earlier is None else held_over(earlier),
            asked=asked_by(earlier),
            answer_by=answer_by(earlier),
            awaited=awaited,
            paused=paused(earlier, max((one.at for one in awaited if one.at), default=now)),
            started_at=now,
            updated_at=now,
        )
        await self.store.save_run(run, actor=analyst(wish.by or self._settings.reviewer))
        return run

    async def _version_for(self, case: Case, name: str, earlier: Run | None) -> tuple[Sop, str]:
        """The version that stands for the case; where none does, or one is wished, the folder's."""
        release = None if name else await self._choice.of_case(case, earlier)
        if release is not None:
            return await self.released(release), release.version
        sop = self._sop_for(case, name)
        return sop, version_of(sop, self._settings)

    async def released(self, release: Release) -> Sop:
        """The procedure of a version that stands, if it is what runs under these settings.

        Raises:
            UsageError: under these settings and with this code it would be another version.
        """
        sop = await self._pinned(release.version)
        if release.version not in self._reproduced:
            require_reproduced(release, sop, self._settings)
            self._reproduced.add(release.version)
        return sop

    def _sop_for(self, case: Case, name: str) -> Sop:
        catalog, home = self._catalog, self._settings.home
        sop = catalog.load(name) if name else catalog.for_case_type(case.case_type)
        return with_classifiers(sop, home)

    async def _input(self, run: Run) -> State | None:
        """What starts the graph; None to go on from the checkpoint where there is one."""
        if (await self._snapshot(run)).values:
            return None
        frozen = freeze_case(run.case, as_of=run.as_of, at=self._services.clock())
        await self.store.put_evidence([frozen], run_id=run.run_id)
        return State(
            run_id=run.run_id,
            version=run.graph_version,
            as_of=run.as_of.isoformat(),
            case=frozen.digest,
            actions={},
            factors={},
            notes=[],
            recalled="",
            cost=Cost().model_dump(),
            calls=[],
            floor=Route.AUTO.value,
        )

    async def _go(self, run: Run, given: State | Command[Any] | None, listener: Listener) -> Run:
        """Drive the graph until it ends, waits or fails, and write down which."""
        with spans.span(f"invoke_workflow {run.sop}", entering(run)) as opened:
            ended = await self._driven(run, given, listener)
            opened.set_attributes(leaving(ended))
        await self._shadow(ended)
        return ended

    async def _shadow(self, run: Run) -> None:
        """Have a shadow judge the run, if one stands, while others go on."""
        try:
            release = await self._choice.shadow_of(run)
        except (CasewrightError, OperationalError):
            return  # the run is done, and a shadow takes nothing from it
        if release is not None and run.decision is not None:
            self.shadows.start(run, release)

    async def _driven(
        self, run: Run, given: State | Command[Any] | None, listener: Listener
    ) -> Run:
        graph = await self._graph(run.graph_version)
        try:
            await self._stream(graph, run, given, listener)
        except (CasewrightError, OSError) as error:
            await self._mark(run, RunStatus.FAILED, error=str(error))
            raise
        snapshot = await self._snapshot(run)
        if snapshot.interrupts:
            await self._mark(run, RunStatus.WAITING)
        return await self._reread(run)

    async def _stream(
        self, graph: Graph, run: Run, given: State | Command[Any] | None, listener: Listener
    ) -> None:
        detail = ""
        async for told in graph.astream(
            given,
            _config(run),
            context=self._services,
            stream_mode="custom",
            durability=self._durability,
        ):
            if "detail" in told:
                detail = told["detail"]
            else:
                listener(Step(detail=detail, **told))
                detail = ""

    async def _graph(self, version: str) -> Graph:
        if version not in self._graphs:
            self._graphs[version] = compile_sop(await self._pinned(version), self._checkpointer)
        return self._graphs[version]

    async def _pinned(self, version: str) -> Sop:
        if version not in self._sops:
            files = await self.store.version_files(version)
            self._sops[version] = load_sop(files, self._catalog.tools, folder=version)
        return self._sops[version]

    async def _snapshot(self, run: Run) -> StateSnapshot:
        graph = await self._graph(run.graph_version)
        try:
            return await graph.aget_state(_config(run))
        except UNREADABLE as error:
            raise corrupt(self._settings.home, error) from error

    async def _mark(self, run: Run, status: RunStatus, *, error: str = "") -> None:
        update = {"status": status, "error": error, "updated_at": self._services.clock()}
        await self.store.save_run((await self._reread(run)).model_copy(update=update))

    async def _supersede(self, run: Run | None) -> None:
        """Take a run that still waits out of the queue: a newer one has taken its place."""
        if run is None or run.status is RunStatus.DONE:
            return
        bare = dropped(run, (), await begun_of(run, self._services), self._services.clock())
        if bare != run:
            await self.store.save_run(bare)
        if run.status is RunStatus.WAITING:
            await self._mark(run, RunStatus.FAILED, error=SUPERSEDED)

    async def _reread(self, run: Run) -> Run:
        return await self.store.run(run.run_id) or run


def _config(run: Run) -> RunnableConfig:
    return {"configurable": {"thread_id": run.run_id}, "recursion_limit": 200}


@asynccontextmanager
async def open_investigator(
    settings: Settings,
    *,
    workspace: Path | None = None,
    records: Path | Store | None = None,
    checkpointer: BaseCheckpointSaver[str] | None = None,
    durability: Durability = "async",
    clock: Clock = utc_now,
    remembering: Remembering | None = None,
) -> AsyncIterator[Investigator]:
    """Open everything an investigation needs, and close it again.

    Args:
        settings: Where the source, the model and the home folder are.
        workspace: A folder with more SOPs and tools, or None.
        records: Another folder for the store than the home folder, or an open store.
        checkpointer: Another place for checkpoints than the home folder.
        durability: ``async`` writes every step beside the next one; ``exit`` writes once, when
            the run waits or ends, for batches where a step costs less than its checkpoint.
        clock: The present moment.
        remembering: How readers remember what they read; None: they do not.

    Raises:
        EnvironmentFault: the home folder, the store or a plugin is unusable.
        SopError: a tools file of the workspace is wrong.
    """
    async with AsyncExitStack() as stack:
        tools = await stack.enter_async_context(open_tools(settings, workspace, clock=clock))
        store = await stack.enter_async_context(open_store(records or settings.home))
        source = await stack.enter_async_context(source_of(settings))
        toolbox = Toolbox(tools, source, clock)
        services = await stack.enter_async_context(
            open_services(settings, store, toolbox, clock, remembering)
        )
        if checkpointer is None:
            checkpointer = await stack.enter_async_context(open_checkpoints(settings.home))
        catalog = Catalog(tools, workspace)
        inbox = inbox_of(settings, source, clock)
        investigator = Investigator(
            settings, inbox, services, catalog, checkpointer, durability=durability
        )
        try:
            yield investigator
            await investigator.shadows.done()
        finally:
            await investigator.shadows.drop()
