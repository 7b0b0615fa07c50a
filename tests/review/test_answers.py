"""What comes back: answers that arrive, answers that never do, and sweeps that are killed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from casewright.asking import Question
from casewright.audit import Kind
from casewright.clock import utc_now
from casewright.errors import SourceUnavailable, UsageError
from casewright.models import ReviewAct, Run, RunStatus
from casewright.settings import Settings
from casewright.store import Store
from casewright.store.work import RunWork
from graphs.answers import take_answers
from graphs.run import Investigator, open_investigator
from review.desk import Desk
from sandbox.server import Endpoint, running

ASK = ReviewAct.REQUEST_INFORMATION


class World:
    """A marketplace of the test's own, whose clock can be moved."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        headers = {"Authorization": f"Bearer {endpoint.read_token}"}
        self._http = httpx.Client(base_url=endpoint.base_url, headers=headers, trust_env=False)

    def get(self, path: str) -> Any:
        return self._http.get(path).raise_for_status().json()

    def write(self, path: str, body: Any, key: str) -> None:
        headers = {"Authorization": f"Bearer {self.endpoint.enforce_token}"}
        headers["Idempotency-Key"] = key
        self._http.post(path, json=body, headers=headers).raise_for_status()

    def now(self) -> datetime:
        return datetime.fromisoformat(self.get("/_sandbox/clock")["now"])

    def move(self, to: datetime) -> None:
        self._http.post("/_sandbox/clock", json={"now": to.isoformat()}).raise_for_status()

    def answer_at(self, case_id: str) -> datetime | None:
        items = self.get("/_sandbox/answers")["items"]
        told = [one["answer_at"] for one in items if one["body"]["case_id"] == case_id]
        return datetime.fromisoformat(told[-1]) if told[-1] else None

    def open_ids(self) -> list[str]:
        items = self.get("/v1/cases?status=open&limit=100")["data"]["items"]
        return [one["case_id"] for one in items]


@pytest.fixture
def own(world: Path) -> Iterator[World]:
    with running(world, rate_limits=False) as endpoint:
        yield World(endpoint)


@pytest.fixture
def home(own: World, tmp_path: Path) -> Settings:
    return Settings(
        home=tmp_path / "home",
        source_url=own.endpoint.base_url,
        source_token=SecretStr(own.endpoint.read_token),
        enforce_token=SecretStr(own.endpoint.enforce_token),
        enforce="on",
        source_timeout_s=60,
    )


@pytest.fixture
async def investigator(own: World, home: Settings) -> AsyncIterator[Investigator]:
    own.move(own.now() + timedelta(days=40))  # after the last case was opened
    async with open_investigator(home) as investigator:
        yield investigator


FACTOR = "handover_proved"


async def lacking(investigator: Investigator, own: World, *, skip: int = 0) -> Run:
    """A late-dispatch case whose seller owes the manifest."""
    for case_id in own.open_ids():
        run = await investigator.investigate(case_id)
        if run.decision and [one.factor for one in run.decision.missing] == [FACTOR]:
            if not skip:
                return run
            skip -= 1
    raise AssertionError("no open case lacks its manifest alone")


async def ask(investigator: Investigator, case_id: str, **changed: Any) -> Run:
    given = {"to": "seller", "question": "The manifest, please.", "days": 7, "factor": FACTOR}
    asked = Question.model_validate({**given, **changed})
    return await Desk(investigator, "ana", utc_now).act(case_id, ASK, ["Q1"], asked=asked)


async def asked_with(
    investigator: Investigator, own: World, *, days: int, answers: bool
) -> tuple[Run, datetime | None]:
    """A case whose seller was asked, and answers within its window or not at all in it."""
    for skip in range(12):
        run = await lacking(investigator, own, skip=skip)
        run = await ask(investigator, run.case.case_id, days=days)
        at = own.answer_at(run.case.case_id)
        assert run.awaiting is not None
        if answers == (at is not None and at < run.awaiting.closes):
            return run, at
    raise AssertionError("no case of this world has a seller of that kind")


async def test_an_answer_brings_the_case_back_with_new_evidence(
    investigator: Investigator, own: World
) -> None:
    asked, at = await asked_with(investigator, own, days=7, answers=True)
    case_id = asked.case.case_id
    assert at is not None
    own.move(at - timedelta(minutes=1))
    early = {one.case_id: one.found for one in await take_answers(investigator)}
    assert early[case_id] == "nothing"

    own.move(at + timedelta(minutes=1))
    found = {one.case_id: one.found for one in await take_answers(investigator)}
    assert found[case_id] == "answered"
    run = await investigator.store.latest_run(case_id)
    assert run is not None
    assert (run.run_id, run.status) == (asked.run_id, RunStatus.WAITING)
    assert run.as_of > asked.as_of or run.decision != asked.decision
    assert run.decision is not None
    assert run.decision.factor(FACTOR).known
    assert run.decision.outcome in ("overturn", "uphold", "partial")
    (over,) = run.awaited
    assert (over.ended, run.awaiting) == ("answered", None)
    words = await investigator.store.evidence(over.answer)
    assert words.untrusted == ("/answer",)
    place = await investigator.store.queue.of(case_id, utc_now())
    assert place is not None
    assert (place.held_until, place.outcome) == (None, run.decision.outcome)
    kinds = [one.kind for one in await investigator.store.log.of(case_id)]
    assert kinds.count(Kind.ASKED) == kinds.count(Kind.ANSWERED) == 1
    assert (await investigator.store.audited()).faults == ()

    # Once and no more: nothing is expected of it, and looking again changes nothing.
    again = await take_answers(investigator)
    assert case_id not in {one.case_id for one in again}
    assert await investigator.store.latest_run(case_id) == run


