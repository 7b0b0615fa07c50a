"""Asking before deciding: what a question does to the run, the queue, the clock and the log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import SecretStr

from casewright.asking import Arrival, Question, QuestionChange
from casewright.audit import Kind
from casewright.clock import utc_now
from casewright.enforcement import PlannedAction
from casewright.errors import UsageError
from casewright.models import (
    Case,
    Claim,
    ClaimChange,
    Decision,
    Money,
    Review,
    ReviewAct,
    Run,
    RunStatus,
)
from casewright.settings import Settings
from casewright.waiting import Wanted
from graphs.act import reworded
from graphs.inquiry import asking, ended, withdrawn
from graphs.policy import Policy
from graphs.run import Investigator, open_investigator
from graphs.sop import Sop
from graphs.verify import verify
from review.desk import Desk
from sandbox.server import Endpoint

ASK = ReviewAct.REQUEST_INFORMATION
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def own(tmp_path: Path, marketplace: Endpoint) -> Settings:
    """Settings with a home folder of the test's own, and enforcement on."""
    return Settings(
        home=tmp_path / "home",
        source_url=marketplace.base_url,
        source_token=SecretStr(marketplace.read_token),
        enforce_token=SecretStr(marketplace.enforce_token),
        enforce="on",
        source_timeout_s=60,
    )


@pytest.fixture
async def investigator(own: Settings) -> AsyncIterator[Investigator]:
    async with open_investigator(own) as investigator:
        yield investigator


@pytest.fixture
async def desk(investigator: Investigator, plain_case: str) -> Desk:
    """A desk whose reviewer has the plain case at the gate."""
    await investigator.investigate(plain_case)
    return Desk(investigator, "ana", utc_now)


@pytest.fixture
def put(marketplace: Endpoint) -> Callable[[Run], list[Any]]:
    """The information requests that the marketplace has of a run."""

    def put(run: Run) -> list[Any]:
        answer = httpx.get(
            f"{marketplace.base_url}/_sandbox/writes",
            headers={"Authorization": f"Bearer {marketplace.read_token}"},
            trust_env=False,
        )
        keys = {one.write.key for one in run.enforced}
        return [one["body"] for one in answer.json()["items"] if one["key"] in keys]

    return put


def question(**changed: Any) -> Question:
    given = {"to": "seller", "question": "Please send the receipt.", "days": 7, "factor": ""}
    return Question.model_validate({**given, **changed})


async def test_a_question_goes_out_and_the_case_waits_on_hold(
    desk: Desk, plain_case: str, put: Callable[[Run], list[Any]]
) -> None:
    before = await desk.show(plain_case)
    run = await desk.act(plain_case, ASK, ["Q1"], asked=question(factor="handover_proved"))
    assert run.status is RunStatus.WAITING
    assert run.awaiting is not None
    assert run.decision == before.decision
    assert before.due_at is not None
    assert run.due_at == before.due_at + timedelta(days=7)
    (body,) = put(run)
    assert (body["party"], body["party_id"]) == ("seller", run.case.seller_id)
    assert body["question"] == "Please send the receipt."
    place = await desk.place(plain_case)
    assert place is not None
    assert place.held_for == "an answer: seller"
    assert place.claimed_by == ""
    assert (await desk.queue(Wanted(held=False))).total == 0
    assert (await desk.queue(Wanted(held=True))).total == 1


async def test_the_log_tells_who_asked_whom_and_not_what(
    investigator: Investigator, desk: Desk, plain_case: str
) -> None:
    await desk.act(plain_case, ASK, ["Q2"], asked=question())
    events = await investigator.store.log.of(plain_case)
    asked = next(one for one in events if one.kind is Kind.ASKED)
    assert (asked.actor.id, asked.body["to"]) == ("ana", "seller")
    assert "receipt" not in asked.model_dump_json()
    assert (await investigator.store.audited()).faults == ()


@pytest.mark.parametrize(
    ("code", "to", "party", "party_id"),
    [("Q3", "carrier", "platform", "carrier"), ("Q4", "team", "platform", "team")],
)
async def test_others_are_asked_through_the_platforms_desks(
    desk: Desk, plain_case: str, put: Any, code: str, to: str, party: str, party_id: str
) -> None:
    run = await desk.act(plain_case, ASK, [code], asked=question(to=to))
    (body,) = put(run)
    assert (body["party"], body["party_id"]) == (party, party_id)


