"""Outcomes become writes: parameters within bounds, cited, with keys that are the same again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casewright.errors import SopError, UnknownName, UsageError
from casewright.models import Case, Cost, Decision, Factor, Review, ReviewAct, Route, Run, RunStatus
from graphs.act import concluded
from graphs.assess import assess
from graphs.decide import Given, decide
from graphs.facts import Facts
from graphs.load import load_sop
from graphs.plan import planned
from graphs.prove import prove
from graphs.sop import Sop
from graphs.verify import verify
from tools.base import Tool

OUTCOMES = """\
outcomes:
  overturn:
    parameters:
      amount_cents:
        value: order.total_cents - order.item_cents
        at_least: "0"
        at_most: order.total_cents
      listings: {value: '[order.listing_id]', type: ids}
    enforce:
      - do: refund
        with: {claim_id: order.order_id, amount_cents: parameters.amount_cents}
      - {do: restore_listing, with: {listing_ids: parameters.listings}}
  uphold:
    enforce:
      - {do: add_points, with: {seller_id: order.seller_id, points: "12"}}
"""


@pytest.fixture
def load(files: dict[str, str], tools: dict[str, Tool]) -> Callable[..., Sop]:
    def load(*changes: tuple[str, str]) -> Sop:
        text = files["sop.yaml"].replace("outcomes: [overturn, uphold]\n", OUTCOMES)
        for old, new in changes:
            assert text.count(old) == 1, "the change cannot be made as written"
            text = text.replace(old, new)
        return load_sop({**files, "sop.yaml": text}, tools, folder="small")

    return load


@pytest.fixture
def facts(load: Callable[..., Sop], facts_of: Any, case: Case, answers: dict[str, Any]) -> Facts:
    found: Facts = facts_of(load(), case, **answers)
    return found


def decided(facts: Facts, run_id: str = "run_1") -> Decision:
    factors = tuple(_known(factor) for factor in assess(facts))
    decision = decide(facts, Given(factors, None, Cost(), "small@1+0"))
    return planned(facts, decision, run_id)


def _known(factor: Factor) -> Factor:
    return factor if factor.known else factor.model_copy(update={"value": False})


def test_an_outcome_carries_its_parameters_and_writes(facts: Facts) -> None:
    decision = decided(facts)
    amount, listings = decision.parameters
    assert (amount.name, amount.value, amount.at_least, amount.at_most) == (
        "amount_cents", 200, 0, 1200
    )  # fmt: skip
    assert (listings.value, listings.at_most) == (("lst_1",), None)
    refund, restore = decision.enforcement
    assert (refund.do, refund.arguments) == ("refund", {"claim_id": "ord_1", "amount_cents": 200})
    assert restore.arguments == {"listing_ids": ["lst_1"]}
    assert not refund.lacks
    assert decision.route is Route.AUTO


def test_a_parameter_cites_what_made_it_and_its_bounds(facts: Facts) -> None:
    decision = decided(facts)
    amount = decision.parameters[0]
    assert {(c.label, c.quote) for c in amount.citations} == {
        ("order/total_cents", 1200), ("order/item_cents", 1000)
    }  # fmt: skip
    claim = next(one for one in decision.claims if "amount_cents" in one.sentence)
    assert claim.sentence == (
        "The parameter amount_cents is 200, allowed at least 0 and at most 1200."
    )
    assert (claim.citations, claim.rests) == (amount.citations, True)
    policy = facts.sop.policy
    assert not any(one.struck for one in verify(decision, facts.evidence, policy).claims)


def test_a_parameter_whose_proof_was_changed_takes_the_plan_away(facts: Facts) -> None:
    decision = decided(facts)
    wrong = decision.parameters[0].citations[0].model_copy(update={"quote": 1})
    claims = tuple(
        one.model_copy(update={"citations": (wrong,)}) if "amount" in one.sentence else one
        for one in decision.claims
    )
    checked = verify(
        decision.model_copy(update={"claims": claims}), facts.evidence, facts.sop.policy
    )
    assert (checked.outcome, checked.enforcement) == ("escalate", ())


@pytest.mark.parametrize(
    ("items", "told"),
    [(2000, "-800 lies below 0, the lowest"), (-1, "1201 lies above 1200, the highest")],
)
def test_outside_its_bounds_a_person_decides(
    load: Any, facts_of: Any, case: Case, answers: dict[str, Any], items: int, told: str
) -> None:
    order = {**answers["order"], "item_cents": items}
    decision = decided(facts_of(load(), case, **{**answers, "order": order}))
    assert (decision.outcome, decision.row, decision.enforcement) == ("escalate", 0, ())
    assert decision.route is Route.REVIEW
    assert told in decision.reasons[-1]
    # Not clipped, and there to be seen.
    assert decision.parameters[0].value == 1200 - items


def test_an_unknown_parameter_waits_for_the_reviewer(
    load: Any, facts_of: Any, case: Case, answers: dict[str, Any]
) -> None:
    sop = load(("value: order.total_cents - order.item_cents", "value: docs.n_altered * 100"))
    given = {name: answer for name, answer in answers.items() if name != "docs"}
    decision = decided(facts_of(sop, case, **given, docs="still_scanning"))
    assert decision.outcome == "overturn"
    assert decision.parameters[0].value is None
    assert decision.reasons[-1].startswith("amount_cents is unknown: docs found nothing")
    assert decision.enforcement[0].lacks == ("amount_cents is unknown",)
    assert decision.route is Route.REVIEW


def test_arguments_that_do_not_fit_are_told(
    load: Any, facts_of: Any, case: Case, answers: dict[str, Any]
) -> None:
    order = {**answers["order"], "order_id": ""}
    decision = decided(facts_of(load(), case, **{**answers, "order": order}))
    told = "claim_id: string should have at least 1 character"
    assert decision.enforcement[0].lacks == (told,)


def test_outcomes_without_consequences_plan_nothing(
    small: Sop, facts_of: Any, case: Case, answers: dict[str, Any]
) -> None:
    decision = decided(facts_of(small, case, **answers))
    assert (decision.parameters, decision.enforcement) == ((), ())


def test_keys_differ_by_run_and_by_write_and_are_the_same_again(facts: Facts) -> None:
    first, again, other = decided(facts), decided(facts), decided(facts, "run_2")
    keys = [one.key for one in first.enforcement]
    assert len(set(keys)) == 2
    assert keys == [one.key for one in again.enforcement]
    assert not set(keys) & {one.key for one in other.enforcement}


def run_of(decision: Decision, case: Case) -> Run:
    return Run(
        run_id="run_1",
        case=case,
        sop="small",
        graph_version="small@1+0",
        as_of=case.opened_at,
        status=RunStatus.WAITING,
        decision=decision,
        started_at=case.opened_at,
        updated_at=case.opened_at,
    )


@given(amount=st.integers(-5_000, 5_000))
@settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # nothing in them changes
)
def test_what_a_reviewer_gives_is_taken_within_the_bounds_alone(
    facts: Facts, case: Case, amount: int
) -> None:
    review = Review(
        act=ReviewAct.EDIT,
        codes=("E5",),
        reviewer="ana",
        parameters={"amount_cents": amount},
        at=case.opened_at,
    )
    run = run_of(decided(facts), case)
    if not 0 <= amount <= 1200:
        with pytest.raises(UsageError, match="amount_cents cannot be used"):
            concluded(facts, run, review, review.at)
        return
    decision, (frozen,) = concluded(facts, run, review, review.at)
    assert decision.enforcement[0].arguments["amount_cents"] == amount
    parameter = decision.parameters[0]
    assert (parameter.value, parameter.set_by) == (amount, "ana")
    (cited,) = parameter.citations
    assert (cited.reference, cited.quote) == (frozen.digest, amount)
    assert sum("amount_cents" in one.sentence for one in decision.claims) == 1
    proof = {**facts.evidence, frozen.digest: frozen}
    assert not any(one.struck for one in verify(decision, proof, facts.sop.policy).claims)


def test_a_changed_outcome_brings_its_own_plan(
    facts: Facts, case: Case, act: Callable[..., Review]
) -> None:
    run = run_of(decided(facts), case)
    review = act("edit", "E2", outcome="uphold", note="too mild")
    decision, _ = concluded(facts, run, review, review.at)
    assert [one.do for one in decision.enforcement] == ["add_points"]
    assert decision.enforcement[0].arguments == {"seller_id": "sel_1", "points": 12}
    assert decision.parameters == ()
    assert not any("amount_cents" in one.sentence for one in decision.claims)


def test_an_outcome_with_an_unknown_parameter_is_not_approved_without_it(
    load: Any, facts_of: Any, case: Case, answers: dict[str, Any], act: Callable[..., Review]
) -> None:
    sop = load(("value: order.total_cents - order.item_cents", "value: docs.n_altered * 100"))
    given = {name: answer for name, answer in answers.items() if name != "docs"}
    facts = facts_of(sop, case, **given, docs="still_scanning")
    run = run_of(decided(facts), case)
    review = act("approve", "A1")
    with pytest.raises(UsageError, match="--set amount_cents=VALUE"):
        concluded(facts, run, review, review.at)
    review = act("approve", "A1", parameters={"amount_cents": 300})
    decision, _ = concluded(facts, run, review, review.at)
    assert decision.enforcement[0].lacks == ()


def test_a_parameter_that_the_outcome_lacks_is_told(
    facts: Facts, case: Case, act: Callable[..., Review]
) -> None:
    review = act("approve", "A1", parameters={"amount": 3})
    with pytest.raises(UnknownName, match="Did you mean 'amount_cents'"):
        concluded(facts, run_of(decided(facts), case), review, review.at)


def test_an_approved_plan_is_the_one_that_was_shown(
    facts: Facts, case: Case, act: Callable[..., Review]
) -> None:
    shown = decided(facts)
    decision, frozen = concluded(facts, run_of(shown, case), act("approve", "A1"), case.opened_at)
    assert (decision, frozen) == (shown, ())


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("do: refund", "do: refnd", "Did you mean 'refund'?"),
        ("do: refund", "do: get_order", "no write tool 'get_order'"),
        ("amount_cents: parameters.amount_cents", "amount: parameters.amount_cents",
         "Did you mean 'amount_cents'?"),
        ("claim_id: order.order_id, ", "", "'refund' needs the argument 'claim_id'"),
        ("parameters.amount_cents}", "parameters.amount}", "Did you mean 'amount_cents'?"),
        ("claim_id: order.order_id", "claim_id: order.order", "Did you mean 'order_id'?"),
        ("at_most: order.total_cents", "at_most: order.total", "no field of 'order' 'total'"),
        ('points: "12"', 'points: "0"', "points: input should be greater than or equal to 1"),
        ('points: "12"', "points: '\"many\"'", "points: input should be a valid integer"),
        ("claim_id: order.order_id", "claim_id: order.quantity", "a text is wanted here"),
        ("value: order.total_cents - order.item_cents", "value: order.order_id",
         "a whole number is wanted here"),
        ("type: ids", "type: list", "'ids'"),
        ("type: ids", 'type: ids, at_least: "1"', "only an integer or a number has bounds"),
    ],
)  # fmt: skip
def test_mistakes_are_told_where_they_stand(load: Any, old: str, new: str, told: str) -> None:
    with pytest.raises(SopError) as caught:
        load((old, new))
    assert told in str(caught.value)
    assert caught.value.line > 1
    assert caught.value.column >= 1


def test_no_action_can_name_a_write_tool(load: Any) -> None:
    with pytest.raises(SopError, match="no tool 'add_points'"):
        load(("tool: get_order", "tool: add_points"))


def test_an_outcome_is_listed_once(files: dict[str, str], tools: dict[str, Tool]) -> None:
    text = files["sop.yaml"].replace("[overturn, uphold]", "[overturn, uphold, uphold]")
    with pytest.raises(SopError, match="listed twice"):
        load_sop({**files, "sop.yaml": text}, tools)


def test_what_no_write_is_given_is_found(load: Any, case: Case) -> None:
    sop = load(("listing_ids: parameters.listings", "listing_ids: order.listing_id"))
    found = [one.message for one in prove(sop, today=case.opened_at)]
    assert found == ["no write of 'overturn' is given 'listings'"]


@pytest.mark.parametrize(
    ("party", "party_id"), [("seller", "sel_1"), ("buyer", "buy_1"), ("platform", "platform")]
)
def test_a_question_is_planned_for_the_party_that_owes_the_proof(
    load: Any, facts_of: Any, case: Case, answers: dict[str, Any], party: str, party_id: str
) -> None:
    sop = load(("burden: seller", f"burden: {party}"))
    given = {name: answer for name, answer in answers.items() if name != "scans"}
    decision = decided(facts_of(sop, case, **given, scans="not_connected"))
    (question,) = decision.enforcement
    assert (question.do, question.purpose) == ("request_information", "question")
    assert (question.arguments["party"], question.arguments["party_id"]) == (party, party_id)
    assert question.arguments["question"] == "Please send the drop-off receipt."
    assert (question.arguments["answer_days"], question.lacks) == (5, ())


def test_a_question_to_one_of_several_buyers_cannot_be_put(
    load: Any, facts_of: Any, case: Case, answers: dict[str, Any]
) -> None:
    sop = load(("burden: seller", "burden: buyer"))
    other = case.model_copy(update={"subject": {**case.subject, "buyer_id": "buy_2"}})
    given = {name: answer for name, answer in answers.items() if name != "scans"}
    decision = decided(facts_of(sop, other, **given, scans="not_connected"))
    (question,) = decision.enforcement
    assert question.lacks == ("the case names no one buyer",)
