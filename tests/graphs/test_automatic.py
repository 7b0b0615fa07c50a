"""Cases that pass without a person, end to end, and those that are drawn for a second look."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from casewright.calibration import Calibration, Slice, SwitchedOff
from casewright.errors import EnforcementFailed
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

TOLD = """\
side_effects:
  told:
    on: [overturn, uphold, partial]
    do: send_notice
    with: {party: '"seller"', party_id: appeal.seller_id, text: '"It is decided."'}
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
    """Whether the row's route was automatic and nothing but the team spoke against it."""
    return objections(run) == [
        "the setting `automatic` is off",
        "no calibration stands for this graph version",
    ]


def objections(run: Run) -> list[str]:
    reasons = run.decision.reasons if run.decision else ()
    found = [one.partition("not automatic: ") for one in reasons]
    return [why for before, told, why in found if told and not before]


def calibration(run: Run, threshold: float | None = 0.5, days: int = 90) -> Calibration:
    """A calibration of the run's version that is sure of everything at 0.731."""
    outcome = run.decision.outcome if run.decision else ""
    slice_ = Slice(outcome=outcome, reviews=500, delta=0.1, threshold=threshold, accepted=400)
    return Calibration(
        version=run.graph_version,
        made_at=run.updated_at,
        expires_at=run.updated_at + timedelta(days=days),
        author="qa",
        target=0.02,
        confidence=0.9,
        fitted=250,
        tested=500,
        truths={"review": 750},
        intercept=1.0,
        terms={},
        slices=(slice_,),
    )


async def test_a_case_passes_only_where_the_settings_allow_it(
    opened: Any, procedure: Path, open_ids: list[str], act: Callable[..., Review]
) -> None:
    async with opened(workspace=procedure) as off:
        waiting = await first(off, open_ids, eligible)
        assert waiting.status is RunStatus.WAITING
        assert waiting.due_at is not None
        assert waiting.due_at > waiting.case.opened_at
    async with opened(workspace=procedure, automatic=True, enforce=True) as on:
        known = calibration(waiting)
        await on.store.calibrations.put(known)
        passed = await on.investigate(waiting.case.case_id, Wish(sop="again", again=True))
        assert (passed.status, passed.automatic, passed.reviews) == (RunStatus.DONE, True, ())
        assert passed.decision is not None
        assert waiting.decision is not None
        assert passed.decision.route is Route.AUTO
        assert passed.decision.confidence == pytest.approx(0.731, abs=0.001)
        assert passed.decision.calibration == known.digest
        assert passed.proposed is not None
        assert passed.proposed.confidence == passed.decision.confidence
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


async def test_nothing_passes_that_is_not_proven(
    opened: Any, procedure: Path, open_ids: list[str]
) -> None:
    """Each case reads the calibration anew: what changes holds from the next case on."""
    async with opened(workspace=procedure) as off:
        waiting = await first(off, open_ids, eligible)
    again = Wish(sop="again", again=True)
    async with opened(workspace=procedure, automatic=True) as on:
        calibrations = on.store.calibrations

        async def why() -> list[str]:
            run = await on.investigate(waiting.case.case_id, again)
            assert (run.status is RunStatus.DONE) == run.automatic == (not objections(run))
            return objections(run)

        assert await why() == ["no calibration stands for this graph version"]
        await calibrations.put(calibration(waiting, threshold=0.9))
        assert await why() == ["a confidence of 0.731, under the threshold of 0.900"]
        await calibrations.put(calibration(waiting, threshold=None))
        assert "no threshold keeps the error" in (await why())[0]
        known = calibration(waiting)
        await calibrations.put(known)
        assert await why() == []
        entry = SwitchedOff(
            version=known.version,
            calibration=known.digest,
            at=known.made_at,
            looked=9,
            errors=3,
            evidence=50.0,
            why="3 of 9 were wrong",
        )
        await calibrations.switch_off(entry)
        assert (await why())[0].endswith("3 of 9 were wrong")
        await calibrations.put(known)  # a new calibration alone does not switch it on
        assert len(await why()) == 1
        await calibrations.put(known.model_copy(update={"reopened": True}))
        assert await why() == []
        stale = known.model_copy(update={"expires_at": known.made_at, "reopened": True})
        await calibrations.put(stale)
        assert (await why())[0].startswith("the calibration expired on")


async def test_a_proposal_outlives_what_a_reviewer_makes_of_it(
    opened: Any, procedure: Path, open_ids: list[str], act: Callable[..., Review]
) -> None:
    async with opened(workspace=procedure) as house:
        waiting = await house.investigate(open_ids[0], AGAIN)
        assert waiting.decision is not None
        other = "partial" if waiting.decision.outcome != "partial" else "uphold"
        review = act("edit", "E1", outcome=other, note="so")
        done = await house.review(open_ids[0], review)
        assert done.decision is not None
        assert done.proposed is not None
        assert done.decision.outcome == other
        assert done.proposed.outcome == waiting.decision.outcome
        assert done.proposed.profile.row == waiting.decision.row


async def test_the_first_of_a_version_are_all_looked_at(
    opened: Any, procedure: Path, open_ids: list[str]
) -> None:
    file = procedure / "sops" / "again" / "sop.yaml"
    text = file.read_text("utf-8")
    file.write_text(text.replace("automatic: 1,", "automatic: 0, first: 2,"), "utf-8")
    async with opened(workspace=procedure) as off:
        waiting = await first(off, open_ids, eligible)
    async with opened(workspace=procedure, automatic=True) as on:
        await on.store.calibrations.put(calibration(waiting))
        wish = Wish(sop="again", again=True)
        runs = [await on.investigate(waiting.case.case_id, wish) for _ in range(3)]
    assert [run.automatic for run in runs] == [True] * 3
    assert [run.second_look for run in runs] == [True, True, False]


async def test_what_passed_is_carried_out_to_the_end_whatever_is_switched_off_meanwhile(
    opened: Any, procedure: Path, open_ids: list[str], wire: Any
) -> None:
    file = procedure / "sops" / "again" / "sop.yaml"
    file.write_text(file.read_text("utf-8") + TOLD, "utf-8")
    async with opened(workspace=procedure) as off:
        waiting = await first(off, open_ids, eligible)
    case_id, again = waiting.case.case_id, Wish(sop="again", again=True)
    async with opened(workspace=procedure, automatic=True, enforce=True) as on:
        await on.store.calibrations.put(calibration(waiting))
        wire.broken = "/notices"
        with pytest.raises(EnforcementFailed):
            await on.investigate(case_id, again)
        stopped = await on.store.latest_run(case_id)
        asked = len(wire.paths)
    wire.broken = ""
    async with opened(workspace=procedure, automatic=False, enforce=True) as on:
        done = await on.investigate(case_id)
        audited = await on.store.audited(case_id)
    assert stopped
    assert (stopped.status, stopped.automatic) == (RunStatus.FAILED, True)
    assert (done.status, done.automatic, done.run_id) == (RunStatus.DONE, True, stopped.run_id)
    assert done.decision == stopped.decision
    assert {one.status for one in done.enforced} == {"done"}
    assert len(wire.paths) == asked + len(done.enforced)  # nothing was fetched again
    assert audited.faults == ()
