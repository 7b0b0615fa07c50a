"""The knowledge base is filled with the source's closed cases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from casewright.errors import SourceUnavailable
from casewright.models import (
    Case,
    Citation,
    Claim,
    ClosedCase,
    Decision,
    Factor,
    Review,
    ReviewAct,
    Run,
    RunStatus,
)
from casewright.settings import Settings
from casewright.store import Store
from graphs import remember as module
from graphs.remember import (
    closed_reviews,
    remember,
    remember_clauses,
    remember_files,
    remember_reviews,
)
from graphs.sop import Sop
from knowledge_base.clauses import Clauses
from knowledge_base.files import Wrong
from knowledge_base.opened import KNOWLEDGE, index_of
from knowledge_base.precedents import Precedents
from tools.inbox import closed_cases

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)


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


async def test_files_are_ingested_and_wrong_lines_counted(
    settings: Settings, closed: list[ClosedCase], tmp_path: Path
) -> None:
    file = tmp_path / "cases.jsonl"
    lines = [one.model_dump_json() for one in closed[:3]]
    file.write_text("\n".join([lines[0], "{", *lines[1:]]), "utf-8")
    wrong: list[Wrong] = []
    mine = settings.model_copy(update={"home": tmp_path / "home"})
    report = await remember_files(mine, [file], wrong=wrong.append)
    assert (report.added, report.wrong) == (3, 1)
    assert [one.line for one in wrong] == [2]
    again = await remember_files(mine, [file], wrong=wrong.append)
    assert (again.added, again.unchanged) == (0, 3)


def _reviewed(case: Case, **more: Any) -> Run:
    """A run that a reviewer approved, with a decision made by hand."""
    cited = Citation(kind="policy", reference="SHIP-4.1@2026-01-01", quote="In time.")
    claims = (
        Claim(sentence="It was three days late.", factor="days_late"),
        Claim(sentence="A struck sentence.", factor="outage", struck="no proof"),
        Claim(sentence="SHIP-4.1: In time.", citations=(cited,)),
    )
    factors = (Factor(name="days_late", value=3), Factor(name="outage"))
    review = Review(act=ReviewAct.APPROVE, codes=("A1",), reviewer="qa", at=NOW)
    decision = Decision(
        outcome="uphold", row=1, factors=factors, claims=claims, graph_version="late@1+0"
    )
    told = {
        "run_id": f"run-{case.case_id}",
        "case": case,
        "sop": "late",
        "graph_version": "late@1+0",
        "as_of": NOW,
        "status": RunStatus.DONE,
        "decision": decision,
        "reviews": (review,),
        "started_at": NOW,
        "updated_at": NOW,
    }
    return Run.model_validate({**told, **more})


def test_what_a_reviewer_decided_is_a_closed_case_without_the_verdict_in_its_facts(
    closed: list[ClosedCase],
) -> None:
    case = closed[0].case
    (one,) = closed_reviews([_reviewed(case)])
    assert (one.case, one.outcome, one.closed_at) == (case, "uphold", NOW)
    assert one.situation == "It was three days late."
    assert one.facts == {"days_late": 3}
    assert one.clauses == ("SHIP-4.1@2026-01-01",)


def test_what_nobody_decided_teaches_nothing(closed: list[ClosedCase]) -> None:
    run = _reviewed(closed[0].case)
    assert run.decision
    asking = run.decision.model_copy(update={"outcome": "request_information"})
    others = [{"automatic": True}, {"reviews": ()}, {"decision": None}, {"decision": asking}]
    assert list(closed_reviews(run.model_copy(update=one) for one in others)) == []


async def test_closed_reviews_are_read_from_the_store(
    settings: Settings, closed: list[ClosedCase], tmp_path: Path
) -> None:
    mine = settings.model_copy(update={"home": tmp_path / "home"})
    run = _reviewed(closed[0].case)
    async with Store.open(mine.home) as store:
        await store.put_version(run.graph_version, run.sop, {}, at=NOW)
        await store.save_run(run)
    assert (await remember_reviews(mine)).added == 1
    assert (await remember_reviews(mine)).unchanged == 1


def test_clauses_of_sops_are_found_in_force(late: Sop, settings: Settings, tmp_path: Path) -> None:
    mine = settings.model_copy(update={"home": tmp_path / "home"})
    report = remember_clauses(mine, [late])
    assert report.added == len(late.policy.clauses)
    index = index_of(mine)
    found = Clauses(index).search("an outage of the carrier", on=NOW, region="US", k=3)
    assert any("outage" in one.text for one in found)
    assert found[0].sops == (late.name,)
    index.close()
