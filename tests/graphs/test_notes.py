"""Notes of experts: they reach the cases they are about, settle factors, and are cited."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from casewright.models import Case, Cost, Note, NoteScope, ReviewAct, Route
from graphs.assess import assess
from graphs.decide import Given, decide
from graphs.facts import Facts
from graphs.notes import fault_in, noted, settled
from graphs.route import Clearance, route
from graphs.run import Wish
from graphs.sop import Sop
from graphs.verify import verify

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PAID = datetime(2026, 4, 20, 9, tzinfo=UTC)
"""The day of the fact in the answers by hand."""

Opened = Callable[..., Any]


def note(note_id: str = "N-1", *, factor: str = "", value: Any = None, **scope: Any) -> Note:
    return Note(
        note_id=note_id,
        text="Swift scanned twice in April.",
        author="ana",
        reason="the carrier wrote",
        scope=NoteScope(**scope),
        factor=factor,
        value=value,
        written_at=NOW - DAY,
    )


@pytest.fixture
def facts(small: Sop, case: Case, answers: dict[str, Any], facts_of: Any) -> Facts:
    found: Facts = facts_of(small, case, **answers)
    return found


@pytest.mark.parametrize(
    ("scope", "about"),
    [
        ({}, True),
        ({"case_types": ("appeal.small",), "regions": ("EU", "US")}, True),
        ({"case_types": ("appeal.large",)}, False),
        ({"regions": ("EU",)}, False),
        ({"since": PAID, "until": PAID + DAY}, True),
        ({"since": PAID + DAY}, False),
        ({"until": PAID}, False),
        ({"when": 'order.carrier == "Swift" && case.region == "US"'}, True),
        ({"when": 'order.carrier == "Slow"'}, False),
        ({"when": 'order.tracking_no == "T1"'}, False),  # absent: not known to hold
    ],
)
def test_a_note_is_about_the_cases_of_its_scope(
    facts: Facts, scope: dict[str, Any], about: bool
) -> None:
    assert bool(noted([note(**scope)], facts, NOW)) is about


def decided(facts: Facts, *notes: Note) -> Any:
    frozen = noted(notes, facts, NOW)
    factors = settled(assess(facts), frozen)
    return decide(facts, Given(factors, None, Cost(), "v", notes=frozen)), frozen


def test_a_note_settles_a_factor_and_the_table_decides_with_it(facts: Facts) -> None:
    plain, _ = decided(facts)
    assert plain.outcome == "overturn"
    decision, frozen = decided(facts, note(factor="in_time", value=False))
    assert decision.outcome == "uphold"
    factor = decision.factor("in_time")
    assert (factor.value, factor.by) == (False, "human")
    assert factor.reason == "note N-1 by ana: the carrier wrote"
    (claim,) = [one for one in decision.claims if one.factor == "in_time"]
    assert claim.sentence == "in_time: no (note N-1 by ana: the carrier wrote)."
    assert {one.reference for one in claim.citations} == {frozen[0].digest}
    assert decision.notes[0].factor == "in_time"


def test_what_a_note_makes_unknown_is_asked_for(facts: Facts) -> None:
    decision, _ = decided(facts, note(factor="in_time"))
    assert decision.outcome == "request_information"
    assert decision.missing[0].factor == "in_time"
    assert decision.factor("in_time").by == "human"


def test_the_later_of_two_notes_goes(facts: Facts) -> None:
    first, second = (
        note("N-1", factor="in_time", value=False),
        note("N-2", factor="in_time", value=True),
    )
    decision, _ = decided(facts, first, second)
    assert decision.outcome == "overturn"
    assert "N-2" in decision.factor("in_time").reason
    assert [one.note_id for one in decision.notes] == ["N-1", "N-2"]


def test_advice_changes_nothing_but_who_looks(facts: Facts) -> None:
    plain, _ = decided(facts)
    decision, frozen = decided(facts, note())
    assert (decision.outcome, decision.row) == (plain.outcome, plain.row)
    told = "ana notes: Swift scanned twice in April. (the carrier wrote)"
    assert told in [one.sentence for one in decision.claims]
    stored = {
        **{one.digest: one for one in frozen},
        **facts.evidence,
        facts.case.digest: facts.case,
    }
    assert not any(one.struck for one in verify(decision, stored, facts.sop.policy).claims)
    assert plain.route is Route.AUTO
    open_ = Clearance(automatic=True, unproven="")
    routed = route(facts, decision, floor=Route.AUTO, clearance=open_)
    assert routed.route is Route.REVIEW
    assert "review: note N-1" in routed.reasons


def test_a_note_that_was_changed_in_the_store_is_struck(facts: Facts) -> None:
    decision, frozen = decided(facts, note())
    other = frozen[0].model_copy(update={"data": {**(frozen[0].data or {}), "text": "Other."}})
    stored = {**facts.evidence, facts.case.digest: facts.case, other.digest: other}
    checked = verify(decision, stored, facts.sop.policy)
    assert [one.struck for one in checked.claims if "notes:" in one.sentence] != [""]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"factor": "lost"}, "small has no factor lost"),
        ({"factor": "in_time", "value": 3}, "in_time is yes or no"),
        ({"factor": "blames_carrier"}, "blames_carrier is a question"),
        ({"when": "parcel.lost"}, "parcel"),
        ({"when": "order.no_such_field"}, "no_such_field"),
        ({"when": "order.carrier =="}, "order.carrier =="),
        ({"when": "order.carrier > 3"}, "compares"),
        ({"when": "order.carrier"}, "not true or false"),
        ({"when": "policy.altered_limit > 0"}, "policy"),
    ],
)
def test_a_note_that_a_procedure_cannot_read_settles_nothing_and_says_why(
    facts: Facts, small: Sop, wrong: dict[str, Any], told: str
) -> None:
    unread = note(**wrong)
    assert told in fault_in(unread, small)
    decision, _ = decided(facts, unread)
    assert decision.outcome == "overturn"
    assert decision.notes[0].factor == ""
    assert "it could not be applied" in " ".join(one.sentence for one in decision.claims)


async def test_a_note_takes_effect_on_the_next_case_without_a_new_version(
    opened: Opened, plain_case: str, act: Callable[..., Any]
) -> None:
    """Written, it settles a factor; as of an earlier moment, or withdrawn, it does not."""
    async with opened() as investigator:
        first = await investigator.investigate(plain_case)
        name = "platform_fault"
        before = first.decision.factor(name).value
        written = first.as_of + DAY
        told = note(
            factor=name,
            value=not before,
            case_types=("appeal.late_dispatch",),
            when="order.paid_at < case.as_of",
        ).model_copy(update={"written_at": written})
        await investigator.store.notes.put(told)

        async def again(as_of: datetime) -> Any:
            return await investigator.investigate(plain_case, Wish(as_of=as_of, again=True))

        noted = await again(written)
        factor = noted.decision.factor(name)
        assert (factor.value, factor.by) == (not before, "human")
        assert noted.graph_version == first.graph_version
        assert not any(claim.struck for claim in noted.decision.claims)
        cited = await investigator.store.evidence(noted.decision.notes[0].digest)
        assert (cited.data or {})["author"] == "ana"
        assert (await again(written - DAY / 2)).decision.factor(name).by == "rule"
        await investigator.store.notes.withdraw("N-1", by="bo", reason="no", at=written + DAY)
        assert (await again(written + 2 * DAY)).decision.notes == ()
        # Resumed at the gate, a run keeps the notes it was decided with.
        held = await again(written + DAY / 2)
        done = await investigator.review(
            plain_case, act(ReviewAct.EDIT, "E4", factors={"in_window": False})
        )
        assert done.decision.notes == held.decision.notes
