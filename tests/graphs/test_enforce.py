"""From the gate to the marketplace: planned, carried out once, taken back, never lost."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from casewright.errors import EnforcementFailed, SopError
from casewright.models import Review, Run, RunStatus
from graphs.catalog import Catalog
from graphs.run import Investigator, Wish
from sandbox.server import Endpoint
from tools.base import Tool

Act = Callable[..., Review]
Opened = Callable[..., Any]

MORE = """\
side_effects:
  told:
    on: [overturn, uphold]
    do: send_notice
    with:
      party: '"seller"'
      party_id: appeal.seller_id
      text: '"We have decided your appeal."'
interim:
  paused:
    if: case.impact_cents >= 0 && !platform_fault
    do: suspend
    with: {seller_ids: '[appeal.seller_id]'}
    undo: {do: lift_suspension, with: {seller_ids: '[appeal.seller_id]'}}
    keep_on: [uphold]
"""


@pytest.fixture
def procedure(workspace: Path) -> Path:
    """The workspace, its SOP with a side effect and an interim measure."""
    file = workspace / "sops" / "again" / "sop.yaml"
    file.write_text(file.read_text("utf-8") + MORE, "utf-8")
    return workspace


@pytest.fixture
async def on(opened: Opened, procedure: Path) -> AsyncIterator[Investigator]:
    async with opened(workspace=procedure, enforce=True) as investigator:
        yield investigator


@pytest.fixture
async def off(opened: Opened, procedure: Path) -> AsyncIterator[Investigator]:
    async with opened(workspace=procedure) as investigator:
        yield investigator


@pytest.fixture
def written(marketplace: Endpoint) -> Callable[[Run], list[tuple[str, Any]]]:
    """What the marketplace did for a run, oldest first: kind and arguments."""

    def written(run: Run) -> list[tuple[str, Any]]:
        answer = httpx.get(
            f"{marketplace.base_url}/_sandbox/writes",
            headers={"Authorization": f"Bearer {marketplace.read_token}"},
            trust_env=False,
        )
        keys = {one.write.key for one in run.enforced}
        items = (one for one in answer.json()["items"] if one["key"] in keys)
        return [(one["kind"], one["body"]) for one in items]

    return written


AGAIN = Wish(sop="again")
E3 = ("edit", "E3")


def ends(run: Run) -> list[tuple[str, str, str]]:
    return [(one.write.purpose, one.write.do, one.status) for one in run.enforced]


async def test_off_nothing_is_written_and_all_is_shown(
    off: Investigator, open_ids: list[str], act: Act, written: Any
) -> None:
    await off.investigate(open_ids[0], AGAIN)
    done = await off.review(open_ids[0], act(*E3, outcome="overturn"))
    assert done.status is RunStatus.DONE
    assert ends(done) == [
        ("interim", "suspend", "planned"),
        ("outcome", "void_points", "planned"),
        ("side_effect", "send_notice", "planned"),
    ]
    assert written(done) == []


async def test_a_measure_is_taken_before_the_gate_and_back_after_it(
    on: Investigator, open_ids: list[str], act: Act, written: Any
) -> None:
    run = await on.investigate(open_ids[0], AGAIN)
    assert run.status is RunStatus.WAITING
    assert ends(run) == [("interim", "suspend", "done")]
    seller = {"seller_ids": [run.case.seller_id]}
    assert written(run) == [("suspend", seller)]
    done = await on.review(open_ids[0], act(*E3, outcome="overturn"))
    assert done.status is RunStatus.DONE
    assert [kind for kind, _ in written(done)] == [
        "suspend", "lift_suspension", "void_points", "notice"
    ]  # fmt: skip
    assert written(done)[1] == ("lift_suspension", seller)
    assert all(one.answer["write_id"] for one in done.enforced)
    assert await on.investigate(open_ids[0]) == done


async def test_a_measure_that_the_outcome_keeps_stays(
    on: Investigator, open_ids: list[str], act: Act, written: Any
) -> None:
    await on.investigate(open_ids[0], AGAIN)
    done = await on.review(open_ids[0], act(*E3, outcome="uphold"))
    assert [kind for kind, _ in written(done)] == ["suspend", "notice"]


async def test_a_measure_whose_reason_is_gone_is_taken_back_and_may_come_again(
    on: Investigator, open_ids: list[str], act: Act, written: Any
) -> None:
    await on.investigate(open_ids[0], AGAIN)
    for value in (True, False):
        await on.review(open_ids[0], act("edit", "E4", factors={"platform_fault": value}))
    run = await on.store.latest_run(open_ids[0])
    assert run is not None
    assert [kind for kind, _ in written(run)] == ["suspend", "lift_suspension", "suspend"]


async def test_a_newer_run_takes_over_what_is_in_force(
    on: Investigator, open_ids: list[str], act: Act, written: Any
) -> None:
    first = await on.investigate(open_ids[0], AGAIN)
    second = await on.investigate(open_ids[0], Wish(sop="again", again=True))
    assert second.enforced == first.enforced
    done = await on.review(open_ids[0], act(*E3, outcome="partial", parameters={"points": 1}))
    assert [kind for kind, _ in written(done)] == ["suspend", "lift_suspension", "void_points"]


async def test_what_the_marketplace_refuses_is_told_and_the_rest_is_done(
    on: Investigator, open_ids: list[str], act: Act, wire: Any, written: Any
) -> None:
    wire.refused = "/void_points"
    await on.investigate(open_ids[0], AGAIN)
    done = await on.review(open_ids[0], act(*E3, outcome="overturn"))
    assert done.status is RunStatus.DONE
    refused = done.enforced[2]
    assert (refused.status, refused.reason) == ("refused", "stale_version")
    assert "--again" in refused.remedy
    assert done.enforced[3].status == "done"


async def test_what_failed_is_tried_again_and_nothing_is_done_twice(
    on: Investigator, open_ids: list[str], act: Act, wire: Any, written: Any
) -> None:
    await on.investigate(open_ids[0], AGAIN)
    wire.broken = "/void_points"
    with pytest.raises(EnforcementFailed, match="void_points: down"):
        await on.review(open_ids[0], act(*E3, outcome="overturn"))
    failed = await on.store.latest_run(open_ids[0])
    assert failed is not None
    assert failed.status is RunStatus.FAILED
    assert [status for _, _, status in ends(failed)] == ["done", "done", "failed", "done"]
    wire.broken = ""
    done = await on.investigate(open_ids[0])
    assert (done.status, done.error) == (RunStatus.DONE, "")
    assert [status for _, _, status in ends(done)] == ["done"] * 4
    assert len(written(done)) == 4


async def test_a_write_whose_answer_was_lost_is_done_once(
    on: Investigator, open_ids: list[str], act: Act, wire: Any, written: Any
) -> None:
    await on.investigate(open_ids[0], AGAIN)
    wire.swallowed = "/void_points"
    with pytest.raises(EnforcementFailed):
        await on.review(open_ids[0], act(*E3, outcome="overturn"))
    wire.swallowed = ""
    done = await on.investigate(open_ids[0])
    kinds = [kind for kind, _ in written(done)]
    assert kinds.count("void_points") == 1
    assert done.status is RunStatus.DONE


async def test_an_approved_question_is_put_to_the_party(
    on: Investigator, open_ids: list[str], act: Act, written: Any
) -> None:
    for case_id in open_ids:
        run = await on.investigate(case_id)
        if run.decision and any(one.purpose == "question" for one in run.decision.enforcement):
            break
    else:
        pytest.fail("no case of this world asks a party")
    done = await on.review(case_id, act("approve", "A1"))
    assert run.decision is not None
    asked = [body for kind, body in written(done) if kind == "information_request"]
    told = [one for one in run.decision.missing if one.party != "reviewer"]
    assert [one["question"] for one in asked] == [one.question for one in told]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("on: [overturn, uphold]", "on: [overturn, uphld]", "Did you mean 'uphold'?"),
        ("keep_on: [uphold]", "keep_on: [uphld]", "Did you mean 'uphold'?"),
        ("!platform_fault", "!platform_falt", "platform_falt"),
        ("undo: {do: lift_suspension", "undo: {do: lift", "no write tool 'lift'"),
        ("do: suspend", "do: suspnd", "Did you mean 'suspend'?"),
        ("party_id: appeal.seller_id", "party_id: parameters.who", "no parameter 'who'"),
        ("    undo: {do: lift_suspension, with: {seller_ids: '[appeal.seller_id]'}}\n", "",
         "undo: this key is required"),
    ],
)  # fmt: skip
def test_mistakes_are_told_where_they_stand(
    procedure: Path, tools: dict[str, Tool], old: str, new: str, told: str
) -> None:
    file = procedure / "sops" / "again" / "sop.yaml"
    text = file.read_text("utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(SopError) as caught:
        Catalog(tools, procedure).load("again")
    assert told in str(caught.value)
    assert caught.value.line > text[: text.index("side_effects:")].count("\n")
