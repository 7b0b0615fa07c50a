"""Cases through their graphs, over HTTP, with a real store and real checkpoints."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from agents.ledger import note
from agents.reading import Answer, Errand, Question, Reading
from casewright.cost import ModelCall
from casewright.errors import (
    EnvironmentFault,
    EvidenceIncomplete,
    ModelError,
    SourceUnavailable,
    StoreCorrupt,
    UnknownCase,
    UnknownName,
    UsageError,
    VerificationError,
)
from casewright.models import (
    Cost,
    Evidence,
    Review,
    ReviewAct,
    Route,
    Run,
    RunStatus,
)
from casewright.settings import Settings
from casewright.telemetry import Step
from graphs.checkpoints import FILE as CHECKPOINTS
from graphs.run import Investigator, Wish, open_investigator
from knowledge_base.precedents import Precedents

Act = Callable[..., Review]
NODES = ["intake", "gather", "assess", "recall", "read", "decide", "verify", "route"]
QUESTION = "statement_contradicts_scans"


@pytest.fixture
def case_id(plain_case: str) -> str:
    """A case that can be decided without a reader."""
    return plain_case


async def test_a_case_goes_to_the_gate_and_waits(investigator: Investigator, case_id: str) -> None:
    steps: list[Step] = []
    run = await investigator.investigate(case_id, listener=steps.append)
    assert run.status is RunStatus.WAITING
    assert [one.node for one in steps] == NODES
    assert all(one.detail for one in steps)
    decision = run.decision
    assert decision is not None
    assert decision.graph_version == run.graph_version
    assert run.graph_version.startswith("late_shipment_appeal@1+")
    assert decision.route.rank >= Route.REVIEW.rank
    assert decision.cost.tool_calls == 11
    assert decision.cost.model_calls == 0
    stored = await investigator.store.evidence_of(
        {one.reference for one in decision.citations if one.kind == "evidence"}
    )
    assert all(one.intact() for one in stored.values())
    assert await investigator.store.run(run.run_id) == run


async def test_evidence_is_asked_as_of_one_moment(investigator: Investigator, case_id: str) -> None:
    run = await investigator.investigate(case_id)
    assert run.decision is not None
    digests = {c.reference for c in run.decision.citations if c.kind == "evidence"}
    evidence = await investigator.store.evidence_of(digests)
    assert {one.as_of for one in evidence.values()} == {run.as_of}
    assert run.as_of >= run.case.opened_at


async def test_a_wished_moment_counts(investigator: Investigator, case_id: str) -> None:
    first = await investigator.investigate(case_id)
    early = first.case.opened_at
    run = await investigator.investigate(case_id, Wish(as_of=early, again=True))
    assert run.as_of == early


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_an_approved_decision_is_final(
    investigator: Investigator, case_id: str, act: Act
) -> None:
    waiting = await investigator.investigate(case_id)
    review = act("approve", "A1")
    done = await investigator.review(case_id, review)
    assert (done.status, done.decision, done.reviews) == (
        RunStatus.DONE,
        waiting.decision,
        (review,),
    )
    assert await investigator.investigate(case_id) == done


async def test_an_edited_outcome_is_final(
    investigator: Investigator, case_id: str, act: Act
) -> None:
    await investigator.investigate(case_id)
    done = await investigator.review(case_id, act("edit", "E3", outcome="partial"))
    assert done.status is RunStatus.DONE
    assert done.decision is not None
    assert done.decision.outcome == "partial"
    assert done.decision.reasons[-1].startswith("ana changed ")


async def test_with_a_corrected_factor_the_sop_decides_again(
    investigator: Investigator, case_id: str, act: Act
) -> None:
    waiting = await investigator.investigate(case_id)
    assert waiting.decision is not None
    assert waiting.decision.factor("in_window").value is True
    review = act("edit", "E4", factors={"in_window": False}, note="the notice is older")
    again = await investigator.review(case_id, review)
    assert again.status is RunStatus.WAITING
    decision = again.decision
    assert decision is not None
    assert (decision.outcome, decision.row) == ("uphold", 1)
    factor = decision.factor("in_window")
    assert (factor.value, factor.by, factor.reason) == (False, "human", "the notice is older")
    (cited,) = factor.citations
    frozen = await investigator.store.evidence(cited.reference)
    assert frozen.data == review.model_dump(mode="json")
    claim = next(one for one in decision.claims if one.factor == "in_window")
    assert (claim.struck, claim.rests) == ("", True)
    assert cited in claim.citations
    done = await investigator.review(case_id, act("approve", "A1"))
    assert done.decision == decision
    assert [one.act for one in done.reviews] == [ReviewAct.EDIT, ReviewAct.APPROVE]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_a_rejected_case_is_fetched_and_decided_again(
    investigator: Investigator, case_id: str, act: Act, wire: Any
) -> None:
    waiting = await investigator.investigate(case_id)
    assert waiting.decision is not None
    before = len(wire.paths)
    steps: list[Step] = []
    again = await investigator.review(case_id, act("reject", "R1"), listener=steps.append)
    assert again.status is RunStatus.WAITING
    assert [one.node for one in steps] == NODES[1:]
    # The eleven actions, and one look at the source's clock.
    assert len(wire.paths) == before + 12
    assert again.decision is not None
    assert again.decision.cost.tool_calls == 22
    assert again.decision.outcome == waiting.decision.outcome


@pytest.mark.parametrize(
    ("acts", "route"),
    [([["X1"]], Route.SENIOR), ([["X1"], ["X1"]], Route.LEGAL), ([["X2"]], Route.LEGAL)],
)
async def test_an_escalated_case_waits_higher_up(
    investigator: Investigator, case_id: str, act: Act, acts: list[list[str]], route: Route
) -> None:
    run = await investigator.investigate(case_id)
    for codes in acts:
        run = await investigator.review(case_id, act("escalate", *codes))
    assert run.status is RunStatus.WAITING
    assert run.decision is not None
    assert run.decision.route is route
    assert len(run.reviews) == len(acts)


async def test_an_escalated_route_is_not_lowered_by_a_correction(
    investigator: Investigator, case_id: str, act: Act
) -> None:
    await investigator.investigate(case_id)
    await investigator.review(case_id, act("escalate", "X2"))
    run = await investigator.review(case_id, act("edit", "E4", factors={"in_window": False}))
    assert run.decision is not None
    assert run.decision.route is Route.LEGAL


async def test_what_does_not_wait_takes_no_review(
    investigator: Investigator, case_id: str, act: Act
) -> None:
    with pytest.raises(UsageError, match="has never been investigated"):
        await investigator.review(case_id, act("approve", "A1"))
    await investigator.investigate(case_id)
    done = await investigator.review(case_id, act("approve", "A1"))
    with pytest.raises(UsageError, match="it is done"):
        await investigator.review(case_id, act("edit", "E1", outcome="uphold"))
    assert await investigator.store.latest_run(case_id) == done


async def test_the_same_case_twice_is_the_same_run(
    investigator: Investigator, case_id: str, wire: Any
) -> None:
    first = await investigator.investigate(case_id)
    before = len(wire.paths)
    assert await investigator.investigate(case_id) == first
    assert len(wire.paths) == before


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_again_starts_a_new_run_and_takes_the_old_one_out_of_the_queue(
    investigator: Investigator, case_id: str, act: Act
) -> None:
    first = await investigator.investigate(case_id)
    second = await investigator.investigate(case_id, Wish(again=True))
    assert second.run_id != first.run_id
    assert second.decision == first.decision
    old = await investigator.store.run(first.run_id)
    assert old is not None
    assert (old.decision, old.status) == (first.decision, RunStatus.FAILED)
    assert "Superseded" in old.error
    done = await investigator.review(case_id, act("approve", "A1"))
    assert done.run_id == second.run_id
    assert await investigator.store.run(first.run_id) == old


async def test_an_unknown_case_leaves_no_record(investigator: Investigator) -> None:
    with pytest.raises(UnknownCase, match="'case_nope'"):
        await investigator.investigate("case_nope")
    assert await investigator.store.runs() == []


async def test_an_unknown_sop_leaves_no_record(investigator: Investigator, case_id: str) -> None:
    with pytest.raises(UnknownName, match="late_shipment_appeal"):
        await investigator.investigate(case_id, Wish(sop="late_shipment_apeal"))
    assert await investigator.store.runs() == []


# Versions stay pinned.


async def test_a_waiting_run_goes_on_with_the_sop_it_started_with(
    opened: Any, workspace: Path, case_id: str, act: Act
) -> None:
    async with opened(workspace=workspace) as investigator:
        waiting = await investigator.investigate(case_id, Wish(sop="again"))
    file = workspace / "sops" / "again" / "sop.yaml"
    text = file.read_text("utf-8")
    first_row = 'if: "!in_window", then: uphold'
    assert first_row in text
    file.write_text(text.replace(first_row, first_row.replace("uphold", "partial")), "utf-8")
    correct = {"factors": {"in_window": False}}
    async with opened(workspace=workspace) as investigator:
        pinned = await investigator.review(case_id, act("edit", "E4", **correct))
        assert pinned.graph_version == waiting.graph_version
        assert pinned.decision is not None
        assert pinned.decision.outcome == "uphold"
        assert (await investigator.sop_of(pinned)).files["sop.yaml"] == text
        fresh = await investigator.investigate(case_id, Wish(sop="again", again=True))
        assert fresh.graph_version != waiting.graph_version
        changed = await investigator.review(case_id, act("edit", "E4", **correct))
        assert changed.decision is not None
        assert changed.decision.outcome == "partial"


async def test_a_waiting_run_outlives_its_sops_folder(
    opened: Any, workspace: Path, case_id: str, act: Act
) -> None:
    async with opened(workspace=workspace) as investigator:
        await investigator.investigate(case_id, Wish(sop="again"))
    async with opened() as investigator:
        done = await investigator.review(case_id, act("approve", "A1"))
    assert done.status is RunStatus.DONE


# Checkpoints.


def blobs(home: Path) -> bytes:
    with sqlite3.connect(home / CHECKPOINTS) as connection:
        rows = connection.execute("SELECT checkpoint FROM checkpoints").fetchall()
        rows += connection.execute("SELECT value FROM writes").fetchall()
    return b"".join(row[0] for row in rows)


async def test_checkpoints_hold_references_not_bodies(
    opened: Any, case_id: str, home: Path
) -> None:
    async with opened() as investigator:
        await investigator.investigate(case_id)
        evidence = await everything(investigator, home)
    kept = blobs(home)
    assert len(kept) < 30_000
    scans = next(one for one in evidence if one.tool == "list_scans")
    appeal = next(one for one in evidence if one.tool == "get_appeal")
    assert scans.data is not None
    assert appeal.data is not None
    assert str(appeal.data["statement"]).encode() not in kept
    assert b"exception_count" not in kept
    later = [str(one["at"]) for one in scans.data["items"] if one["kind"] == "delivered"]
    assert later
    assert not any(at.encode() in kept for at in later)


async def everything(investigator: Investigator, home: Path) -> list[Evidence]:
    with sqlite3.connect(home / "casewright.sqlite") as connection:
        digests = [row[0] for row in connection.execute("SELECT digest FROM evidence")]
    return list((await investigator.store.evidence_of(digests)).values())


def overwrite(home: Path) -> None:
    for file in home.glob(f"{CHECKPOINTS}*"):
        file.unlink()
    (home / CHECKPOINTS).write_bytes(b"this is not a database" * 100)


async def test_checkpoints_that_are_no_database(opened: Any, case_id: str, home: Path) -> None:
    async with opened() as investigator:
        await investigator.investigate(case_id)
    overwrite(home)
    with pytest.raises(StoreCorrupt, match="checkpoints") as caught:
        async with opened():
            pass
    assert "--again" in caught.value.remedy


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE checkpoints SET checkpoint = x'c1ff00'",
        "UPDATE checkpoints SET type = 'nonsense'",
        "DELETE FROM checkpoints",
    ],
)
async def test_a_checkpoint_that_does_not_read_is_told_and_the_run_still_waits(
    opened: Any, case_id: str, home: Path, act: Act, damage: str
) -> None:
    async with opened() as investigator:
        waiting = await investigator.investigate(case_id)
    with sqlite3.connect(home / CHECKPOINTS) as connection:
        connection.execute(damage)
    async with opened() as investigator:
        with pytest.raises(StoreCorrupt, match="checkpoints"):
            await investigator.review(case_id, act("approve", "A1"))
        assert await investigator.store.latest_run(case_id) == waiting
        # The way out that the error names.
        again = await investigator.investigate(case_id, Wish(again=True))
        assert again.decision == waiting.decision


# Failure and interruption.


async def test_a_failed_action_fails_the_run_and_asks_nobody(
    investigator: Investigator, case_id: str, wire: Any
) -> None:
    wire.broken = "/scans"
    with pytest.raises(EvidenceIncomplete, match="scans: "):
        await investigator.investigate(case_id)
    failed = await investigator.store.latest_run(case_id)
    assert failed is not None
    assert (failed.status, failed.decision) == (RunStatus.FAILED, None)
    assert "scans" in failed.error
    wire.broken = ""
    run = await investigator.investigate(case_id)
    assert run.run_id == failed.run_id
    assert (run.status, run.error) == (RunStatus.WAITING, "")
    other = await investigator.investigate(case_id, Wish(again=True))
    assert run.decision == other.decision


async def test_a_source_that_is_down_lets_no_case_in(
    investigator: Investigator, case_id: str, wire: Any
) -> None:
    wire.broken = "/v1/"
    with pytest.raises(SourceUnavailable):
        await investigator.investigate(case_id)
    assert await investigator.store.runs() == []


async def test_a_rejection_that_cannot_be_fetched_can_be_tried_again(
    investigator: Investigator, case_id: str, wire: Any, act: Act
) -> None:
    await investigator.investigate(case_id)
    wire.broken = "/scans"
    with pytest.raises(EvidenceIncomplete):
        await investigator.review(case_id, act("reject", "R1"))
    wire.broken = ""
    run = await investigator.investigate(case_id)
    assert run.status is RunStatus.WAITING
    assert [one.act for one in run.reviews] == [ReviewAct.REJECT]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_an_interrupted_run_goes_on_to_the_same_decision(
    opened: Any, case_id: str, wire: Any
) -> None:
    async with opened() as investigator:
        wire.held = "/scans"
        task = asyncio.create_task(investigator.investigate(case_id))
        await asyncio.wait_for(wire.reached.wait(), 20)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        stopped = await investigator.store.latest_run(case_id)
    assert stopped is not None
    assert (stopped.status, stopped.decision) == (RunStatus.RUNNING, None)
    wire.held = ""
    async with opened() as investigator:
        resumed = await investigator.investigate(case_id)
        assert (resumed.run_id, resumed.status) == (stopped.run_id, RunStatus.WAITING)
        undisturbed = await investigator.investigate(case_id, Wish(again=True))
        assert resumed.decision == undisturbed.decision


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_a_review_that_was_interrupted_is_carried_out_before_the_next(
    opened: Any, case_id: str, wire: Any, act: Act
) -> None:
    async with opened() as investigator:
        await investigator.investigate(case_id)
        wire.held = "/scans"
        task = asyncio.create_task(investigator.review(case_id, act("reject", "R1")))
        await asyncio.wait_for(wire.reached.wait(), 20)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    wire.held = ""
    before = len(wire.paths)
    async with opened() as investigator:
        done = await investigator.review(case_id, act("approve", "A1"))
    assert done.status is RunStatus.DONE
    assert [one.act for one in done.reviews] == [ReviewAct.REJECT, ReviewAct.APPROVE]
    # The eleven actions of the rejected case, and nothing for the approval.
    assert len(wire.paths) == before + 11


def tamper(home: Path) -> None:
    with sqlite3.connect(home / "casewright.sqlite") as connection:
        connection.execute(
            "UPDATE evidence SET content = replace(content, '\"attempt\":1', '\"attempt\":2')"
        )


async def test_evidence_changed_in_the_store_stops_a_later_process(
    opened: Any, case_id: str, act: Act, home: Path
) -> None:
    async with opened() as investigator:
        await investigator.investigate(case_id)
    tamper(home)
    async with opened() as investigator:
        with pytest.raises(VerificationError, match="changed after it was stored"):
            await investigator.review(case_id, act("edit", "E4", factors={"in_window": False}))
        run = await investigator.store.latest_run(case_id)
    assert run is not None
    assert run.status is RunStatus.FAILED


async def test_claims_on_evidence_changed_in_the_store_are_struck_at_once(
    investigator: Investigator, case_id: str, act: Act, home: Path
) -> None:
    await investigator.investigate(case_id)
    tamper(home)
    run = await investigator.review(case_id, act("edit", "E4", factors={"scan_stalled": False}))
    assert run.decision is not None
    assert any(claim.struck for claim in run.decision.claims)


# Readers.


class ScriptedReader:
    """Stands where a model would: it answers what the test wrote, and is no model."""

    def __init__(self, answer: str = "", quote: str = "", error: Exception | None = None) -> None:
        self.asked: list[Question] = []
        self.errands: list[Errand] = []
        self._answer, self._quote, self._error = answer, quote, error

    async def read(self, questions: Sequence[Question], errand: Errand) -> Reading:
        self.asked += questions
        self.errands.append(errand)
        if self._error:
            raise self._error
        cost = Cost(model_calls=1, tokens_in=100, tokens_out=7)
        (question,) = questions
        passage = next(one for one in question.passages if one.action == "appeal")
        answer = Answer(
            factor=question.factor,
            answer=self._answer,
            quote=self._quote or str(passage.value)[:20],
            digest=passage.digest,
            pointer=passage.pointer,
        )
        return Reading(answers=(answer,), cost=cost)


def question(run: Run) -> Any:
    assert run.decision is not None
    return run.decision.factor(QUESTION)


async def test_without_a_model_the_question_stays_open(
    investigator: Investigator, case_id: str
) -> None:
    run = await investigator.investigate(case_id)
    factor = question(run)
    assert (factor.value, factor.by) == (None, "rule")
    assert factor.reason == "nobody has read the text yet"


class Broken:
    """Asks a model once, and breaks."""

    async def read(self, questions: Sequence[Question], errand: Errand) -> Reading:
        note(ModelCall(endpoint="e", model="m", prompt="a" * 64, response="b" * 64))
        raise EnvironmentFault("It broke.")


async def test_what_a_reader_that_breaks_had_asked_is_in_the_log(opened: Any, case_id: str) -> None:
    async with opened(reader=Broken()) as investigator:
        with pytest.raises(EnvironmentFault):
            await investigator.investigate(case_id)
        events = await investigator.store.log.of(case_id)
        assert [one.kind for one in events[-2:]] == ["model_call", "failed"]
        assert (await investigator.store.audited()).faults == ()


async def test_a_question_whose_text_is_not_there_is_not_asked(
    opened: Any, workspace: Path, case_id: str
) -> None:
    file = workspace / "sops" / "again" / "sop.yaml"
    text = file.read_text("utf-8")
    read = "read: [appeal.statement, scans.items]"
    assert read in text
    file.write_text(text.replace(read, "read: [appeal.prior_decided_at]"), "utf-8")
    reader = ScriptedReader("yes")
    async with opened(workspace=workspace, reader=reader) as investigator:
        run = await investigator.investigate(case_id, Wish(sop="again"))
    assert reader.asked == []
    assert question(run).reason == "appeal.prior_decided_at is absent"


async def test_a_reader_may_look_up_what_records_of_the_case_name(
    opened: Any, case_id: str
) -> None:
    reader = ScriptedReader("yes")
    async with opened(reader=reader) as investigator:
        run = await investigator.investigate(case_id)
    (errand,) = reader.errands
    assert errand.subject == {**run.case.subject, "seller_id": run.case.seller_id}
    assert {record.tool for record in errand.records} >= {"get_appeal", "get_order", "list_scans"}
    assert all(record.intact() for record in errand.records)


@pytest.mark.parametrize(("answer", "value"), [("yes", True), ("no", False)])
async def test_an_answer_with_a_quote_establishes_the_factor(
    opened: Any, case_id: str, answer: str, value: bool
) -> None:
    reader = ScriptedReader(answer)
    async with opened(reader=reader) as investigator:
        run = await investigator.investigate(case_id)
    (asked,) = reader.asked
    assert {one.action for one in asked.passages} == {"appeal", "scans"}
    factor = question(run)
    assert (factor.value, factor.by) == (value, "model")
    (cited,) = factor.citations
    assert cited.excerpt
    assert run.decision is not None
    assert run.decision.cost.tokens_in == 100
    for claim in run.decision.claims:
        assert claim.struck == ""


async def test_a_quote_that_is_not_there_is_struck(opened: Any, case_id: str) -> None:
    """Should a reader ever let one through, the verifier does not."""
    reader = ScriptedReader("yes", quote="I confess everything.")
    async with opened(reader=reader) as investigator:
        run = await investigator.investigate(case_id)
    assert run.decision is not None
    struck = [one for one in run.decision.claims if one.factor == QUESTION]
    assert all("does not contain that quote" in one.struck for one in struck)
    assert not struck or run.decision.outcome == "escalate"


async def test_a_reader_that_fails_leaves_the_question_open_and_says_why(
    opened: Any, case_id: str
) -> None:
    reader = ScriptedReader(error=ModelError("The endpoint answers 500."))
    steps: list[Step] = []
    async with opened(reader=reader) as investigator:
        run = await investigator.investigate(case_id, listener=steps.append)
    factor = question(run)
    assert factor.value is None
    assert factor.reason == "the reader failed: The endpoint answers 500."
    assert run.status is RunStatus.WAITING
    assert "The endpoint answers 500." in steps[4].detail


# Precedents, and all of it opened as the command line does.


async def test_precedents_are_frozen_and_cited(
    opened: Any, open_ids: list[str], remembered: Precedents
) -> None:
    async with opened(precedents=remembered) as investigator:
        run = await investigator.investigate(open_ids[0])
        assert run.decision is not None
        claim = next(one for one in run.decision.claims if "similar closed cases" in one.sentence)
        frozen = await investigator.store.evidence(claim.citations[0].reference)
    assert (claim.rests, claim.struck) == (False, "")
    assert len(run.decision.precedents) == 3
    assert frozen.tool == "recall"
    assert frozen.data is not None
    assert [one["case_id"] for one in frozen.data["items"]] == [
        one.case_id for one in run.decision.precedents
    ]
    assert [one.label for one in claim.citations] == [
        one.case_id for one in run.decision.precedents
    ]
    assert all(one.closed_at < run.as_of for one in run.decision.precedents)


async def test_everything_opens_from_settings_alone(
    settings: Settings, workspace: Path, case_id: str, act: Act
) -> None:
    without = settings.model_copy(update={"precedents": 0})
    async with open_investigator(without, workspace=workspace) as investigator:
        ids = await investigator.open_case_ids("appeal.late_dispatch", 3)
        assert len(ids) == 3
        run = await investigator.investigate(case_id)
        assert run.status is RunStatus.WAITING
    # Reviewing asks no source, so none needs to be set.
    unsourced = without.model_copy(update={"source_url": ""})
    async with open_investigator(unsourced) as investigator:
        done = await investigator.review(case_id, act("approve", "A1"))
        assert done.status is RunStatus.DONE
        with pytest.raises(SourceUnavailable):
            await investigator.investigate("case_other")