async def test_a_window_that_closes_in_vain_lets_the_case_be_decided(
    investigator: Investigator, own: World
) -> None:
    asked, _ = await asked_with(investigator, own, days=1, answers=False)
    case_id = asked.case.case_id
    assert asked.awaiting is not None
    own.move(asked.awaiting.closes - timedelta(minutes=1))
    early = {one.case_id: one.found for one in await take_answers(investigator)}
    assert early[case_id] == "nothing"
    own.move(asked.awaiting.closes)
    found = {one.case_id: one.found for one in await take_answers(investigator)}
    assert found[case_id] == "lapsed"
    run = await investigator.store.latest_run(case_id)
    assert run is not None
    assert run.decision is not None
    factor = run.decision.factor(FACTOR)
    assert factor.value is False
    assert factor.reason.startswith("not_supplied: the seller was asked")
    assert run.due_at is not None
    assert asked.due_at is not None
    assert run.due_at == asked.due_at  # the whole window was waited
    assert run.paused == timedelta(days=1)


async def test_what_a_person_corrected_stays_where_its_evidence_is_the_same(
    investigator: Investigator, own: World
) -> None:
    run = await lacking(investigator, own)
    case_id = run.case.case_id
    desk = Desk(investigator, "ana", utc_now)
    await desk.act(case_id, ReviewAct.EDIT, ["E4"], factors={"platform_fault": True, FACTOR: False})
    await ask(investigator, case_id, factor="")
    told = await desk.answered(case_id, "Attached.")
    assert told.decision is not None
    kept = told.decision.factor("platform_fault")
    assert (kept.value, kept.by) == (True, "human")
    assert all(not claim.struck for claim in told.decision.claims)
    (over,) = told.awaited
    assert (over.ended, over.told_by) == ("answered", "ana")
    assert (await investigator.store.evidence(over.answer)).data["answer"] == "Attached."  # type: ignore[index]
    with pytest.raises(UsageError, match="waits for no answer"):
        await desk.answered(case_id)


async def test_a_case_that_was_closed_with_its_question_comes_back(
    investigator: Investigator, own: World
) -> None:
    run = await lacking(investigator, own)
    case_id = run.case.case_id
    desk = Desk(investigator, "ana", utc_now)
    closed = await desk.act(case_id, ReviewAct.APPROVE, ["A1"])
    assert closed.status is RunStatus.DONE
    assert [one.found for one in await take_answers(investigator)] == ["nothing"]
    own.move(own.now() + timedelta(days=30))
    (one,) = [one for one in await take_answers(investigator) if one.case_id == case_id]
    assert one.found in ("answered", "lapsed")
    newer = await investigator.store.latest_run(case_id)
    assert newer is not None
    assert (newer.run_id != closed.run_id, newer.status) == (True, RunStatus.WAITING)
    assert newer.decision is not None
    assert newer.decision.factor(FACTOR).known
    (over,) = newer.awaited
    assert over.ended == one.found
    # Due later by the time waited, and no more: what it waited for nobody's answer counts.
    assert newer.paused == over.waited
    assert newer.due_at is not None
    assert closed.due_at is not None
    assert newer.due_at == closed.due_at + over.waited
    assert await take_answers(investigator) == ()
    assert (await investigator.store.audited()).faults == ()


async def test_a_question_is_put_in_other_words_and_for_longer(
    investigator: Investigator, own: World
) -> None:
    from casewright.asking import QuestionChange

    run = await lacking(investigator, own)
    case_id = run.case.case_id
    change = QuestionChange(number=1, question="The carrier's stamped list, please.", days=14)
    desk = Desk(investigator, "ana", utc_now)
    closed = await desk.act(case_id, ReviewAct.APPROVE, ["A3"], questions=[change])
    (write,) = [one.write for one in closed.enforced if one.write.purpose == "question"]
    assert (write.arguments["question"], write.arguments["answer_days"]) == (change.question, 14)
    own.move(closed.as_of + timedelta(days=8))
    found = [one.found for one in await take_answers(investigator)]
    if own.answer_at(case_id) is None:  # a week is over, and two were given
        assert found == ["nothing"]
    own.move(closed.as_of + timedelta(days=15))
    await take_answers(investigator)
    newer = await investigator.store.latest_run(case_id)
    assert newer is not None
    assert newer.decision is not None
    assert newer.decision.factor(FACTOR).known


