"""Each cause planted in a hand-made decision and found; and what must hold of any table."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain, combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console
from syrupy.assertion import SnapshotAssertion

from casewright.errors import (
    CasewrightError,
    EvidenceIncomplete,
    ExpressionError,
    ModelUnavailable,
    UnknownCase,
)
from casewright.models import (
    ActionRecord,
    Case,
    Decision,
    Factor,
    GoldCase,
    MissingInformation,
    Money,
    Opinion,
    RunStatus,
    Value,
)
from casewright.registry import load_plugins
from evals.attribution import Miss, attribute, wrong
from evals.causes import Attribution, Part, grouped
from evals.counterfactual import Counterfactual
from evals.error_report import explain_command, render
from evals.scored import Scored
from graphs.cel import parse
from graphs.decide import table_says
from graphs.facts import Facts, freeze_case
from graphs.load import load_sop
from graphs.sop import Sop
from tools.base import Tool

Writer = Callable[..., GoldCase]
AT = datetime(2026, 6, 1, tzinfo=UTC)
SOP = """\
sop: small
version: 1
title: A small procedure
case_type: appeal.small
outcomes: [overturn, partial, uphold]
fact_date: case.opened_at

actions:
  order:
    tool: get_order
    with: {order_id: case.subject.order_id}
  scans:
    tool: list_scans
    with: {order_id: order.order_id}

factors:
  closed:
    rule: case.impact_cents < 0
    says: {yes: It is closed., no: It is open.}
  scanned:
    rule: scans.accepted_count > 0
    unknown_if: case.region == "SG"
    says: {yes: It was scanned., no: It was not scanned.}
  frequent:
    statistic: wilson_lower
    with: {hits: scans.exception_count, total: scans.accepted_count}
    holds: value > 0.5
    says: {yes: It is frequent., no: It is rare.}
  excused:
    question: Does the seller name an excuse?
    read: [case.text]
    phrases: {yes: [the carrier]}
    says: {yes: There is an excuse., no: There is none.}
  sorry:
    question: Does the seller say sorry?
    read: [case.text]
    says: {yes: The seller is sorry., no: The seller is not sorry.}

decision:
  hit_policy: first
  table:
    - {if: closed, then: uphold, policy: [SHIP-1]}
    - {if: scanned, then: overturn, policy: [SHIP-1]}
    - {if: excused && sorry, then: partial, policy: [SHIP-1]}
    - {if: frequent, then: overturn, policy: [SHIP-1]}
    - {if: "true", then: uphold, policy: [SHIP-1]}

costs:
  currency: USD
  order: [overturn, partial, uphold]
  too_harsh: {seller: 18000, platform: 3500}
  too_lenient: {buyers: 1500, platform: 2000}
  minutes: 10

