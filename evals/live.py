"""Judges gold cases on a live source, apart from the records of real cases."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from langgraph.checkpoint.memory import InMemorySaver

from agents.remembered import Memory, Remembering
from casewright.errors import CasewrightError, ExpressionError, UsageError
from casewright.models import Decision, Run
from casewright.settings import Settings
from casewright.store.memory import MemoryStore, held_calibrations
from evals.scored import Traits
from evals.suite import Judge, Look
from evals.traits import unleaked
from graphs.catalog import Catalog
from graphs.classifiers import with_classifiers
from graphs.facts import Facts
from graphs.frozen import FrozenCase, as_measured, conditions, freeze
from graphs.remember import remember
from graphs.replay import Recording, facts_then
from graphs.run import Investigator, Wish, open_investigator
from graphs.versions import version_of
from knowledge_base.precedents import Precedents
from tools.workspace import open_tools


# No repr: facts hold whole procedures and answers.
@dataclass(frozen=True, repr=False)
class Seen:
    """What stays of a judged case until the bench is cleared.

    Attributes:
        run: Its run, or None where it never entered.
        facts: What the run's frozen evidence says; None without a run, or where it does not read.
        error: What stopped it, or None.
    """

    run: Run | None = None
    facts: Facts | None = None
    error: CasewrightError | None = None


class Bench:
    """Judges cases, and can say afterwards what each rested on.

    Each case has a store in memory that goes when it is judged; what it rested on stays, packed.

    Args:
        investigator: Takes cases to the gate.
        sop: SOP to measure; empty: the one for each case's type.
    """

    def __init__(self, investigator: Investigator, sop: str = "") -> None:
        self._investigator = investigator
        self._sop = sop
        self._errors: dict[str, CasewrightError] = {}
        self._packed: dict[str, bytes] = {}
        self._facts: dict[str, Facts] = {}

    @property
    def precedents(self) -> Precedents | None:
        """The knowledge base that its cases look through."""
        return self._investigator.precedents

    async def judge(self, look: Look) -> Run:
        """Take a case to the gate as of the gold case's moment. See ``evals.suite.Judge``."""
        alone = self._investigator.apart()
        try:
            run = await self._taken(alone, look)
        except CasewrightError as error:
            self._errors[look.case_id] = error
            raise
        finally:
            await self._pack(look.case_id, alone)
        if alone.facts is not None:
            self._facts[run.run_id] = alone.facts
        return run

    async def again(self, look: Look) -> Run:
        """Take a case to the gate once more; nothing of it stays."""
        return await self._taken(self._investigator.apart(), look)

    async def _taken(self, alone: Investigator, look: Look) -> Run:
        try:
            return await alone.investigate(look.case_id, Wish(sop=self._sop, as_of=look.as_of))
        finally:
            if (entered := await alone.store.latest_run(look.case_id)) is not None:
                await alone.forget(entered)

    async def traits(self, run: Run, seconds: float) -> Traits | None:
        """What a run shows besides its outcome, told once; None where its evidence did not read.

        Raises:
            LeakFound: its evidence tells how the case ended.
        """
        return unleaked(run, self._facts.pop(run.run_id, None), seconds=seconds)

    async def judge_of(self, run: Run) -> Callable[[Facts], Awaitable[Decision]]:
        """What decides other facts of a judged case; see ``graphs.shadowing``."""
        return await self._investigator.shadows.judge_of(run)

    async def seen(self, case_id: str) -> Seen:
        """What a judged case rested on, from frozen evidence: nothing is fetched or read anew."""
        error, frozen = self._errors.get(case_id), self.frozen(case_id)
        if frozen is None:
            return Seen(error=error)
        sop = await self._investigator.sop_of(frozen.run)
        recording = Recording({tool.name: tool for tool in sop.tools}, frozen.evidence)
        try:
            return Seen(frozen.run, await facts_then(sop, frozen.run, recording), error)
        except ExpressionError:
            return Seen(frozen.run, None, error)

    def frozen(self, case_id: str) -> FrozenCase | None:
        """A judged case with all that its first run rested on; None where it never entered."""
        packed = self._packed.get(case_id)
        return FrozenCase.model_validate_json(zlib.decompress(packed)) if packed else None

    async def _pack(self, case_id: str, alone: Investigator) -> None:
        if (run := await alone.store.latest_run(case_id)) is not None:
            told = freeze(run, alone.facts, alone.kept).model_dump_json()
            self._packed[case_id] = zlib.compress(told.encode(), level=1)


@asynccontextmanager
async def live_judge(
    settings: Settings, *, workspace: Path | None = None, sop: str = ""
) -> AsyncIterator[Judge]:
    """The judge of a bench; see :func:`live_bench`."""
    async with live_bench(settings, workspace=workspace, sop=sop) as bench:
        yield bench.judge


@asynccontextmanager
async def live_bench(
    settings: Settings,
    *,
    workspace: Path | None = None,
    sop: str = "",
    memory: Memory | None = None,
) -> AsyncIterator[Bench]:
    """A bench that takes each case to the gate, as of the gold case's moment.

    Its records and checkpoints live in memory, so that no eval ever shows up in a reviewer's
    queue. The knowledge base is the home folder's, brought up to date first.

    Args:
        settings: Where the source and the knowledge base are.
        workspace: A folder with more SOPs, or None.
        sop: SOP to measure; empty: the one for each case's type.
        memory: Where readings are kept as they are made; None: nowhere.

    Raises:
        SourceError: the closed cases cannot be fetched.
    """
    settings = as_measured(settings)
    await remember(settings)
    how = None if memory is None else Remembering(memory, conditions(settings))
    async with open_investigator(
        settings,
        workspace=workspace,
        records=MemoryStore(await held_calibrations(settings)),
        checkpointer=InMemorySaver(),
        remembering=how,
    ) as investigator:
        yield Bench(investigator, sop)


async def versions_now(
    settings: Settings, case_types: Iterable[str], *, workspace: Path | None = None, sop: str = ""
) -> frozenset[str]:
    """The graph versions that ``live_judge`` would take cases of these types through.

    Args:
        settings: As for ``live_judge``.
        case_types: Types of the cases; one that no usable SOP decides has no version.
        workspace: A folder with more SOPs, or None.
        sop: SOP to measure; empty: the one for each case's type.
    """
    found = set()
    async with open_tools(settings, workspace) as tools:
        catalog = Catalog(tools, workspace)
        for case_type in set(case_types):
            try:
                named = catalog.load(sop) if sop else catalog.for_case_type(case_type)
            except UsageError:  # its cases will score as errors, which say why
                continue
            found.add(version_of(with_classifiers(named, settings.home), settings))
    return frozenset(found)
