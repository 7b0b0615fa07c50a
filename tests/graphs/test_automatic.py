"""Cases that pass without a person, end to end, and those that are drawn for a second look."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from casewright.models import Review, Route, Run, RunStatus
from graphs.run import Investigator, Wish

AGAIN = Wish(sop="again")
GATE = """\
gate:
  auto: {when: 'true'}
  auto_outcomes: [overturn, uphold, partial]
  stability_floor: 1
  sampling: {automatic: 1, approved: 1}
"""


@pytest.fixture
def procedure(workspace: Path) -> Path:
    """The workspace, with an SOP whose gate lets pass what it may, and draws everything."""
    file = workspace / "sops" / "again" / "sop.yaml"
    text = file.read_text("utf-8")
    file.write_text(text[: text.index("\ngate:\n") + 1] + GATE, "utf-8")
    return workspace


async def first(investigator: Investigator, ids: list[str], wanted: Callable[[Run], bool]) -> Run:
    for case_id in ids:
        run = await investigator.investigate(case_id, AGAIN)
        if wanted(run):
            return run
    pytest.fail("the world holds no such case")


def eligible(run: Run) -> bool:
    """Whether the row's route was automatic and nothing but the settings spoke against it."""
    told = [one for one in run.decision.reasons if one.startswith("not automatic")]  # type: ignore[union-attr]
    return told == ["not automatic: the setting `automatic` is off"]


async def test_a_case_passes_only_where_the_settings_allow_it(
    opened: Any, procedure: Path, open_ids: list[str], act: Callable[..., Review]
) -> None:
    async with opened(workspace=procedure) as off:
        waiting = await first(off, open_ids, eligible)
        assert waiting.status is RunStatus.WAITING
        assert waiting.due_at is not None
        assert waiting.due_at > waiting.case.opened_at
    async with opened(workspace=procedure, automatic=True, enforce=True) as on:
        passed = await on.investigate(waiting.case.case_id, Wish(sop="again", again=True))
        assert (passed.status, passed.automatic, passed.reviews) == (RunStatus.DONE, True, ())
        assert passed.decision is not None
        assert waiting.decision is not None
        assert passed.decision.route is Route.AUTO
        assert passed.decision.outcome == waiting.decision.outcome
        assert all(one.status == "done" for one in passed.enforced)
        assert passed.second_look
        assert await on.investigate(waiting.case.case_id) == passed


async def test_what_a_person_decided_is_no_automatic_decision(
    opened: Any, procedure: Path, open_ids: list[str], act: Callable[..., Review]
) -> None:
    async with opened(workspace=procedure, automatic=True) as on:
        waits = await first(on, open_ids, lambda run: run.status is RunStatus.WAITING)
        done = await on.review(waits.case.case_id, act("approve", "A1"))
        assert (done.status, done.automatic, done.second_look) == (RunStatus.DONE, False, True)


async def test_a_case_that_a_person_touched_stays_with_people(
    opened: Any, procedure: Path, open_ids: list[str], act: Callable[..., Review]
) -> None:
    async with opened(workspace=procedure) as off:
        waiting = await first(off, open_ids, eligible)
    async with opened(workspace=procedure, automatic=True) as on:
        again = await on.review(waiting.case.case_id, act("reject", "R1"))
        assert again.status is RunStatus.WAITING
        assert again.decision is not None
        assert "not automatic: a person has acted on it" in again.decision.reasons
