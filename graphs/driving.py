"""Drives the graph of a run: to its end, to the gate, or to a failure that is written down."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.types import Command, StateSnapshot
from sqlalchemy.exc import OperationalError

from casewright import spans
from casewright.clock import Clock
from casewright.errors import CasewrightError
from casewright.journal import journaling
from casewright.models import Evidence, Run, RunStatus
from casewright.release import Release
from casewright.settings import Settings
from casewright.store import Store
from casewright.store.memory import MemoryStore
from casewright.store.work import RunWork
from casewright.telemetry import Listener, Step
from graphs.catalog import Catalog
from graphs.checkpoints import corrupt, where
from graphs.choice import Choice, require_reproduced
from graphs.compile import Graph, compile_sop
from graphs.facts import Facts
from graphs.load import load_sop
from graphs.shadowing import Shadowing
from graphs.sop import Sop
from graphs.state import Services, State
from graphs.traced import entering, leaving
from graphs.turn import Turns, turns_in
from knowledge_base.precedents import Precedents
from tools.base import Tool
from tools.inbox import Inbox

UNREADABLE = (
    sqlite3.DatabaseError,
    ValueError,
    TypeError,
    KeyError,
    EOFError,
    NotImplementedError,
)
"""What LangGraph raises over a checkpoint that is damaged."""

INTERRUPT = "__interrupt__"
"""How LangGraph's stream tells that a graph waits."""

ENFORCE = "enforce"
"""The node that carries out what was decided."""

Durability = Literal["exit", "async"]


@dataclass(frozen=True)
class Start:
    """What a graph starts with: its state, and the frozen case that the state refers to."""

    state: State
    case: Evidence


class Driving:
    """Takes runs through the graphs that they are pinned to.

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
        alone: bool = False,
        turns: Turns | None = None,
    ) -> None:
        self._settings = settings
        self._source = source
        self._services = services
        self._catalog = catalog
        self._checkpointer = checkpointer
        self._alone = alone
        self._turns = turns or turns_in(settings.home)
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

    def turn(self, case_id: str) -> AbstractAsyncContextManager[None]:
        """Waits until nobody else acts on a case, and keeps others waiting inside."""
        return self._turns(case_id)

    @property
    def settings(self) -> Settings:
        """The settings that it works under."""
        return self._settings

    @property
    def tools(self) -> Mapping[str, Tool]:
        """The tools that its SOPs can name."""
        return self._catalog.tools

    @property
    def catalog(self) -> Catalog:
        """The SOPs that cases can be judged by."""
        return self._catalog

    @property
    def clock(self) -> Clock:
        """The present moment."""
        return self._services.clock

    @property
    def inbox(self) -> Inbox:
        """Where its cases come from."""
        return self._source

    async def now(self) -> datetime:
        """The present moment at the source, in which cases are judged."""
        return await self._source.now()

    @property
    def precedents(self) -> Precedents | None:
        """The knowledge base that its runs look through; within a process nobody opens another."""
        return self._services.precedents

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

    async def sop_of(self, run: Run) -> Sop:
        """The SOP a run is pinned to, from the files kept with its version."""
        return await self._pinned(run.graph_version)

    async def sop_at(self, version: str) -> Sop:
        """The SOP of a graph version that was used with this store; errors as for ``released``."""
        return await self._pinned(version)

    async def ready(self, version: str) -> None:
        """Have a version's graph compiled, so that no act on a case of it waits for that.

        Raises:
            UsageError: no such version was ever used with this store.
            SopError: its files do not read with the tools of now.
        """
        await self._graph(version)

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

    async def _go(self, run: Run, given: Start | Command[Any] | None, listener: Listener) -> Run:
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
        self, run: Run, given: Start | Command[Any] | None, listener: Listener
    ) -> Run:
        """From the beginning to the gate, or onwards from the gate.

        On the way to the gate nothing has to survive but what was fetched and said, which the
        run's journal keeps: its record is written once, and LangGraph's checkpoint as well.
        """
        if not isinstance(given, Start):
            return await self._onwards(run, given, listener, self._services, "async")
        if isinstance(self.store, MemoryStore):
            await self.store.put_evidence([given.case])
            return await self._onwards(run, given.state, listener, self._services, "exit")
        return await self._begun(run, given, listener)

    async def _begun(self, run: Run, given: Start, listener: Listener) -> Run:
        """Up to the gate; or, where it passes by itself, to where something is to be carried out.

        From there it goes on as from the gate, step by step: what it decided is written down, and
        is not decided again however often carrying it out is interrupted.
        """
        patience_s = self._settings.store_patience_s if self._alone else 0.0
        work = RunWork(self.store, run, patience_s=patience_s)
        await work.put_evidence([given.case], run_id=run.run_id)
        services = replace(self._services, store=work)
        try:
            with journaling(await work.journal(alone=self._alone)):
                ended = await self._onwards(run, given.state, listener, services, "exit")
        except asyncio.CancelledError:
            with suppress(Exception):  # it begins anew; that it was stopped must not be lost
                await work.flush()
            raise
        except Exception:  # what is there of a run that failed is its reviewer's to see
            await work.flush()
            raise
        await work.flush()
        if decided(ended):
            return await self._onwards(ended, None, listener, self._services, "async")
        return ended

    async def _onwards(
        self,
        run: Run,
        given: State | Command[Any] | None,
        listener: Listener,
        services: Services,
        durability: Durability,
    ) -> Run:
        graph = await self._graph(run.graph_version)
        try:
            waits = await self._stream(graph, run, given, listener, services, durability)
        except (CasewrightError, OSError) as error:
            await self._mark(run, RunStatus.FAILED, services, error=str(error))
            raise
        if waits:
            await self._mark(run, RunStatus.WAITING, services)
        return await services.store.run(run.run_id) or run

    async def _stream(
        self,
        graph: Graph,
        run: Run,
        given: State | Command[Any] | None,
        listener: Listener,
        services: Services,
        durability: Durability,
    ) -> bool:
        """Have the steps told, and return whether the graph waits now."""
        detail, waits = "", False
        stream: AsyncIterator[Any] = graph.astream(
            given,
            config(run),
            context=services,
            stream_mode=["custom", "updates"],
            durability=durability,
            interrupt_before=[ENFORCE] if isinstance(services.store, RunWork) else None,
        )
        async for mode, told in stream:
            if mode == "updates":
                waits = waits or bool(told.get(INTERRUPT))  # empty where it stops to be written
            elif "detail" in told:
                detail = told["detail"]
            else:
                listener(Step(detail=detail, **told))
                detail = ""
        return waits

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
            return await graph.aget_state(config(run))
        except UNREADABLE as error:
            raise corrupt(where(self._settings), error) from error

    async def _mark(
        self, run: Run, status: RunStatus, services: Services | None = None, *, error: str = ""
    ) -> None:
        store = (services or self._services).store
        update = {"status": status, "error": error, "updated_at": self._services.clock()}
        now = await store.run(run.run_id) or run
        await store.save_run(now.model_copy(update=update))

    async def _reread(self, run: Run) -> Run:
        return await self.store.run(run.run_id) or run


def decided(run: Run) -> bool:
    """Whether a run passed by itself, and what it decided is still to be carried out."""
    return run.automatic and run.status in (RunStatus.RUNNING, RunStatus.FAILED)


def config(run: Run) -> RunnableConfig:
    """How LangGraph knows a run: its id is the thread's."""
    return {"configurable": {"thread_id": run.run_id}, "recursion_limit": 200}
