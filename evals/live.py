"""Judges gold cases on a live source, apart from the records of real cases."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from langgraph.checkpoint.memory import InMemorySaver

from casewright.calibration import Calibration
from casewright.errors import CasewrightError, ExpressionError, UsageError
from casewright.models import Run
from casewright.settings import Settings
from casewright.store import Store
from casewright.store.store import FILE
from evals.scored import Traits
from evals.suite import Judge, Look
from evals.traits import traits_of
from graphs.catalog import Catalog
from graphs.classifiers import with_classifiers
from graphs.facts import Facts
from graphs.remember import remember
from graphs.replay import Recording, facts_then
from graphs.run import Investigator, Wish, open_investigator
from graphs.versions import version_of
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

    Args:
        investigator: Takes cases to the gate; its store is the bench's own.
        sop: SOP to measure; empty: the one for each case's type.
    """

    def __init__(self, investigator: Investigator, sop: str = "") -> None:
        self._investigator = investigator
        self._sop = sop
        self._errors: dict[str, CasewrightError] = {}

    async def judge(self, look: Look) -> Run:
        """Take a case to the gate as of the gold case's moment. See ``evals.suite.Judge``."""
        wish = Wish(sop=self._sop, as_of=look.as_of)
        try:
            return await self._investigator.investigate(look.case_id, wish)
        except CasewrightError as error:
            self._errors[look.case_id] = error
            raise

    async def traits(self, run: Run, seconds: float) -> Traits | None:
        """What a run shows besides its outcome; None where its evidence does not read."""
        facts = (await self.seen(run.case.case_id)).facts
        return None if facts is None else traits_of(run, facts, seconds=seconds)

    async def seen(self, case_id: str) -> Seen:
        """What a judged case rested on, from frozen evidence: nothing is fetched or read anew."""
        store, error = self._investigator.store, self._errors.get(case_id)
        run = await store.latest_run(case_id)
        if run is None:
            return Seen(error=error)
        sop = await self._investigator.sop_of(run)
        evidence = await store.evidence_of(await store.linked(run.run_id))
        recording = Recording({tool.name: tool for tool in sop.tools}, evidence.values())
        try:
            return Seen(run, await facts_then(sop, run, recording), error)
        except ExpressionError:
            return Seen(run, None, error)


@asynccontextmanager
async def live_judge(
    settings: Settings, *, workspace: Path | None = None, sop: str = ""
) -> AsyncIterator[Judge]:
    """The judge of a bench; see :func:`live_bench`."""
    async with live_bench(settings, workspace=workspace, sop=sop) as bench:
        yield bench.judge


@asynccontextmanager
async def live_bench(
    settings: Settings, *, workspace: Path | None = None, sop: str = ""
) -> AsyncIterator[Bench]:
    """A bench that takes each case to the gate, as of the gold case's moment.

    Its store and checkpoints live in a folder that is gone afterwards, so that no eval ever shows
    up in a reviewer's queue. The knowledge base is the home folder's, brought up to date first.

    Args:
        settings: Where the source and the knowledge base are.
        workspace: A folder with more SOPs, or None.
        sop: SOP to measure; empty: the one for each case's type.

    Raises:
        SourceError: the closed cases cannot be fetched.
    """
    # Whatever is set for real cases: an eval never writes to the source.
    settings = settings.model_copy(update={"enforce": "off"})
    await remember(settings)
    with tempfile.TemporaryDirectory(prefix="casewright-eval-") as folder:
        async with open_investigator(
            settings,
            workspace=workspace,
            records=Path(folder),
            checkpointer=InMemorySaver(),
            durability="exit",
        ) as investigator:
            await _carry(settings.home, investigator.store)
            yield Bench(investigator, sop)


async def _carry(home: Path, store: Store) -> None:
    """Bring the home folder's calibrations, so that the bench tells confidences as it would."""
    if not (home / FILE).is_file():
        return
    async with Store.open(home) as known:
        for version in await known.calibrations.versions():
            for entry in await known.calibrations.entries(version):
                if isinstance(entry, Calibration):
                    await store.calibrations.put(entry)
                else:
                    await store.calibrations.switch_off(entry)


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
