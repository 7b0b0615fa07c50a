"""Decisions: the table's word, or what is missing and whom to ask for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from casewright.models import Case, Cost, Decision, Factor
from graphs.assess import assess
from graphs.decide import Given, decide
from graphs.load import load_sop
from graphs.sop import Sop

Decide = Callable[..., Decision]


@pytest.fixture
def decided(small: Sop, case: Case, facts_of: Any) -> Decide:
    """Decides a case from hand-written answers; ``known`` puts factor values in."""

    def decided(
        answers: dict[str, Any], *, sop: Sop = small, case: Case = case, **known: bool
    ) -> Decision:
        facts = facts_of(sop, case, **answers)
        factors: Sequence[Factor] = [
            one.model_copy(update={"value": known[one.name]}) if one.name in known else one
            for one in assess(facts)
        ]
        return decide(facts, Given(factors, None, Cost(tool_calls=4), "small@1+abc"))

    return decided


def test_the_row_that_holds_decides(decided: Decide, answers: dict[str, Any]) -> None:
    decision = decided(answers)
    assert (decision.outcome, decision.row, decision.route.value) == (
        "overturn",
        2,
        "auto-eligible",
    )
    assert decision.missing == ()
    assert decision.reasons == ("row 2 of the table: in_time",)
    assert decision.cost == Cost(tool_calls=4)
    assert decision.graph_version == "small@1+abc"
    # Unless the scan were late, nothing known could turn it: the score cannot reach three.
    assert decision.stability == 1
    assert [one.name for one in decision.factors] == ["in_time", "altered", "blames_carrier"]


def test_a_doubt_that_cannot_matter_is_told(decided: Decide, answers: dict[str, Any]) -> None:
    answers["scans"]["first"]["at"] = "2026-04-23T08:00:00Z"
    decision = decided(answers, altered=True)
    assert (decision.outcome, decision.row) == ("uphold", 3)
    assert decision.reasons[1] == "row 1 is open, and cannot change the outcome"


def test_a_factor_that_blocks_is_asked_of_the_reviewer_where_nobody_owes_it(
    decided: Decide, answers: dict[str, Any]
) -> None:
    decision = decided(answers, altered=True)
    assert (decision.outcome, decision.row, decision.stability) == ("escalate", 0, None)
    assert [(one.factor, one.party) for one in decision.missing] == [("blames_carrier", "reviewer")]
    assert decision.missing[0].question == "Does the seller blame the carrier?"
    assert decision.reasons == ("undecided for want of blames_carrier",)


def test_a_text_that_nobody_has_read_is_no_debt_of_the_party(
    decided: Decide, answers: dict[str, Any], files: dict[str, str], tools: Any
) -> None:
    owed = "    burden: seller\n    ask: Please explain.\n    read: [appeal.statement]\n"
    text = files["sop.yaml"].replace("    read: [appeal.statement]\n", owed)
    decision = decided(answers, sop=load_sop({**files, "sop.yaml": text}, tools), altered=True)
    assert decision.outcome == "escalate"
    assert [(one.factor, one.party) for one in decision.missing] == [("blames_carrier", "reviewer")]


@pytest.mark.parametrize(
    ("language", "wording"),
    [
        ("en", "Please send the drop-off receipt."),
        ("es", "Envíe por favor el resguardo."),
        ("zh", "Please send the drop-off receipt."),
    ],
)
def test_the_party_that_owes_the_proof_is_asked_in_its_language(
    decided: Decide, answers: dict[str, Any], case: Case, language: str, wording: str
) -> None:
    answers["scans"] = "carrier_not_connected"
    asked = case.model_copy(update={"language": language})
    decision = decided(answers, case=asked)
    assert decision.outcome == "request_information"
    (missing,) = decision.missing
    assert (missing.factor, missing.party, missing.question) == ("in_time", "seller", wording)
    assert (missing.actions, missing.answer_days) == (("scans",), 5)


def test_a_required_action_without_data_is_asked_for_whatever_the_table_says(
    decided: Decide, answers: dict[str, Any]
) -> None:
    answers["scans"] = "carrier_not_connected"
    decision = decided(answers, in_time=True)
    assert (decision.outcome, decision.row) == ("request_information", 0)
    assert decision.stability is None


def test_what_no_party_can_supply_goes_to_a_person(
    decided: Decide, answers: dict[str, Any]
) -> None:
    answers["appeal"] = "retention"
    decision = decided(answers)
    assert decision.outcome == "escalate"
    (missing,) = decision.missing  # not the order and the scans that hang on it
    assert (missing.actions, missing.party) == (("appeal",), "reviewer")
    assert missing.question == "appeal found nothing: the appeal was purged."


def test_a_required_action_that_could_not_be_run_is_missing_too(
    decided: Decide, answers: dict[str, Any]
) -> None:
    del answers["order"]
    decision = decided(answers, in_time=True)
    assert decision.outcome == "escalate"
    assert [one.actions for one in decision.missing] == [("order",)]
    assert decision.missing[0].question == "order could not be run: not given."


def test_an_action_without_a_meaning_gives_the_sources_reason(
    decided: Decide, answers: dict[str, Any], files: dict[str, str], tools: Any
) -> None:
    text = files["sop.yaml"].replace("    no_data: the appeal was purged\n", "")
    sop = load_sop({**files, "sop.yaml": text}, tools)
    answers["appeal"] = "retention"
    assert decided(answers, sop=sop).missing[0].question == "appeal found nothing: retention."


def test_an_optional_action_without_data_does_not_stop_the_table(
    decided: Decide, answers: dict[str, Any]
) -> None:
    answers["docs"] = "still_scanning"
    assert decided(answers).outcome == "overturn"


def test_rows_whose_clause_is_not_in_force_are_passed_over(
    decided: Decide, answers: dict[str, Any]
) -> None:
    for name in ("placed_at", "paid_at", "ship_by", "deliver_by"):
        answers["order"][name] = "2024-06-01T00:00:00Z"
    decision = decided(answers)
    assert (decision.outcome, decision.row) == ("escalate", 0)
    assert decision.reasons == ("no row of the table covers this case",)
    assert decision.missing == ()


def test_rows_that_match_together_where_one_may_go_to_a_person(
    decided: Decide, answers: dict[str, Any], files: dict[str, str], tools: Any
) -> None:
    text = files["sop.yaml"].replace("hit_policy: first", "hit_policy: unique")
    sop = load_sop({**files, "sop.yaml": text.replace('if: "!in_time"', "if: true")}, tools)
    decision = decided(answers, sop=sop)
    assert (decision.outcome, decision.row) == ("escalate", 0)
    assert decision.reasons == ("rows 2 and 3 match together, and the table allows one",)
