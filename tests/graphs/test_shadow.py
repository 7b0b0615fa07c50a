"""A version beside the one in use: on the same evidence, and without any effect."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from agents.reading import Errand, Question, Reading
from casewright.models import Review, Run, RunStatus
from casewright.release import Release
from casewright.settings import Settings
from graphs.library import BUILT_IN
from graphs.load import load_sop, read_files
from graphs.run import Investigator
from graphs.versions import made_of, version_of
from tools.base import Tool

SOP = "late_shipment_appeal"
Act = Callable[..., Review]


@pytest.fixture
def case_id(plain_case: str) -> str:
    return plain_case


async def stand(
    investigator: Investigator, tools: dict[str, Tool], settings: Settings, change: str
) -> Release:
    """A shadow that differs from the built-in SOP in one text."""
    files = dict(read_files(BUILT_IN / SOP))
    old, _, new = change.partition(" -> ")
    assert old in files["sop.yaml"]
    files["sop.yaml"] = files["sop.yaml"].replace(old, new)
    sop = load_sop(files, tools, folder=SOP)
    release = Release(
        sop=SOP,
        case_type=sop.spec.case_type,
        version=version_of(sop, settings),
        kind="promoted",
        stage="shadow",
        author="qa",
        at=datetime(2026, 6, 1, tzinfo=UTC),
        why="to see",
        report="a" * 64,
        made_of=made_of(sop, settings),
    )
    await investigator.store.put_version(release.version, SOP, files, at=release.at)
    await investigator.store.releases.put(release)
    return release


async def test_it_proposes_on_the_same_evidence_and_leaves_the_queue_alone(
    investigator: Investigator,
    tools: dict[str, Tool],
    settings: Settings,
    case_id: str,
    wire: Any,
    act: Act,
) -> None:
    shadow = await stand(investigator, tools, settings, "title: -> title: Another")
    run = await investigator.investigate(case_id)
    asked = len(wire.paths)
    await investigator.shadows.done()
    assert len(wire.paths) == asked
    assert await investigator.store.runs() == [run]
    (kept,) = await investigator.store.shadows.of(shadow.version)
    assert kept.error == ""
    assert (kept.run_id, kept.lacks) == (run.run_id, ())
    assert kept.decision is not None
    assert run.decision is not None
    own = {"graph_version": run.graph_version}
    assert kept.decision.model_copy(update=own) == run.decision.model_copy(
        update={"cost": kept.decision.cost}
    )
    assert kept.proposal == run.decision
    done = await investigator.review(case_id, act("edit", "E3", outcome="partial"))
    await investigator.shadows.done()
    assert done.status is RunStatus.DONE
    assert await investigator.store.shadows.of(shadow.version) == (kept,)


async def test_what_was_proposed_before_an_edit_is_found_again(
    investigator: Investigator, tools: dict[str, Tool], settings: Settings, case_id: str, act: Act
) -> None:
    """The shadow is promoted after the case was edited and closed."""
    waiting = await investigator.investigate(case_id)
    await investigator.review(case_id, act("edit", "E3", outcome="partial"))
    shadow = await stand(investigator, tools, settings, "title: -> title: Another")
    await investigator.investigate(case_id)
    await investigator.shadows.done()
    (kept,) = await investigator.store.shadows.of(shadow.version)
    assert kept.proposal is not None
    assert waiting.decision is not None
    assert kept.proposal.outcome == waiting.decision.outcome != "partial"


async def test_a_fault_stays_in_its_own_record_and_is_tried_again(
    investigator: Investigator,
    tools: dict[str, Tool],
    settings: Settings,
    case_id: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shadow = await stand(investigator, tools, settings, "title: -> title: Another")

    async def broken(*given: Any) -> Any:
        raise ZeroDivisionError("a mistake in it")

    with monkeypatch.context() as patched:
        patched.setattr("graphs.shadowing.judged_by", broken)
        run = await investigator.investigate(case_id)
        await investigator.shadows.done()
    assert run.status is RunStatus.WAITING
    (kept,) = await investigator.store.shadows.of(shadow.version)
    assert (kept.decision, kept.error) == (None, "ZeroDivisionError: a mistake in it")
    assert await investigator.investigate(case_id) == run
    await investigator.shadows.done()
    (kept,) = await investigator.store.shadows.of(shadow.version)
    assert kept.decision is not None


class Counting:
    """A reader that says nothing, and counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[Sequence[Question]] = []

    async def read(self, questions: Sequence[Question], errand: Errand) -> Reading:
        self.asked.append(questions)
        return Reading(failures=("nothing to say",))


async def test_its_reading_is_its_own(
    opened: Callable[..., Any], tools: dict[str, Tool], settings: Settings, case_id: str
) -> None:
    reader = Counting()
    async with opened(reader=reader) as investigator:
        await stand(investigator, tools, settings, "title: -> title: Another")
        run: Run = await investigator.investigate(case_id)
        alone = len(reader.asked)
        await investigator.shadows.done()
    assert alone >= 1
    assert len(reader.asked) == 2 * alone
    assert reader.asked[0] == reader.asked[-1]
    assert run.reviews == ()