class Killed(BaseException):
    """The process is gone; an imitation, since nothing catches it on the way."""


@pytest.mark.parametrize("closed", [False, True])
async def test_a_sweep_killed_at_any_write_and_repeated_does_everything_once(
    investigator: Investigator,
    own: World,
    home: Settings,
    monkeypatch: pytest.MonkeyPatch,
    closed: bool,
) -> None:
    run = await lacking(investigator, own)
    case_id = run.case.case_id
    if closed:
        await Desk(investigator, "ana", utc_now).act(case_id, ReviewAct.APPROVE, ["A1"])
    else:
        await ask(investigator, case_id)
    own.move(own.now() + timedelta(days=30))
    after, kills = False, 0

    def dying(write: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        async def died(*arguments: Any, **named: Any) -> None:
            if after:
                await write(*arguments, **named)
            raise Killed

        return died

    with monkeypatch.context() as patch:
        for owner, name in ((Store, "save_run"), (Store, "enter"), (RunWork, "flush")):
            patch.setattr(owner, name, dying(getattr(owner, name)))
        while kills < 40:  # by turns before the first write of a sweep, and after it
            after = not after
            async with open_investigator(home) as again:
                try:
                    await take_answers(again)
                    break
                except Killed:
                    kills += 1
    async with open_investigator(home) as again:
        await take_answers(again)
        newest = await again.store.latest_run(case_id)
        assert newest is not None
        assert newest.status is RunStatus.WAITING
        assert newest.decision is not None
        assert newest.decision.factor(FACTOR).known
        assert len(newest.awaited) == 1
        runs = [one for one in await again.store.runs() if one.case.case_id == case_id]
        assert len(runs) == 1 + closed
        kinds = [one.kind for one in await again.store.log.of(case_id)]
        assert kinds.count(Kind.ANSWERED) == 1
        assert (await again.store.audited()).faults == ()
        assert await take_answers(again) == ()
    assert kills >= (3 if closed else 11)  # a new run is written when it enters and at its gate
    items = own.get("/_sandbox/writes")["items"]
    assert [one["kind"] for one in items].count("information_request") == 1


async def test_a_question_that_was_interrupted_before_it_went_out_is_put_by_the_sweep(
    investigator: Investigator, own: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await lacking(investigator, own)

    async def dying(*_: Any) -> Run:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(Investigator, "_sent", dying)
        with pytest.raises(Killed):
            await ask(investigator, run.case.case_id)
    assert own.get("/_sandbox/writes")["items"] == []
    for _ in range(2):
        (one,) = await take_answers(investigator)
        assert one.found == "nothing"
    assert [one["kind"] for one in own.get("/_sandbox/writes")["items"]] == ["information_request"]


async def test_what_the_marketplace_will_not_ask_is_not_awaited(
    investigator: Investigator, home: Settings, own: World
) -> None:
    run = await lacking(investigator, own)
    case_id = run.case.case_id
    async with open_investigator(home.model_copy(update={"enforce": "off"})) as off:
        planned = await ask(off, case_id)
    assert planned.awaiting is not None
    notice = {"party": "seller", "party_id": run.case.seller_id, "text": "Something else."}
    own.write("/v1/notices", notice, planned.awaiting.key)
    await take_answers(investigator)
    after = await investigator.store.latest_run(case_id)
    assert after is not None
    assert (after.awaiting, after.due_at, after.paused) == (None, run.due_at, timedelta(0))
    assert after.enforced[-1].reason == "idempotency_key_reused"
    place = await investigator.store.queue.of(case_id, utc_now())
    assert place is not None
    assert place.held_until is None
    assert await take_answers(investigator) == ()


async def test_one_that_fails_is_told_and_the_others_go_on(
    investigator: Investigator, own: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await lacking(investigator, own)
    second = await lacking(investigator, own, skip=1)
    for run in (first, second):
        await ask(investigator, run.case.case_id)
    own.move(own.now() + timedelta(days=30))
    page = investigator.inbox.page

    async def broken(path: str, query: Any, **named: Any) -> Any:
        if query.get("case_id") == first.case.case_id:
            raise SourceUnavailable("away", code="down")
        return await page(path, query, **named)

    monkeypatch.setattr(investigator.inbox, "page", broken)
    found = {one.case_id: one.found for one in await take_answers(investigator)}
    assert found[first.case.case_id] == "failed"
    assert found[second.case.case_id] in ("answered", "lapsed")
    monkeypatch.undo()
    found = {one.case_id: one.found for one in await take_answers(investigator)}
    assert list(found) == [first.case.case_id]
