"""Fills the knowledge base with the source's closed cases."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from casewright.models import ClosedCase
from casewright.settings import Settings
from graphs.run import KNOWLEDGE
from knowledge_base.precedents import IngestReport, Precedents
from tools.inbox import closed_cases
from tools.named import inbox_of, source_of


async def remember(
    settings: Settings,
    *,
    rebuild: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> IngestReport:
    """Ingest every closed case of the source; what is there already is skipped.

    Args:
        settings: Where the source and the home folder are.
        rebuild: Drop the knowledge base first.
        progress: Called with how many cases are done, and of how many.

    Raises:
        SourceError: the source fails; nothing is ingested then.
        StoreCorrupt: the knowledge base cannot be read, and ``rebuild`` is not set.
    """
    cases = await _closed(settings)

    def told(done: int) -> None:
        if progress is not None:
            progress(done, len(cases))

    def ingest() -> IngestReport:
        with Precedents.open(settings.home / KNOWLEDGE) as precedents:
            return precedents.ingest(cases, told, rebuild=rebuild)

    return await asyncio.to_thread(ingest)


async def _closed(settings: Settings) -> list[ClosedCase]:
    async with source_of(settings) as source:
        return [case async for case in closed_cases(inbox_of(settings, source))]
