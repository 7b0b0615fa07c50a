"""Judges gold cases on a live source, apart from the records of real cases."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from langgraph.checkpoint.memory import InMemorySaver

from casewright.errors import UsageError
from casewright.models import Run
from casewright.settings import Settings
from evals.suite import Judge, Look
from graphs.catalog import Catalog
from graphs.classifiers import with_classifiers
from graphs.remember import remember
from graphs.run import Wish, open_investigator
from graphs.versions import version_of
from tools.workspace import open_tools


@asynccontextmanager
async def live_judge(
    settings: Settings, *, workspace: Path | None = None, sop: str = ""
) -> AsyncIterator[Judge]:
    """A judge that takes each case to the gate, as of the gold case's moment.

    Its store and checkpoints live in a folder that is gone afterwards, so that no eval ever shows
    up in a reviewer's queue. The knowledge base is the home folder's, brought up to date first.

    Args:
        settings: Where the source and the knowledge base are.
        workspace: A folder with more SOPs, or None.
        sop: SOP to measure; empty: the one for each case's type.

    Raises:
        SourceError: the closed cases cannot be fetched.
    """
    await remember(settings)
    with tempfile.TemporaryDirectory(prefix="casewright-eval-") as folder:
        async with open_investigator(
            settings,
            workspace=workspace,
            records=Path(folder),
            checkpointer=InMemorySaver(),
            durability="exit",
        ) as investigator:

            async def judge(look: Look) -> Run:
                wish = Wish(sop=sop, as_of=look.as_of)
                return await investigator.investigate(look.case_id, wish)

            yield judge


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
