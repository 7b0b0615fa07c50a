from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from casewright.audit import (
    FIRST,
    SYSTEM,
    Actor,
    Happened,
    Kind,
    Place,
    analyst,
    as_json,
    written,
)
from casewright.canonical import digest_of
from casewright.chain import faults
from casewright.cost import ModelCall
from casewright.enforcement import Enforced, PlannedAction
from casewright.happenings import SUPERSEDED, TOUCHED, Writing, happenings, record_digest
from casewright.models import (
    ActionRecord,
    Citation,
    Claim,
    Decision,
    Factor,
    Review,
    ReviewAct,
    Route,
    Run,
    RunStatus,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
BODIES = st.dictionaries(TEXT, TEXT | NUMBERS | st.booleans() | st.none() | st.lists(TEXT))


@given(TEXT, TEXT, TEXT.filter(bool), BODIES, st.datetimes())
@hypothesis(deadline=None, max_examples=60)
def test_the_hash_is_that_of_the_canonical_json(
    case_id: str, run_id: str, name: str, body: dict[str, Any], at: Any
) -> None:
    from datetime import UTC

    actor = Actor(role=name, id=name)
    moment = at.replace(tzinfo=UTC)
    happened = Happened(kind=Kind.VIEWED, at=moment, actor=actor, body=body)
    row = FIRST.put(case_id, run_id, happened)
    told = dict(as_json(row.event()))
    del told["hash"]
    assert row.hash == digest_of(told)
    assert written(row.event()) == row


def chain(noon: Any, *case_ids: str) -> list[Any]:
    ends: dict[str, Place] = {}
    rows: list[Any] = []
    for number, case_id in enumerate(case_ids):
        held = ends.get(case_id, FIRST)
        last = rows[-1] if rows else None
        place = Place(number + 1, last.hash if last else FIRST.before, *held[2:])
        rows.append(place.put(case_id, "r", Happened(kind=Kind.VIEWED, at=noon)))
        ends[case_id] = place.after(rows[-1])
    return rows


def test_a_chain_over_several_cases_holds(noon: Any) -> None:
    rows = chain(noon, "A", "B", "A", "A", "B")
    assert list(faults(rows)) == []
    assert list(faults([row for row in rows if row.case_id == "A"], whole=False)) == []


def test_what_is_written_anew_is_found_by_what_follows(noon: Any) -> None:
    rows = chain(noon, "A", "B", "A")
    forged = rows[0]._replace(actor="somebody else")
    rows[0] = forged._replace(hash=forged.computed())
    found = list(faults(rows))
    assert [(one.case_id, one.number) for one in found] == [("B", 1), ("A", 2)]
    assert all("written anew" in one.wrong or "follows another" in one.wrong for one in found)


# what happened


def decision(**changes: Any) -> Decision:
    cited = Citation(
        kind="evidence", reference="c" * 64, pointer="/name", quote="Ann Lee", label="x"
    )
    content: dict[str, Any] = {
        "outcome": "uphold",
        "row": 1,
        "factors": (
            Factor(name="late", value=True, citations=(cited,)),
            Factor(name="carrier", value="dhl"),
            Factor(name="said", value="It was Ann Lee of 12 Mill Lane."),
        ),
        "claims": (Claim(sentence="Ann Lee was late.", citations=(cited,)),),
        "graph_version": "x@1+0",
    }
    return Decision(**(content | changes))


def kinds(before: Run | None, after: Run, **more: Any) -> list[Kind]:
    return [one.kind for one in happenings(Writing(before, after, **more))]


@pytest.fixture
def decided(make_run: Callable[..., Run]) -> Run:
    return make_run(decision=decision())


def test_a_case_enters_with_who_ran_it(make_run: Callable[..., Run]) -> None:
    (entered,) = happenings(Writing(None, make_run(), actor=analyst("ana"), files="f" * 64))
    assert (entered.kind, entered.actor) == (Kind.ENTERED, Actor(role="analyst", id="ana"))
    assert entered.body["files"] == "f" * 64
    assert entered.body["record"] == record_digest(make_run())


def test_a_record_that_was_only_touched_tells_nothing(make_run: Callable[..., Run]) -> None:
    run = make_run()
    later = run.model_copy(update={"updated_at": run.updated_at + timedelta(hours=1)})
    assert kinds(run, later, held=run.model_dump_json()) == []
    assert TOUCHED in Run.model_fields


def test_whatever_else_changes_is_told(make_run: Callable[..., Run], noon: Any) -> None:
    run = make_run()
    changed = run.model_copy(update={"asked": {"late": noon}})
    (told,) = happenings(Writing(run, changed, held=run.model_dump_json()))
    assert (told.kind, told.body["fields"]) == (Kind.CHANGED, ["asked"])


def test_a_decision_is_told_with_its_facts_and_calls(
    make_run: Callable[..., Run], noon: Any
) -> None:
    call = ModelCall(endpoint="e", model="m", tokens_in=9, prompt="a" * 64, response="b" * 64)
    before = make_run()
    after = make_run(decision=decision(calls=(call, call)))
    found = happenings(Writing(before, after))
    assert [one.kind for one in found] == [
        Kind.MODEL_CALL, Kind.MODEL_CALL, Kind.FACTORS, Kind.PROPOSED
    ]  # fmt: skip
    assert found[0].body["prompt"] == "a" * 64
    values = {one["name"]: one["value"] for one in found[2].body["factors"]}
    assert values["late"] is True
    assert values["carrier"] == "dhl"
    assert found[3].body["citations"] == ["c" * 64]


def test_no_words_of_a_party_are_in_the_log(make_run: Callable[..., Run], noon: Any) -> None:
    case = make_run().case.model_copy(update={"text": "I am Ann Lee."})
    note = Review(
        act=ReviewAct.APPROVE, codes=("A2",), reviewer="qa", note="Ann Lee is right", at=noon
    )
    write = PlannedAction(do="send_notice", arguments={"text": "Dear Ann Lee"}, key="d" * 64)
    done = Enforced(write=write, status="done", answer={"to": "Ann Lee"}, at=noon)
    after = make_run(
        case=case,
        decision=decision(reasons=("Ann Lee said so",)),
        reviews=(note,),
        enforced=(done,),
        status=RunStatus.FAILED,
        error="Ann Lee could not be found.",
    )
    found = happenings(Writing(None, after))
    assert {Kind.REVIEWED, Kind.ENFORCED, Kind.FAILED} <= {one.kind for one in found}
    told = "".join(one.model_dump_json() for one in found)
    assert "Ann" not in told
    assert "Mill" not in told


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"decision": decision(route=Route.SENIOR)}, [Kind.ROUTED]),
        ({"decision": decision(reasons=("a note",))}, [Kind.ROUTED]),
        ({"decision": decision(outcome="overturn")}, [Kind.PROPOSED]),
        ({"decision": decision(factors=(Factor(name="late"),))}, [Kind.FACTORS, Kind.PROPOSED]),
        ({"status": RunStatus.WAITING}, [Kind.WAITING]),
        ({"status": RunStatus.DONE}, [Kind.CLOSED]),
        ({"status": RunStatus.FAILED, "error": "no"}, [Kind.FAILED]),
        ({"status": RunStatus.FAILED, "error": SUPERSEDED}, [Kind.SUPERSEDED]),
    ],
)
def test_each_change_has_its_kind(
    decided: Run, change: dict[str, Any], expected: list[Kind]
) -> None:
    assert kinds(decided, decided.model_copy(update=change)) == expected


