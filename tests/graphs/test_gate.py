"""What passes without a person, what never does, by when a case is due, what is looked at again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casewright.enforcement import Parameter, PlannedAction
from casewright.errors import SopError
from casewright.models import Case, Claim, Cost, Decision, Factor, Money, Route
from graphs.due import due_at
from graphs.facts import Facts
from graphs.gate import DEFAULT_SLA, DueSpec, GateSpec
from graphs.load import load_sop
from graphs.route import Clearance, route
from graphs.sampling import drawn
from graphs.sop import Sop
from tools.base import Tool

OPEN = Clearance(automatic=True, unproven="")
AUTO = "auto: {when: appeal.attempt == 1}\n  auto_outcomes: [overturn]"

Load = Callable[..., Sop]


@pytest.fixture
def load(files: dict[str, str], tools: dict[str, Tool]) -> Load:
    def load(gate: str = AUTO, *changes: tuple[str, str]) -> Sop:
        text = files["sop.yaml"].replace("auto: never", gate)
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        return load_sop({**files, "sop.yaml": text}, tools, folder="small")

    return load


@pytest.fixture
def easy(case: Case) -> Case:
    """A case that nothing speaks against passing."""
    return case.model_copy(update={"channel": "batch"})


@pytest.fixture
def facts(load: Load, facts_of: Any, easy: Case, answers: dict[str, Any]) -> Facts:
    found: Facts = facts_of(load(), easy, **answers)
    return found


def decision(**changes: Any) -> Decision:
    plain: dict[str, Any] = {
        "outcome": "overturn",
        "row": 2,
        "factors": (),
        "flags": (Factor(name="addresses_reviewer", value=False),),
        "claims": (),
        "route": Route.AUTO,
        "cost": Cost(),
        "graph_version": "small@1+abc",
        "stability": 2,
    }
    return Decision(**{**plain, **changes})


def passed(facts: Facts, made: Decision | None = None, clearance: Clearance = OPEN) -> Decision:
    return route(facts, made or decision(), floor=Route.AUTO, clearance=clearance)


def test_what_nothing_speaks_against_passes(facts: Facts) -> None:
    routed = passed(facts)
    assert (routed.route, routed.reasons) == (Route.AUTO, ())


def write(do: str, **arguments: Any) -> PlannedAction:
    return PlannedAction(do=do, arguments=arguments, key="ab" * 32)


STRUCK = Claim(sentence="x", struck="y", rests=False)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"outcome": "uphold"}, "uphold is not among the outcomes that may pass"),
        ({"stability": 1}, "a stability of 1, under the floor of 2"),
        ({"claims": (STRUCK,)}, "a struck claim"),
        ({"enforcement": (write("suspend", seller_ids=["s"]),)}, "a sanction"),
        ({"enforcement": (write("refund").model_copy(update={"lacks": ("x",)}),)},
         "a write that lacks something"),
        ({"parameters": (Parameter(name="n", reason="unknown"),)}, "an unknown parameter"),
    ],
)  # fmt: skip
def test_a_decision_of_this_kind_waits(facts: Facts, changes: Any, reason: str) -> None:
    routed = passed(facts, decision(**changes))
    assert routed.route is Route.REVIEW
    assert routed.reasons == (f"not automatic: {reason}",)


@pytest.mark.parametrize("start", [Route.REVIEW, Route.SENIOR, Route.LEGAL])
def test_no_row_but_an_eligible_one_passes(facts: Facts, start: Route) -> None:
    assert passed(facts, decision(route=start)).route is start


def test_a_flag_waits(facts: Facts) -> None:
    flag = Factor(name="ids_in_text_foreign", value=True)
    routed = passed(facts, decision(flags=(flag,)))
    assert (routed.route, routed.reasons) == (Route.REVIEW, ("review: ids_in_text_foreign",))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"channel": "appeal", "region": "EU"}, "an appeal in EU"),
        ({"channel": "appeal", "region": "UK"}, "an appeal in UK"),
        ({"text": "I will kill myself."}, "a threat to life, self-harm or a minor"),
        ({"text": "La clienta es menor de edad."}, "a threat to life, self-harm or a minor"),
        ({"text": "我不想活了。"}, "a threat to life, self-harm or a minor"),
        ({"seller_id": "sel_press"}, "a protected party"),
        ({"linked_seller_ids": ("sel_press",)}, "a protected party"),
        ({"case_type": "product.safety"}, "injuries that nobody could rule out"),
        ({"case_type": "payout.hold_release", "impact": Money(cents=500_001, currency="USD")},
         "more than 5,000 held or released"),
        ({"case_type": "integrity.linked_accounts"}, None),
        ({"channel": "appeal", "region": "US"}, None),
    ],
)  # fmt: skip
def test_a_case_of_this_kind_waits(
    load: Load, facts_of: Any, easy: Case, answers: dict[str, Any], change: Any, reason: str | None
) -> None:
    changed = Case.model_validate({**easy.model_dump(), **change})
    sop = load(AUTO, ("senior_if: case.impact_cents > 500000", "senior_if: 'false'"))
    clearance = replace(OPEN, protected=frozenset({"sel_press"}))
    routed = passed(facts_of(sop, changed, **answers), clearance=clearance)
    assert routed.reasons == ((f"not automatic: {reason}",) if reason else ())
    assert routed.route is (Route.REVIEW if reason else Route.AUTO)


def test_the_regulatory_channel_waits_without_the_sop_saying_so(
    load: Load, facts_of: Any, easy: Case, answers: dict[str, Any]
) -> None:
    sop = load(AUTO, ('legal_if: case.channel == "regulatory"', ""))
    asked = easy.model_copy(update={"channel": "regulatory"})
    routed = passed(facts_of(sop, asked, **answers))
    assert routed.reasons == ("not automatic: regulatory channel",)


def test_a_second_appeal_waits(
    load: Load, facts_of: Any, easy: Case, answers: dict[str, Any]
) -> None:
    sop = load("auto: {when: 'true'}\n  auto_outcomes: [overturn]")
    answers["appeal"] = {**answers["appeal"], "attempt": 2}
    routed = passed(facts_of(sop, easy, **answers))
    assert routed.reasons == ("not automatic: a second appeal",)


def test_an_extended_sanction_waits_by_its_case_type(
    load: Load, facts_of: Any, easy: Case, answers: dict[str, Any]
) -> None:
    text = ("outcomes: [overturn, uphold]", "outcomes: [overturn, uphold, confirm]")
    sop = load(AUTO.replace("[overturn]", "[confirm]"), text)
    linked = easy.model_copy(update={"case_type": "integrity.linked_accounts"})
    routed = passed(facts_of(sop, linked, **answers), decision(outcome="confirm"))
    assert routed.reasons == ("not automatic: a sanction",)


@pytest.mark.parametrize(("start", "waits"), [("2026-05-28", True), ("2026-05-27", False)])
def test_a_clause_that_is_new_waits(
    files: dict[str, str], tools: dict[str, Tool], facts_of: Any, easy: Case,
    answers: dict[str, Any], start: str, waits: bool,
) -> None:  # fmt: skip
    policy = files["policy.md"] + f"\n## SHIP-4.1 · from {start} · regions MX\n\nAnother text.\n"
    text = files["sop.yaml"].replace("auto: never", AUTO)
    sop = load_sop({"sop.yaml": text, "policy.md": policy}, tools, folder="small")
    # Facts are as of 2026-06-10, so the fourteen days begin on 2026-05-28.
    routed = passed(facts_of(sop, easy, **answers))
    told = "not automatic: clause SHIP-4.1, changed in the last 14 days"
    assert routed.reasons == ((told,) if waits else ())


@pytest.mark.parametrize(
    ("clearance", "reason"),
    [
        (Clearance(unproven=""), "the setting `automatic` is off"),
        (replace(OPEN, reviewed=True), "a person has acted on it"),
        (Clearance(automatic=True), "no calibration stands for this graph version"),
        (replace(OPEN, unproven="it expired"), "it expired"),
    ],
)
def test_the_team_has_the_last_word(facts: Facts, clearance: Clearance, reason: str) -> None:
    routed = passed(facts, clearance=clearance)
    assert (routed.route, routed.reasons) == (Route.REVIEW, (f"not automatic: {reason}",))


def test_a_condition_that_is_unknown_waits(
    load: Load, facts_of: Any, easy: Case, answers: dict[str, Any]
) -> None:
    sop = load("auto: {when: docs.n_altered == 0}\n  auto_outcomes: [overturn]")
    known = {name: answer for name, answer in answers.items() if name != "docs"}
    routed = passed(facts_of(sop, easy, **known, docs="still_scanning"))
    assert routed.reasons == ("not automatic: `docs.n_altered == 0` is not known to hold",)


def test_a_gate_that_passes_nothing_says_nothing(
    small: Sop, facts_of: Any, easy: Case, answers: dict[str, Any]
) -> None:
    routed = passed(facts_of(small, easy, **answers))
    assert (routed.route, routed.reasons) == (Route.REVIEW, ())


@pytest.mark.parametrize(
    ("gate", "told"),
    [
        ("auto: always", "'never'"),
        ("auto: {when: appeal.attempt == 1}", "go together"),
        ("auto_outcomes: [overturn]", "go together"),
        (AUTO.replace("attempt", "atempt"), "Did you mean 'attempt'?"),
        (AUTO.replace("[overturn]", "[overturnd]"), "Did you mean 'overturn'?"),
        (AUTO.replace("appeal.attempt == 1", "appeal.attempt"), "is wanted here"),
        (AUTO.replace("[overturn]", "[escalate]"), "no outcome 'escalate'"),
        ("stability_floor: 0", "greater than or equal to 1"),
        ("sampling: {automatic: 2}", "less than or equal to 1"),
        ("sla: {mail: [{within: 1h}]}", "'batch'"),
        ("sla: {batch: [{within: soon}]}", "should match pattern"),
        ("sla: {batch: [{under: 5, within: 1h}]}", "has no `under`"),
        ("sla: {batch: [{under: 9, within: 1h}, {under: 5, within: 2h}, {within: 3h}]}", "rise"),
    ],
)
def test_mistakes_are_told_where_they_stand(load: Load, gate: str, told: str) -> None:
    with pytest.raises(SopError) as caught:
        load(gate)
    assert told in str(caught.value)
    assert caught.value.line > 60


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("channel", "cents", "opened", "due"),
    [
        ("batch", 49_999, "2026-06-01T08:00", "2026-06-04T08:00"),
        ("batch", 50_000, "2026-06-01T08:00", "2026-06-03T08:00"),
        ("appeal", 500_000, "2026-06-01T08:00", "2026-06-02T08:00"),
        ("on-call", 1, "2026-06-06T08:00", "2026-06-07T08:00"),
        # Monday to Monday; from a Friday on; from a Saturday on.
        ("regulatory", 1, "2026-06-01T08:00", "2026-06-08T08:00"),
        ("regulatory", 1, "2026-06-05T08:00", "2026-06-12T08:00"),
        ("regulatory", 1, "2026-06-06T08:00", "2026-06-12T08:00"),
    ],
)
def test_when_a_case_is_due(case: Case, channel: str, cents: int, opened: str, due: str) -> None:
    found = Case.model_validate(
        {
            **case.model_dump(),
            "channel": channel,
            "impact": {"cents": cents, "currency": "USD"},
            "opened_at": at(opened),
        }
    )
    assert due_at(GateSpec(), found) == at(due)


def test_an_sop_has_times_of_its_own(case: Case) -> None:
    gate = GateSpec(sla={"appeal": (DueSpec(under=1_000, within="1wd"), DueSpec(within="90m"))})
    assert due_at(gate, case) == case.opened_at + timedelta(minutes=90)
    batch = case.model_copy(update={"channel": "batch"})
    assert due_at(gate, batch) == due_at(GateSpec(), batch)


def test_every_channel_has_a_time() -> None:
    channels = Case.model_fields["channel"].annotation
    assert set(DEFAULT_SLA) == set(getattr(channels, "__args__", ()))


@given(st.text(max_size=20), st.floats(0, 1), st.floats(0, 1))
@settings(deadline=None)
def test_a_larger_share_draws_the_same_cases_and_more(
    case_id: str, share: float, other: float
) -> None:
    low, high = sorted((share, other))
    assert drawn(case_id, "approved", low, key=b"k") <= drawn(case_id, "approved", high, key=b"k")
    assert drawn(case_id, "approved", 1, key=b"k")
    assert not drawn(case_id, "approved", 0, key=b"k")


def test_the_draw_keeps_its_share_and_hangs_on_the_key() -> None:
    ids = [f"case_{number:06d}" for number in range(10_000)]
    first = {one for one in ids if drawn(one, "approved", 0.05, key=b"a")}
    other = {one for one in ids if drawn(one, "approved", 0.05, key=b"b")}
    passed = {one for one in ids if drawn(one, "automatic", 0.05, key=b"a")}
    # Five standard deviations of a binomial of 10,000 draws at 0.05.
    assert abs(len(first) - 500) < 110
    assert len(first & other) < 60
    assert len(first & passed) < 60