gate: {auto: never}
"""
POLICY = "---\npolicy: small\n---\n\n## SHIP-1 · from 2025-01-01\n\nWhat is late is late.\n"
CALM: Mapping[str, Value] = {
    "closed": False,
    "scanned": False,
    "frequent": False,
    "excused": False,
    "sorry": False,
}
"""Facts that lead to ``uphold``."""


@pytest.fixture(scope="module")
def sop() -> Sop:
    files = {"sop.yaml": SOP, "policy.md": POLICY}
    return load_sop(files, load_plugins().all("tool", Tool), folder="small")


def facts_of(sop: Sop, *, region: str = "US", **statuses: str) -> Facts:
    """Facts of a case whose actions ended so; ``no_data`` unless said."""
    case = Case(
        case_id="c1",
        case_type="appeal.small",
        subject={"order_id": "o1"},
        seller_id="s1",
        region=region,
        channel="appeal",
        opened_at=AT,
        impact=Money(cents=100, currency="USD"),
    )
    records = {
        name: ActionRecord.model_validate(
            {"action": name, "status": statuses.get(name, "no_data"), "reason": "down"}
        )
        for name in sop.actions
    }
    return Facts(sop, freeze_case(case, as_of=AT, at=AT), records, {})


def decision_of(facts: Facts, *changed: Factor, **more: Any) -> Decision:
    """What the table makes of calm factors, but for these."""
    by_name = {factor.name: factor for factor in changed}
    factors = [by_name.get(name, Factor(name=name, value=value)) for name, value in CALM.items()]
    row = table_says(facts, {factor.name: factor.value for factor in factors}).row
    made = {"outcome": row.spec.outcome if row else "escalate", "row": row.number if row else 0}
    return Decision.model_validate(
        {**made, "factors": factors, "claims": (), "graph_version": "small@1", **more}
    )


@pytest.fixture
def found(sop: Sop, gold: Writer) -> Callable[..., Attribution]:
    """Attribute a decision of these factors, against a gold outcome and gold facts."""

    def found(
        right: str,
        *changed: Factor,
        facts: Facts | None = None,
        told: Mapping[str, Value] = CALM,
        **more: Any,
    ) -> Attribution:
        held = facts or facts_of(sop)
        decision = decision_of(held, *changed, **more)
        case = gold(outcome=right, facts=told)
        return attribute(Miss(Scored(gold=case, outcome=decision.outcome), decision, held))

    return found


def only(one: Attribution) -> tuple[str, str]:
    (part,) = one.parts
    return part.kind, part.factor


SCANNED = {**CALM, "scanned": True}
READ = {**CALM, "excused": True, "sorry": True}


@pytest.mark.parametrize(
    ("factor", "kind"),
    [
        (Factor(name="scanned", value=True), "rule"),
        (Factor(name="frequent", value=True), "statistic"),
        (Factor(name="scanned", value=True, by="human", reason="note N-1 by ana: saw it"), "note"),
        (Factor(name="frequent", value=True, reason="not_supplied: scans failed"), "source data"),
    ],
)
def test_a_wrong_value_is_traced_to_what_established_it(
    found: Callable[..., Attribution], factor: Factor, kind: str
) -> None:
    one = found("uphold", factor)
    assert only(one) == (kind, factor.name)
    assert (one.parts[0].was, one.parts[0].right, one.said) == (True, False, "overturn")


def test_what_a_wrong_end_costs_is_told_by_the_procedure(
    found: Callable[..., Attribution],
) -> None:
    scanned = Factor(name="scanned", value=True)
    assert found("uphold", scanned).lost == Money(cents=3_500, currency="USD")  # too lenient
    assert found("overturn", told=SCANNED).lost == Money(cents=21_500, currency="USD")  # too harsh


@pytest.mark.parametrize(
    ("by", "kind"), [("rule", "phrase"), ("classifier", "classifier"), ("model", "model reading")]
)
def test_a_wrong_reading_is_traced_to_its_reader(
    found: Callable[..., Attribution], by: Any, kind: str
) -> None:
    read = Factor(name="excused", value=True, by=by, probability=0.9)
    one = found("uphold", read, Factor(name="sorry", value=True, by="model"))
    assert only(one) == (kind, "excused")
    assert one.others == 1  # that the seller is not sorry would have done as well


UNREAD = "nobody has read the text yet"


@pytest.mark.parametrize(
    ("factor", "kind"),
    [
        (Factor(name="excused", reason=UNREAD), "nobody read it"),
        (Factor(name="excused", by="model", reason="the reader says: unclear"), "model reading"),
        (
            Factor(
                name="excused",
                opinions=(Opinion(factor="excused", by="model", answer="yes", reason="no quote"),),
            ),
            "model reading",
        ),
        (
            Factor(
                name="excused",
                opinions=(Opinion(factor="excused", by="classifier", answer="yes", reason="0.6"),),
            ),
            "nobody read it",
        ),
        (Factor(name="excused", reason="no text", waits_for=("order",)), "source data"),
    ],
)
def test_an_open_question_is_traced_to_why_it_is_open(
    found: Callable[..., Attribution], factor: Factor, kind: str
) -> None:
    one = found("partial", factor, Factor(name="sorry", value=True, by="model"), told=READ)
    assert one.said == "escalate"
    assert only(one) == (kind, "excused")


def test_a_rule_without_evidence_is_the_sources(found: Callable[..., Attribution]) -> None:
    open_ = Factor(name="scanned", reason="scans found nothing", waits_for=("scans",))
    assert only(found("overturn", open_, told=SCANNED)) == ("source data", "scanned")


def test_a_rule_that_its_own_guard_leaves_open_is_the_rules(
    sop: Sop, found: Callable[..., Attribution]
) -> None:
    open_ = Factor(name="scanned", reason='`case.region == "SG"` holds', waits_for=("case",))
    one = found("overturn", open_, facts=facts_of(sop, region="SG"), told=SCANNED)
    assert only(one) == ("rule", "scanned")


def test_a_pair_is_found_where_no_single_factor_will_do(found: Callable[..., Attribution]) -> None:
    one = found("partial", told=READ)
    assert [part.factor for part in one.parts] == ["excused", "sorry"]


def test_gold_facts_that_lead_elsewhere_are_a_gap(found: Callable[..., Attribution]) -> None:
    one = found("partial", Factor(name="scanned", value=True))
    assert only(one) == ("policy gap", "row 5")
    assert not one.disputed
    assert "the table or the label errs" in one.parts[0].told


def test_what_agrees_with_gold_and_leads_elsewhere_disputes_the_label(
    found: Callable[..., Attribution],
) -> None:
    one = found("partial")
    assert only(one) == ("label", "row 5")
    assert one.disputed
    assert "the table or the label errs" in one.parts[0].told


def test_an_unread_question_that_changes_nothing_disputes_the_label_still(
    found: Callable[..., Attribution],
) -> None:
    assert only(found("partial", Factor(name="sorry", reason=UNREAD))) == ("label", "row 5")


@pytest.mark.parametrize(
    ("changed", "silent"),
    [
        ((Factor(name="excused", value=True),), ""),  # a value speaks against gold
        ((Factor(name="closed", reason="no case"),), "closed"),  # a row is open
        ((Factor(name="excused", reason=UNREAD), Factor(name="sorry", reason=UNREAD)), ""),
    ],  # the last: the run decided nothing itself
)
def test_a_label_is_not_disputed_without_need(
    found: Callable[..., Attribution], changed: tuple[Factor, ...], silent: str
) -> None:
    told = {name: value for name, value in CALM.items() if name != silent}
    assert only(found("partial", *changed, told=told)) == ("policy gap", "row 5")


def test_factors_that_gold_does_not_tell_are_named(found: Callable[..., Attribution]) -> None:
    told = {name: value for name, value in CALM.items() if name != "closed"}
    one = found("partial", told=told)
    assert "it says nothing of closed: one of these, or the table" in one.parts[0].told


def test_a_factor_that_gold_does_not_tell_and_the_table_waits_for_is_the_cause(
    found: Callable[..., Attribution],
) -> None:
    open_ = Factor(name="scanned", reason="scans found nothing", waits_for=("scans",))
    one = found("overturn", open_, told={"excused": False, "sorry": False})
    assert only(one) == ("source data", "scanned")
    assert "where it leads is open" in one.parts[0].told
    assert one.parts[0].right is None


@pytest.mark.parametrize("told", [{}, {"weather": True}])
def test_without_gold_facts_nothing_is_attributed(
    found: Callable[..., Attribution], told: Mapping[str, Value]
) -> None:
    one = found("partial", told=told)
    assert only(one) == ("unattributed", "")
    assert "holds no fact" in one.parts[0].told


def test_a_required_record_that_lacks_is_the_sources_where_the_table_was_right(
    found: Callable[..., Attribution],
) -> None:
    missing = MissingInformation(factor="", actions=("order",), party="seller", question="Send it.")
    more = {"outcome": "request_information", "row": 0, "missing": (missing,)}
    assert only(found("uphold", **more)) == ("source data", "order")


def test_an_amount_out_of_bounds_is_the_policys(found: Callable[..., Attribution]) -> None:
    one = found("uphold", outcome="escalate", reasons=("the amount is out of bounds",))
    assert only(one) == ("policy gap", "")
    assert one.parts[0].told == "the amount is out of bounds"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (EvidenceIncomplete("Evidence could not be fetched."), "tool failure"),
        (ModelUnavailable("No answer."), "tool failure"),
        (ExpressionError("A rule compares a word with a number."), "rule"),
        (UnknownCase("The source knows no such case."), "unattributed"),
    ],
)
def test_what_failed_is_traced_to_its_error(
    gold: Writer, error: CasewrightError, kind: str
) -> None:
    failed = Scored(gold=gold(), outcome="", status=RunStatus.FAILED, reason=str(error))
    one = attribute(Miss(failed, error=error))
    assert only(one) == (kind, "")
    assert one.parts[0].told == str(error)


def test_an_action_that_failed_is_named(sop: Sop, gold: Writer) -> None:
    error = EvidenceIncomplete("Evidence could not be fetched (scans: down).")
    failed = Scored(gold=gold(), outcome="", status=RunStatus.FAILED, reason=str(error))
    one = attribute(Miss(failed, facts=facts_of(sop, scans="error"), error=error))
    assert only(one) == ("tool failure", "scans")


def test_who_asked_rightly_is_not_wrong(scored: Callable[..., Scored]) -> None:
    asked = {"asked": ("scans",), "ask": ("scans",)}
    assert not wrong(scored("overturn", "request_information", **asked))
    assert wrong(scored("overturn", "request_information", asked=("scans",)))
    assert wrong(scored("overturn", "escalate"))
    assert wrong(scored("overturn", ""))
    assert not wrong(scored("overturn", "overturn"))


# Any table: the set that is found leads to gold, and no part of it does.

NAMES = tuple(CALM)
literals = st.sampled_from([*NAMES, *(f"!{name}" for name in NAMES)])
conditions = st.lists(literals, min_size=1, max_size=3).map(" && ".join)
rows = st.lists(
    st.tuples(conditions, st.sampled_from(["overturn", "partial", "uphold"])),
    min_size=1,
    max_size=5,
)


def tabled(sop: Sop, table: list[tuple[str, str]]) -> Sop:
    row = sop.rows[0]
    built = [
        replace(
            row,
            number=number,
            spec=row.spec.model_copy(update={"then": (then,)}),
            condition=parse(text),
        )
        for number, (text, then) in enumerate([*table, ("true", "uphold")], start=1)
    ]
    return replace(sop, rows=tuple(built))


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    rows,
    st.fixed_dictionaries(dict.fromkeys(NAMES, st.none() | st.booleans())),
    st.dictionaries(st.sampled_from(NAMES), st.booleans(), min_size=1),
    st.sampled_from(["overturn", "partial", "uphold"]),
)
def test_the_smallest_sets_lead_to_gold_and_no_part_of_them_does(
    sop: Sop,
    table: list[tuple[str, str]],
    known: dict[str, bool | None],
    told: dict[str, bool],
    outcome: str,
) -> None:
    facts = facts_of(tabled(sop, table))
    decision = decision_of(facts, *(Factor(name=n, value=v) for n, v in known.items()))
    asked = Counterfactual(facts, decision, told)

    def leads(names: tuple[str, ...]) -> bool:
        changed = {**known, **{name: told[name] for name in names}}
        row = table_says(facts, changed).row
        return row is not None and row.spec.outcome == outcome

    def parts(names: tuple[str, ...], most: int) -> Any:
        return chain.from_iterable(combinations(names, size) for size in range(most))

    found = asked.smallest(outcome)
    for names in found:
        assert leads(names)
        assert not any(leads(some) for some in parts(names, len(names)))
        assert set(names) <= set(asked.differing)
    if not found:
        assert not any(leads(some) for some in parts(asked.differing, len(asked.differing) + 1))


# Causes.


def case(number: int, *parts: Part, cents: int = 1_000, **more: Any) -> Attribution:
    fields = {
        "case_id": f"c{number}",
        "as_of": AT,
        "sop": "small",
        "gold": "uphold",
        "said": "overturn",
        "stake": Money(cents=cents, currency="USD"),
    }
    return Attribution.model_validate({**fields, "parts": parts, **more})


RULE = Part(kind="rule", factor="scanned", was=True, right=False, told="came out yes by its rule")
OPEN = Part(kind="nobody read it", factor="excused", right=True, told=UNREAD)
GAP = Part(kind="policy gap", factor="row 5", told="all facts lead to uphold by row 5")
LABEL = Part(kind="label", factor="row [5]", told="all facts lead to uphold by row [5]")
origins = st.lists(st.sampled_from([RULE, OPEN, GAP, LABEL]), min_size=1, max_size=2, unique=True)
stakes = st.none() | st.builds(
    Money, cents=st.integers(0, 10**6), currency=st.sampled_from(["USD", "EUR"])
)


def doubled(money: Money) -> Money:
    return Money(cents=2 * money.cents, currency=money.currency)


@given(st.lists(st.tuples(origins, stakes), max_size=12))
def test_counts_shares_and_stakes_add_up(drawn: list[tuple[list[Part], Money | None]]) -> None:
    # Lost is made twice the stake: each is added up by itself.
    cases = [
        case(number, *parts, stake=stake, lost=None if stake is None else doubled(stake))
        for number, (parts, stake) in enumerate(drawn)
    ]
    errors = grouped(cases, 20)
    assert errors.wrong == sum(cause.n for cause in errors.causes) == len(cases)
    if cases:
        assert sum(cause.share for cause in errors.causes) == pytest.approx(1)
    for currency in ("USD", "EUR"):
        every = sum(s.cents for _, s in drawn if s and s.currency == currency)
        by_cause = (s.cents for c in errors.causes for s in c.stakes if s.currency == currency)
        assert sum(by_cause) == every
        assert sum(s.cents for s in errors.stakes if s.currency == currency) == every
        assert sum(s.cents for s in errors.losses if s.currency == currency) == 2 * every
        lost = (s.cents for c in errors.causes for s in c.losses if s.currency == currency)
        assert sum(lost) == 2 * every
    assert [c.n for c in errors.causes] == sorted((c.n for c in errors.causes), reverse=True)
    assert all(1 <= len(cause.examples) <= 3 for cause in errors.causes)


def test_the_same_fault_in_another_procedure_is_another_cause() -> None:
    errors = grouped([case(1, RULE), case(2, RULE, sop="other"), case(3, RULE)], 3)
    assert [(cause.sop, cause.n, cause.owners) for cause in errors.causes] == [
        ("small", 2, ("SOP",)),
        ("other", 1, ("SOP",)),
    ]


def printed(cases: list[Attribution], judged: int) -> str:
    page = io.StringIO()
    Console(file=page, width=120, color_system=None).print(render(grouped(cases, judged)))
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines())


def test_what_people_read(snapshot: SnapshotAssertion) -> None:
    lost = Money(cents=21_500, currency="USD")
    cases = [case(n, RULE, seed=7, home="/h/evals/seed 7", lost=lost) for n in range(4)]
    cases += [case(10, RULE, OPEN, said="escalate", others=2), case(11, GAP, stake=None)]
    cases += [case(12, LABEL, stake=Money(cents=123_456, currency="EUR"), seed=11)]
    assert printed(cases, 20) == snapshot


def test_nothing_wrong_can_be_read() -> None:
    assert printed([], 5).strip() == "0 of 5 gold cases came out wrong"


def test_a_command_can_be_copied() -> None:
    assert explain_command(case(1, RULE)) == "casewright sop explain c1"
    moved = case(1, RULE, home="/h/seed 7")
    assert explain_command(moved) == "casewright --home '/h/seed 7' sop explain c1"