def test_what_a_closing_review_leaves_is_decided_not_proposed(decided: Run, noon: Any) -> None:
    edit = Review(act=ReviewAct.EDIT, codes=("E2",), reviewer="qa", outcome="overturn", at=noon)
    reviewed = decided.model_copy(update={"reviews": (edit,)})
    closed = reviewed.model_copy(
        update={"decision": decision(outcome="overturn"), "status": RunStatus.DONE}
    )
    (first,) = happenings(Writing(decided, reviewed))
    assert (first.kind, first.actor.id, first.actor.role) == (Kind.REVIEWED, "qa", "reviewer")
    assert kinds(reviewed, closed) == [Kind.DECIDED, Kind.CLOSED]


def test_a_review_that_is_written_again_happened_once(decided: Run, noon: Any) -> None:
    review = Review(act=ReviewAct.APPROVE, codes=("A1",), reviewer="qa", at=noon)
    reviewed = decided.model_copy(update={"reviews": (review,)})
    again = {"review": review, "held": reviewed.model_dump_json()}
    assert kinds(reviewed, reviewed, **again) == []


def test_a_write_is_told_each_time_it_ends_otherwise(decided: Run, noon: Any) -> None:
    write = PlannedAction(do="remove_listing", purpose="interim", key="d" * 64)
    back = PlannedAction(do="restore_listing", purpose="undo", key="e" * 64)
    planned, done, undone = (
        decided.model_copy(update={"enforced": log})
        for log in (
            (Enforced(write=write),),
            (Enforced(write=write, status="done", at=noon),),
            (
                Enforced(write=write, status="done", at=noon),
                Enforced(write=back, status="done", at=noon),
            ),
        )
    )
    assert kinds(decided, planned) == [Kind.PLANNED]
    assert kinds(planned, done) == [Kind.ENFORCED]
    assert kinds(done, undone) == [Kind.UNDONE]


def test_each_action_is_told_with_its_digests(decided: Run, noon: Any) -> None:
    record = ActionRecord(
        action="scans", status="ok", digest="a" * 64, parts=("b" * 64,), retrieved_at=noon
    )
    (told,) = happenings(Writing(decided, decided, actions=[record]))
    assert told.body["digest"] == "a" * 64
    assert told.body["parts"] == ["b" * 64]
    assert told.actor == SYSTEM
