"""From the outbox to the marketplace: late enough to be undone, once, until its end is known."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from casewright.audit import Kind
from casewright.enforcement import in_force
from casewright.errors import EnforcementFailed, UsageError
from casewright.models import Review, Run, RunStatus, Undone
from graphs.deliver import LONGEST_PAUSE, STUCK_AFTER, deliver_due, pause
from graphs.enforce import LATER
from graphs.requests import due_requests, requests_of_case
from graphs.run import Investigator, Wish
from graphs.undo import undoing
from sandbox.server import Endpoint

Act = Callable[..., Review]
Opened = Callable[..., Any]
AGAIN = Wish(sop="again")
E3 = ("edit", "E3")

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


class Clock:
    """A second passes with every look, and as many more as a test says."""

    def __init__(self, start: datetime) -> None:
        self.start, self.ticks, self.more = start, itertools.count(), timedelta(0)

    def __call__(self) -> datetime:
        return self.start + timedelta(seconds=next(self.ticks)) + self.more


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime.fromisoformat("2026-06-10T12:00:00+00:00"))


@pytest.fixture
def procedure(workspace: Path) -> Path:
    """The workspace, its SOP with a side effect and an interim measure."""
    file = workspace / "sops" / "again" / "sop.yaml"
    file.write_text(file.read_text("utf-8") + MORE, "utf-8")
    return workspace


@pytest.fixture
async def on(opened: Opened, procedure: Path) -> AsyncIterator[Investigator]:
    """Enforcement on, with five minutes to undo."""
    async with opened(workspace=procedure, enforce=True, undo_minutes=5) as investigator:
        yield investigator


@pytest.fixture
async def at_once(opened: Opened, procedure: Path) -> AsyncIterator[Investigator]:
    async with opened(workspace=procedure, enforce=True) as investigator:
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


def ends(run: Run) -> list[tuple[str, str]]:
    return [(one.write.do, one.status) for one in run.enforced]


def kinds(found: list[tuple[str, Any]]) -> list[str]:
    return [kind for kind, _ in found]


async def latest(investigator: Investigator, case_id: str) -> Run:
    run = await investigator.store.latest_run(case_id)
    assert run is not None
    return run


async def overturned(investigator: Investigator, case_id: str, act: Act) -> Run:
    await investigator.investigate(case_id, AGAIN)
    return await investigator.review(case_id, act(*E3, outcome="overturn"))


def by(name: str, at: datetime) -> Undone:
    return Undone(by=name, why="It was the wrong case.", reviews=0, at=at)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_what_is_decided_waits_and_is_sent_when_it_is_due(
    on: Investigator, open_ids: list[str], act: Act, written: Any, clock: Clock
) -> None:
    case_id = open_ids[0]
    run = await overturned(on, case_id, act)
    assert run.status is RunStatus.DONE
    assert kinds(written(run)) == ["suspend"]
    waits = await on.store.outbox.all(case_id)
    assert {one.do for one in waits} == {"lift_suspension", "void_points", "send_notice"}
    assert (await deliver_due(on)).done == 0
    assert await due_requests(on.store, clock()) == []
    clock.more = timedelta(minutes=5)
    shown = await due_requests(on.store, clock())
    assert [one["path"] for one in shown] == [
        "/v1/enforcement/lift_suspension", "/v1/enforcement/void_points", "/v1/notices"
    ]  # fmt: skip
    assert (await deliver_due(on)).done == 3
    run = await latest(on, case_id)
    assert kinds(written(run)) == ["suspend", "lift_suspension", "void_points", "notice"]
    sent = [one for one in run.enforced if one.write.purpose != "interim"]
    assert [one["key"] for one in shown] == [one.write.key for one in sent]
    assert await on.store.outbox.all() == ()
    assert (await deliver_due(on)).done == 0
    assert (await on.store.audited()).faults == ()


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_a_refusal_ends_and_a_failure_is_tried_with_growing_pauses(
    on: Investigator, open_ids: list[str], act: Act, wire: Any, clock: Clock, written: Any
) -> None:
    run = await overturned(on, open_ids[0], act)
    clock.more = timedelta(minutes=5)
    wire.broken, wire.refused = "/void_points", "/notices"
    found = await deliver_due(on)
    assert (found.done, found.refused, found.failed) == (1, 1, 1)
    assert (await deliver_due(on)).failed == 0  # it has a pause
    for _ in range(STUCK_AFTER - 1):
        clock.more += LONGEST_PAUSE
        found = await deliver_due(on)
        assert found.failed == 1
    assert [(one.do, one.attempts, one.last_error) for one in found.stuck] == [
        ("void_points", STUCK_AFTER, "down")
    ]
    events = await on.store.log.of(open_ids[0])
    told = [one for one in events if one.body.get("status") == "failed"]
    assert len(told) == 1  # the same failure again is no news
    wire.broken = ""
    clock.more += LONGEST_PAUSE
    assert (await deliver_due(on)).done == 1
    assert kinds(written(await latest(on, open_ids[0]))).count("void_points") == 1
    assert run.status is RunStatus.DONE


def test_pauses_double_up_to_an_hour() -> None:
    seconds = [pause(number).total_seconds() for number in (1, 2, 3, 7, 8, 100)]
    assert seconds == [30, 60, 120, 1920, 3600, 3600]


async def test_what_failed_in_the_graph_is_finished_from_the_outbox(
    at_once: Investigator, open_ids: list[str], act: Act, wire: Any, clock: Clock, written: Any
) -> None:
    await at_once.investigate(open_ids[0], AGAIN)
    wire.broken = "/void_points"
    with pytest.raises(EnforcementFailed):
        await at_once.review(open_ids[0], act(*E3, outcome="overturn"))
    wire.broken = ""
    clock.more = timedelta(minutes=2)
    assert (await deliver_due(at_once)).done == 1
    run = await latest(at_once, open_ids[0])
    assert (run.status, run.error) == (RunStatus.DONE, "")
    assert kinds(written(run)) == ["suspend", "lift_suspension", "notice", "void_points"]
    assert await at_once.investigate(open_ids[0]) == run


async def test_two_deliverers_send_each_write_once(
    opened: Opened, procedure: Path, open_ids: list[str], act: Act, clock: Clock, written: Any
) -> None:
    async with AsyncExitStack() as stack:
        two = [
            await stack.enter_async_context(
                opened(workspace=procedure, enforce=True, undo_minutes=5)
            )
            for _ in range(2)
        ]
        run = await overturned(two[0], open_ids[0], act)
        clock.more = timedelta(minutes=5)
        found = await asyncio.gather(*map(deliver_due, two))
        assert sum(one.done for one in found) == 3
        assert len(written(run)) == 4


async def test_undone_before_anything_was_sent_nothing_is(
    on: Investigator, open_ids: list[str], act: Act, clock: Clock, written: Any
) -> None:
    case_id = open_ids[0]
    proposed = await on.investigate(case_id, AGAIN)
    await on.review(case_id, act(*E3, outcome="overturn"))
    told = await undoing(await latest(on, case_id), on.services)
    assert {one.how for one in told.effects} == {"withdrawn"}
    assert not told.sent
    run = await on.undo(case_id, by("ana", clock()))
    assert run.status is RunStatus.WAITING
    assert run.decision == proposed.decision
    assert await on.store.outbox.all(case_id) == ()
    assert [status for do, status in ends(run) if do != "suspend"] == ["withdrawn"] * 3
    clock.more = timedelta(hours=1)
    assert (await deliver_due(on)).done == 0
    assert kinds(written(run)) == ["suspend"]
    assert run.standing == ()
    assert len(run.reviews) == 1
    events = await on.store.log.of(case_id)
    assert [one.actor.id for one in events if one.kind is Kind.REOPENED] == ["ana"]
    assert events[-1].kind is Kind.WAITING
    assert (await on.store.audited()).faults == ()


async def test_decided_again_the_same_is_done_under_another_key(
    on: Investigator, open_ids: list[str], act: Act, clock: Clock, written: Any
) -> None:
    case_id = open_ids[0]
    await overturned(on, case_id, act)
    await on.undo(case_id, by("ana", clock()))
    await on.review(case_id, act(*E3, outcome="overturn"))
    clock.more = timedelta(minutes=5)
    assert (await deliver_due(on)).done == 3
    run = await latest(on, case_id)
    assert kinds(written(run)) == ["suspend", "lift_suspension", "void_points", "notice"]
    assert (await on.store.audited()).faults == ()


async def test_undone_afterwards_what_can_be_taken_back_is(
    at_once: Investigator, open_ids: list[str], act: Act, clock: Clock, written: Any
) -> None:
    case_id = open_ids[0]
    done = await overturned(at_once, case_id, act)
    told = await undoing(done, at_once.services)
    assert [(one.write.do, one.how, one.by and one.by.do) for one in told.effects] == [
        ("lift_suspension", "restored", None),
        ("void_points", "compensated", "add_points"),
        ("send_notice", "compensated", "send_notice"),
    ]
    with pytest.raises(UsageError, match="carried out already"):
        await at_once.undo(case_id, by("ana", clock()))
    assert await latest(at_once, case_id) == done
    run = await at_once.undo(case_id, by("ana", clock()), sent=True)
    assert run.status is RunStatus.WAITING
    assert kinds(written(run))[4:] == ["notice", "add_points", "suspend"]
    void, again = written(run)[2][1], written(run)[5][1]
    assert again["violation_id"] == void["violation_id"]
    assert again["points"] >= 1
    await at_once.review(case_id, act(*E3, outcome="uphold"))
    assert (await at_once.store.audited()).faults == ()


async def test_what_may_have_been_done_is_found_out_before_it_is_taken_back(
    at_once: Investigator, open_ids: list[str], act: Act, wire: Any, clock: Clock, written: Any
) -> None:
    case_id = open_ids[0]
    await at_once.investigate(case_id, AGAIN)
    wire.swallowed = "/void_points"
    with pytest.raises(EnforcementFailed):
        await at_once.review(case_id, act(*E3, outcome="overturn"))
    run = await at_once.undo(case_id, by("ana", clock()), sent=True)
    assert run.status is RunStatus.WAITING
    assert "add_points" not in kinds(written(run))
    [held] = [one for one in run.enforced if one.write.name == "paused" and one.pending]
    assert held.reason == LATER
    # Nothing of the new decision goes out before the old one is taken back.
    with pytest.raises(EnforcementFailed):
        await at_once.review(case_id, act("edit", "E3", outcome="uphold"))
    wire.swallowed = ""
    clock.more = LONGEST_PAUSE
    await deliver_due(at_once)
    run = await latest(at_once, case_id)
    assert kinds(written(run)).count("void_points") == 1
    assert kinds(written(run))[-3:] == ["add_points", "suspend", "notice"]
    assert run.status is RunStatus.DONE
    assert (await at_once.store.audited()).faults == ()


async def test_a_case_can_be_undone_again(
    on: Investigator, open_ids: list[str], act: Act, clock: Clock, written: Any
) -> None:
    case_id = open_ids[0]
    await overturned(on, case_id, act)
    for _ in range(2):
        clock.more += timedelta(minutes=6)
        await deliver_due(on)
        await on.undo(case_id, by("ana", clock()), sent=True)
        await on.review(case_id, act(*E3, outcome="overturn"))
    run = await latest(on, case_id)
    found = kinds(written(run))
    assert (found.count("void_points"), found.count("add_points")) == (2, 2)
    assert len(run.undone) == 2
    assert (await on.store.audited()).faults == ()


async def test_only_what_was_decided_can_be_undone(
    on: Investigator, open_ids: list[str], clock: Clock
) -> None:
    for _ in range(2):
        with pytest.raises(UsageError, match="nothing to undo"):
            await on.undo(open_ids[0], by("ana", clock()))
        await on.investigate(open_ids[0], AGAIN)


async def test_what_would_be_sent_is_shown_before_anybody_decides(
    on: Investigator, open_ids: list[str], act: Act
) -> None:
    run = await on.investigate(open_ids[0], AGAIN)
    for case_id in open_ids[1:]:
        if run.decision and run.decision.enforcement:
            break
        run = await on.investigate(case_id, AGAIN)
    shown = await requests_of_case(on.store, run.case.case_id)
    done = await on.review(run.case.case_id, act("approve", "A1"))
    plan = {one.write.key for one in done.enforced}
    assert {one["key"] for one in shown} <= plan
    assert all(one["method"] == "POST" for one in shown if not one["lacks"])


ACTS = ("overturn", "uphold", "correct", "undo", "deliver", "wait")
FAULTS = ("break", "lose", "refuse", "mend")


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    minutes=st.sampled_from([0, 5]),
    steps=st.lists(st.sampled_from(ACTS + FAULTS), min_size=3, max_size=9),
)
@example(minutes=0, steps=["lose", "overturn", "undo", "overturn", "mend", "undo", "uphold"])
@example(minutes=5, steps=["overturn", "wait", "break", "deliver", "undo", "overturn", "mend"])
def test_whatever_is_done_and_fails_each_write_is_done_once_and_the_record_says_so(
    opened: Opened,
    procedure: Path,
    open_ids: list[str],
    act: Act,
    wire: Any,
    clock: Clock,
    written: Any,
    tmp_path_factory: pytest.TempPathFactory,
    minutes: int,
    steps: list[str],
) -> None:
    async def work() -> None:
        over = type(wire)()
        home = tmp_path_factory.mktemp("home")
        how = {"workspace": procedure, "enforce": True, "undo_minutes": minutes}
        try:
            async with opened(elsewhere=(home, over), **how) as investigator:
                await investigator.investigate(open_ids[0], AGAIN)
                for step in steps:
                    await taken(step, investigator, over)
                over.broken = over.swallowed = over.refused = ""
                await told_truly(investigator)
        finally:
            await over.inner.aclose()

    async def taken(step: str, investigator: Investigator, over: Any) -> None:
        case_id = open_ids[0]
        with suppress(EnforcementFailed, UsageError):  # a run that waits for no review, and so on
            match step:
                case "overturn" | "uphold":
                    await investigator.review(case_id, act("edit", "E3", outcome=step))
                case "correct":
                    facts = {"platform_fault": len(steps) % 2 == 0}
                    await investigator.review(case_id, act("edit", "E4", factors=facts))
                case "undo":
                    await investigator.undo(case_id, by("ana", clock()), sent=True)
                case "deliver":
                    await deliver_due(investigator)
                case "wait":
                    clock.more += LONGEST_PAUSE
                case "mend":
                    over.broken = over.swallowed = over.refused = ""
                case "break":
                    over.broken = "/void_points"
                case "lose":
                    over.swallowed = "/enforcement/"
                case "refuse":
                    over.refused = "/notices"

    async def told_truly(investigator: Investigator) -> None:
        with suppress(EnforcementFailed):
            await investigator.investigate(open_ids[0])
        for _ in range(3):
            clock.more += LONGEST_PAUSE
            await deliver_due(investigator)
        run = await latest(investigator, open_ids[0])
        assert await investigator.store.outbox.all() == ()
        done = [one for one in run.enforced if one.status == "done"]
        assert not [one for one in run.enforced if one.open]
        there = written(run)
        assert len(there) == len(done)
        assert suspended(there) is ("paused" in in_force(run.enforced))
        decided = run.standing[-1] if run.standing else None
        overturned = run.status is RunStatus.DONE and decided and decided.outcome == "overturn"
        assert voided(there) == int(bool(overturned))
        assert (await investigator.store.audited()).faults == ()

    asyncio.run(work())


def voided(found: list[tuple[str, Any]]) -> int:
    """How often more points were voided than given again."""
    names = kinds(found)
    return names.count("void_points") - names.count("add_points")


def suspended(found: list[tuple[str, Any]]) -> bool:
    """Whether the seller is suspended after all that."""
    turns = [kind for kind in kinds(found) if kind in ("suspend", "lift_suspension")]
    return bool(turns) and turns[-1] == "suspend"
