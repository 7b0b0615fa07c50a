"""Investigates cases on frozen evidence: the compiled graph itself, without a source or a search.

Everything that decides is what decides a live case: the same state machine, the same nodes. What
is different is where answers come from. Tools answer with the evidence that was frozen, precedents
are those of the frozen retrieval, records and checkpoints live in memory. The narrator is left
out: it tells a decision and changes nothing of it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langgraph.checkpoint.memory import InMemorySaver

from agents.cascade import readers
from agents.masked import masking
from agents.model import talks
from agents.prompts import prompt_digest
from agents.reading import Reader
from agents.remembered import Memory, Remembering, Tally, reading_settings
from casewright.clock import utc_now
from casewright.errors import SourceUnavailable
from casewright.models import Case, Evidence, EvidenceStatus, Model, Moment, Run
from casewright.settings import Settings
from casewright.store.calibrations import Calibrations
from casewright.store.memory import MemoryStore, held_calibrations
from graphs.catalog import Catalog
from graphs.facts import Facts
from graphs.recall import RECALL
from graphs.replay import Recording
from graphs.run import Investigator, Wish
from graphs.services import clearance_of, tape_of
from graphs.state import Services
from graphs.turn import alone
from graphs.versions import CODE_VERSION
from knowledge_base.embedding import Embeddings
from knowledge_base.opened import embeddings_of
from tools.base import Answer, Query, Tool
from tools.sources.page import Page
from tools.workspace import open_tools

if TYPE_CHECKING:
    from agents.talk import Talks
    from agents.tape import Tape

REMEDY = "Freeze the case again, live: `casewright eval run --freeze FOLDER`."


class FrozenCase(Model):
    """A case with all that one run of it rested on.

    Attributes:
        case: The case as it entered.
        as_of: The moment whose knowledge was asked for.
        evidence: What tools answered, to the actions and to the look-ups of readers.
        recalled: The retrieval of precedents; None where there was none.
        run: What became of it then.
    """

    case: Case
    as_of: Moment
    evidence: tuple[Evidence, ...]
    recalled: Evidence | None = None
    run: Run


def freeze(run: Run, facts: Facts | None, kept: tuple[Evidence, ...]) -> FrozenCase:
    """All that a run rested on.

    Args:
        run: The run, however it ended.
        facts: What its evidence says; None where it did not come so far.
        kept: Everything that it put in its store.
    """
    records = facts.records.values() if facts else ()
    # What an action over a list made of its parts is made again from them.
    made = {record.digest for record in records if record.parts}
    if facts is not None:
        made.add(facts.case.digest)
    return FrozenCase(
        case=run.case,
        as_of=run.as_of,
        evidence=tuple(one for one in kept if one.tool != RECALL and one.digest not in made),
        recalled=next((one for one in kept if one.tool == RECALL), None),
        run=run,
    )


@dataclass(frozen=True)
class _Inbox:
    """The one case that is there."""

    frozen: FrozenCase

    async def page(self, path: str, query: Query) -> Page:
        record = self.frozen.case.model_dump(mode="json", exclude={"impact"})
        impact = self.frozen.case.impact
        record |= {"impact_cents": impact.cents, "currency": impact.currency}
        return Page(Answer(EvidenceStatus.OK, data=record, source="inbox"))

    async def now(self) -> datetime:
        return self.frozen.as_of


@dataclass(frozen=True)
class Replayer:
    """Takes frozen cases to the gate. Build it with :func:`open_replayer`; share it freely.

    Attributes:
        tally: How the readings came about so far.
    """

    settings: Settings
    tools: dict[str, Tool]
    investigator: Investigator
    embeddings: Embeddings
    tape: Tape | None
    tally: Tally = field(default_factory=Tally)

    async def investigate(
        self, frozen: FrozenCase, *, sop: str = "", memory: Memory | None = None
    ) -> tuple[Run, Facts | None]:
        """Take a case to the gate on its frozen evidence alone.

        Args:
            frozen: The case and its evidence.
            sop: Name of the SOP; empty: the one for the case's type.
            memory: Where readings are kept; None: all are made anew, and none is kept.

        Returns:
            Its run, and what the evidence says under the SOP.

        Raises:
            CasewrightError: as for a live case, but for what only a source raises.
        """
        answers = Recording(self.tools, frozen.evidence, remedy=REMEDY)
        alone = self.investigator.apart(
            _Inbox(frozen),
            toolbox=answers,
            reader=self._reader(frozen, memory),
            recalled=lambda: frozen.recalled,
        )
        case_id = frozen.case.case_id
        try:
            run = await alone.investigate(case_id, Wish(sop=sop, as_of=frozen.as_of))
        finally:
            if (entered := await alone.store.latest_run(case_id)) is not None:
                await alone.forget(entered)
        return run, alone.facts

    def _reader(self, frozen: FrozenCase, memory: Memory | None) -> Reader:
        looked_up = Recording(self.tools, frozen.evidence, remedy=REMEDY)
        how = Remembering(
            memory or NOTHING,
            self._conditions,
            self.tally,
            refused=lambda: looked_up.refused,
        )
        shared = self._talks
        return readers(self.settings, looked_up, self.embeddings, shared, remembering=how)

    @cached_property
    def _conditions(self) -> dict[str, Any]:
        return conditions(self.settings)

    @cached_property
    def _talks(self) -> Talks | None:
        return talks(self.settings, self.tape) if self.settings.model else None


def conditions(settings: Settings) -> dict[str, Any]:
    """What a reading depends on besides what is read; see ``agents.remembered``."""
    told = {"prompts": prompt_digest(), "code": CODE_VERSION}
    return {**reading_settings(settings), **told}


class _Nothing:
    """Remembers nothing."""

    def get(self, key: str) -> None:
        return None

    def put(self, key: str, kept: object) -> None:
        return None


NOTHING = _Nothing()


def as_measured(settings: Settings) -> Settings:
    """Settings to measure a graph version with, whatever is set for real cases.

    Nothing is ever written to the source. What would pass without a person if the team let
    anything pass does so here, so that its precision can be told before they do.
    """
    return settings.model_copy(update={"enforce": "off", "automatic": "on"})


@asynccontextmanager
async def open_replayer(
    settings: Settings, *, workspace: Path | None = None
) -> AsyncIterator[Replayer]:
    """Open what judging on frozen evidence needs: procedures, tools as declared, and readers.

    Args:
        settings: The model and the home folder with trained classifiers; no source is used.
        workspace: A folder with more SOPs and tools, or None.

    Raises:
        EnvironmentFault: a plugin is unusable.
        SopError: a tools file of the workspace is wrong.
    """
    settings = as_measured(settings)
    held = await held_calibrations(settings)
    async with open_tools(settings, workspace) as tools:
        with tape_of(settings) as tape:
            embeddings = embeddings_of(settings, mask=masking(settings))
            investigator = _investigator(settings, Catalog(tools, workspace), tools, held)
            yield Replayer(settings, tools, investigator, embeddings, tape)


def _investigator(
    settings: Settings, catalog: Catalog, tools: dict[str, Tool], held: Calibrations
) -> Investigator:
    """What all cases share; each brings its own evidence and reader."""
    services = Services(
        store=MemoryStore(held),
        toolbox=Recording(tools, ()),
        precedents=None,
        reader=_NoReader(),
        clock=utc_now,
        precedent_count=settings.precedents,
        clearance=clearance_of(settings),
        sampling_key=settings.sampling_key.get_secret_value().encode(),
    )
    saver = InMemorySaver()
    return Investigator(settings, _NoInbox(), services, catalog, saver, turns=alone)


class _NoReader:
    """Each case has its own."""

    async def read(self, questions: object, errand: object) -> Any:
        raise SourceUnavailable("There is no reader without a case.")


class _NoInbox:
    """Each case has its own."""

    async def page(self, path: str, query: Query) -> Page:
        raise SourceUnavailable("Nothing is asked of a source: the evidence is frozen.")

    async def now(self) -> datetime:
        raise SourceUnavailable("Nothing is asked of a source: the evidence is frozen.")
