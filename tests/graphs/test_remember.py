"""The knowledge base is filled with the source's closed cases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import islice
from typing import Any

import pytest

from casewright.errors import SourceUnavailable
from casewright.models import ClosedCase
from casewright.settings import Settings
from graphs import remember as module
from graphs.remember import remember
from graphs.run import KNOWLEDGE
from knowledge_base.precedents import Precedents
from tools.inbox import closed_cases


@pytest.fixture(autouse=True)
def dozen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the first dozen of the source's cases, for the embedding takes its time."""

    async def first(source: Any) -> AsyncIterator[ClosedCase]:
        listed = [one async for one in closed_cases(source)]
        for one in islice(listed, 12):
            yield one

    monkeypatch.setattr(module, "closed_cases", first)


async def test_closed_cases_are_ingested_once_unless_rebuilt(settings: Settings) -> None:
    told: list[tuple[int, int]] = []
    report = await remember(settings, progress=lambda done, of: told.append((done, of)))
    assert (report.added, report.unchanged) == (12, 0)
    assert told[-1] == (12, 12)
    again = await remember(settings)
    assert (again.added, again.replaced, again.unchanged) == (0, 0, 12)
    anew = await remember(settings, rebuild=True)
    assert anew.added == 12
    with Precedents.open(settings.home / KNOWLEDGE) as precedents:
        assert precedents.stats().cases == 12


async def test_a_source_that_fails_leaves_nothing_behind(settings: Settings) -> None:
    gone = settings.model_copy(update={"source_url": "http://127.0.0.1:9", "source_attempts": 1})
    with pytest.raises(SourceUnavailable):
        await remember(gone)
    assert not (settings.home / KNOWLEDGE).exists()