@pytest.mark.parametrize(
    ("codes", "asked", "told"),
    [
        ([], question(), "needs a reason code"),
        (["A1"], question(), "Q1"),
        (["Q3"], question(), "asks carrier or brand"),
        (["Q1"], None, "says whom it asks"),
        (["Q1"], question(factor="handover"), "handover"),
        (["Q2"], question(to="buyer", question="Did it arrive?", factor="nope"), "nope"),
    ],
)
async def test_what_does_not_fit_is_refused_and_nothing_is_asked(
    desk: Desk, plain_case: str, codes: list[str], asked: Question | None, told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        await desk.act(plain_case, ASK, codes, asked=asked)
    run = await desk.show(plain_case)
    assert (run.awaiting, run.reviews) == (None, ())


async def test_one_question_is_out_at_a_time(desk: Desk, plain_case: str) -> None:
    await desk.act(plain_case, ASK, ["Q1"], asked=question())
    with pytest.raises(UsageError, match="waits for an answer already"):
        await desk.act(plain_case, ASK, ["Q1"], asked=question(question="And the label?"))


async def test_with_enforcement_off_the_question_is_planned(
    own: Settings, plain_case: str, put: Any
) -> None:
    async with open_investigator(own.model_copy(update={"enforce": "off"})) as off:
        await off.investigate(plain_case)
        desk = Desk(off, "ana", utc_now)
        run = await desk.act(plain_case, ASK, ["Q1"], asked=question())
        assert run.awaiting is not None
        assert [(one.write.do, one.status) for one in run.enforced] == [
            ("request_information", "planned")
        ]
        assert put(run) == []
        done = await desk.act(plain_case, ReviewAct.APPROVE, ["A1"])
    # Turned on later, what nobody waits for any more is not sent.
    async with open_investigator(own) as on:
        assert await on.investigate(plain_case) == done
    assert put(done) == []


async def test_approving_goes_on_without_the_answer(desk: Desk, plain_case: str) -> None:
    before = await desk.show(plain_case)
    await desk.act(plain_case, ASK, ["Q1"], asked=question(factor="handover_proved"))
    done = await desk.act(plain_case, ReviewAct.APPROVE, ["A1"])
    assert (done.status, done.awaiting) == (RunStatus.DONE, None)
    (over,) = done.awaited
    assert over.ended == "withdrawn"
    assert before.due_at is not None
    assert over.at is not None
    assert done.due_at == before.due_at + (over.at - over.since)
    assert done.asked == {}


async def test_an_escalation_leaves_the_question_out(desk: Desk, plain_case: str) -> None:
    asked = await desk.act(plain_case, ASK, ["Q1"], asked=question())
    run = await desk.act(plain_case, ReviewAct.ESCALATE, ["X1"])
    assert run.awaiting == asked.awaiting
    assert run.due_at == asked.due_at
    place = await desk.place(plain_case)
    assert place is not None
    assert place.held_until is not None


async def test_after_a_correction_it_is_off_hold(desk: Desk, plain_case: str) -> None:
    await desk.act(plain_case, ASK, ["Q1"], asked=question())
    factors = {"platform_fault": True}
    run = await desk.act(plain_case, ReviewAct.EDIT, ["E4"], factors=factors)
    assert (run.status, run.awaiting) == (RunStatus.WAITING, None)
    place = await desk.place(plain_case)
    assert place is not None
    assert place.held_until is None


# Words.


async def test_a_claim_is_worded_anew_and_keeps_its_proof(desk: Desk, plain_case: str) -> None:
    before = await desk.show(plain_case)
    assert before.decision is not None
    words = {1: "The parcel was handed over late, as its first scan shows."}
    done = await desk.act(plain_case, ReviewAct.APPROVE, ["A3"], claims=words)
    assert done.status is RunStatus.DONE
    assert done.decision is not None
    then, now = before.decision.claims[0], done.decision.claims[0]
    assert (now.sentence, now.by) == (words[1], "ana")
    assert now.citations == then.citations
    assert done.decision.claims[1:] == before.decision.claims[1:]


async def test_what_the_decision_rests_on_is_not_struck(desk: Desk, plain_case: str) -> None:
    run = await desk.show(plain_case)
    assert run.decision is not None
    claims = run.decision.claims
    ground = next(n for n, one in enumerate(claims, start=1) if one.rests)
    with pytest.raises(UsageError, match="rests on claim"):
        await desk.act(plain_case, ReviewAct.EDIT, ["E3"], claims={ground: ""})


def test_what_stands_beside_the_decision_can_be_struck() -> None:
    claims = (Claim(sentence="The ground."), Claim(sentence="Beside it.", rests=False))
    decision = Decision(outcome="uphold", row=1, factors=(), claims=claims, graph_version="x@1+a")
    change = ClaimChange(number=2, was="Beside it.")
    review = Review(act=ReviewAct.EDIT, codes=("E3",), reviewer="ana", claims=(change,), at=NOON)
    struck = reworded(decision, review)
    assert struck.claims[1].struck == "struck by ana"
    # Verifying again does not bring it back, whatever it cites.
    assert verify(struck, {}, Policy(name="x", clauses=(), values={})).claims[1] == struck.claims[1]
    with pytest.raises(UsageError, match="struck already"):
        reworded(struck, review)
    moved = decision.model_copy(update={"claims": claims[::-1]})
    with pytest.raises(UsageError, match="is not what it was"):
        reworded(moved, review)


async def test_words_are_not_changed_by_a_plain_approval(desk: Desk, plain_case: str) -> None:
    with pytest.raises(UsageError, match="code A3"):
        await desk.act(plain_case, ReviewAct.APPROVE, ["A1"], claims={1: "Other words."})
    with pytest.raises(UsageError, match="no claim 99"):
        await desk.act(plain_case, ReviewAct.APPROVE, ["A3"], claims={99: "Other words."})
    changes = [QuestionChange(number=1, question="What?")]
    with pytest.raises(UsageError, match="asks nobody"):
        await desk.act(plain_case, ReviewAct.EDIT, ["E5"], questions=changes)
    with pytest.raises(UsageError, match="so name one"):
        await desk.act(
            plain_case, ReviewAct.EDIT, ["E3"], outcome="partial", claims={1: "Other words."}
        )


def test_a_review_without_any_of_it_reads_as_it_always_did() -> None:
    review = Review(act=ReviewAct.APPROVE, codes=("A1",), reviewer="ana", at=NOON)
    assert set(review.model_dump(mode="json")) == {
        "act", "codes", "reviewer", "note", "outcome", "factors", "parameters", "at"
    }  # fmt: skip


# The clock, as properties.


def waiting_run() -> Run:
    case = Case(
        case_id="case_1",
        case_type="appeal.late_dispatch",
        subject={},
        seller_id="sel_1",
        region="US",
        channel="appeal",
        opened_at=NOON,
        impact=Money(cents=100, currency="USD"),
    )
    return Run(
        run_id="r1",
        case=case,
        sop="late_shipment_appeal",
        graph_version="late_shipment_appeal@1+ab",
        as_of=NOON,
        status=RunStatus.WAITING,
        due_at=NOON + timedelta(hours=72),
        started_at=NOON,
        updated_at=NOON,
    )


@pytest.fixture(scope="module")
def late() -> Sop:
    async def loaded() -> Sop:
        from casewright.registry import load_plugins
        from graphs.catalog import Catalog
        from tools.base import Tool

        return Catalog(load_plugins().all("tool", Tool), None).load("late_shipment_appeal")

    return asyncio.run(loaded())


@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rounds=st.lists(
        st.tuples(
            st.integers(1, 30),
            st.integers(-3_600, 40 * 86_400),
            st.sampled_from(["answered", "lapsed", "told", "withdrawn"]),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_the_due_time_moves_exactly_by_the_time_waited(
    late: Sop, rounds: list[tuple[int, int, str]]
) -> None:
    run, now, moved = waiting_run(), NOON, timedelta(0)
    for number, (days, seconds, how) in enumerate(rounds):
        before = run.due_at
        assert before is not None
        asked = question(days=days, question=f"Question {number}")
        review = Review(act=ASK, codes=("Q1",), reviewer="ana", asked=asked, at=now)
        key = f"{number:064x}"
        write = PlannedAction(do="request_information", purpose="inquiry", key=key)
        run = asking(run, review, write, now, late)
        assert run.due_at == before + timedelta(days=days)
        later = now + timedelta(seconds=seconds)
        if how == "withdrawn":
            act = Review(act=ReviewAct.REJECT, codes=("R1",), reviewer="ana", at=later)
            run = withdrawn(run, act)
        else:
            by, end = ("bo", "answered") if how == "told" else ("", how)
            arrival = Arrival.model_validate({"key": key, "ended": end, "at": later, "by": by})
            run = ended(run, arrival)
            assert ended(run, arrival) == run
        waited = min(max(timedelta(seconds=seconds), timedelta(0)), timedelta(days=days))
        moved += waited
        assert run.due_at == before + waited
        assert (run.awaiting, run.paused, run.pause) == (None, moved, moved)
        now = max(later, now)
    assert Run.model_validate_json(run.model_dump_json()) == run
