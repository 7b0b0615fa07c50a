"""Factors by rule: true, false, or unknown with the reason and what it waits for."""

from __future__ import annotations

from typing import Any

import pytest

from casewright.errors import ExpressionError
from casewright.models import Case, Factor
from graphs.assess import assess
from graphs.load import load_sop
from graphs.sop import Sop


def factor(facts: Any, name: str) -> Factor:
    return {one.name: one for one in assess(facts)}[name]


def test_factors_come_in_the_sops_order(small: Sop, case: Case, facts_of: Any) -> None:
    assert [one.name for one in assess(facts_of(small, case))] == list(small.factors)


def test_a_rule_cites_what_it_read(
    small: Sop, case: Case, answers: dict[str, Any], facts_of: Any
) -> None:
    found = factor(facts_of(small, case, **answers), "in_time")
    assert found.value is True
    assert found.by == "rule"
    assert {one.label for one in found.citations} == {
        "scans/accepted_count",
        "scans/first/at",
        "order/ship_by",
    }


def test_a_deciding_field_is_cited_alone(
    small: Sop, case: Case, answers: dict[str, Any], facts_of: Any
) -> None:
    del answers["scans"]["first"]
    answers["scans"]["accepted_count"] = 0
    found = factor(facts_of(small, case, **answers), "in_time")
    assert found.value is False
    assert [one.quote for one in found.citations] == [0]


def test_an_unknown_says_why_and_which_action_lacks(
    small: Sop, case: Case, answers: dict[str, Any], facts_of: Any
) -> None:
    answers["scans"] = "carrier_not_connected"
    found = factor(facts_of(small, case, **answers), "in_time")
    assert not found.known
    assert found.waits_for == ("scans",)
    assert found.reason == "scans found nothing (carrier_not_connected)"


def test_what_nobody_can_supply_is_false_at_once(
    small: Sop, case: Case, answers: dict[str, Any], facts_of: Any
) -> None:
    answers["docs"] = "still_scanning"
    found = factor(facts_of(small, case, **answers), "altered")
    assert found.value is False
    assert found.reason == "not_supplied: docs found nothing (still_scanning)"
    assert found.citations == ()


def test_a_value_of_the_policy_is_cited_as_its_clause(
    small: Sop, case: Case, answers: dict[str, Any], facts_of: Any
) -> None:
    found = factor(facts_of(small, case, **answers), "altered")
    references = {one.label: one.reference for one in found.citations}
    # The factor says `in_force: decision`, and the decision falls after the newer version.
    assert references["GEN-1.1"] == "GEN-1.1@2026-05-01"


def test_a_question_waits_for_its_text_or_for_a_reader(
    small: Sop, case: Case, answers: dict[str, Any], facts_of: Any
) -> None:
    there = factor(facts_of(small, case, **answers), "blames_carrier")
    assert (there.known, there.waits_for) == (False, ())
    assert there.reason == "nobody has read the text yet"
    gone = factor(facts_of(small, case, appeal="purged"), "blames_carrier")
    assert (gone.known, gone.waits_for) == (False, ("appeal",))
    assert gone.reason == "appeal found nothing (purged)"


def test_a_rule_that_is_not_true_or_false_is_the_sops_fault(
    case: Case, answers: dict[str, Any], files: dict[str, str], tools: Any, facts_of: Any
) -> None:
    text = files["sop.yaml"].replace("docs.n_altered > policy.altered_limit", "dyn(docs.n_altered)")
    sop = load_sop({**files, "sop.yaml": text}, tools)
    with pytest.raises(ExpressionError, match=r"altered is yes or no, not a int") as caught:
        assess(facts_of(sop, case, **answers))
    assert caught.value.line == 47


@pytest.mark.parametrize(
    ("guard", "told"),
    [
        ("needs: docs.n_altered < 0", "`docs.n_altered < 0` does not hold"),
        ("unknown_if: size(docs.items) == 0", "`size(docs.items) == 0` holds"),
        ("needs: order.tracking_no == 'T1'", "order.tracking_no is absent"),
        ("unknown_if: order.tracking_no == 'T1'", "order.tracking_no is absent"),
    ],
)
def test_a_factor_whose_precondition_fails_is_unknown_not_false(
    case: Case,
    answers: dict[str, Any],
    files: dict[str, str],
    tools: Any,
    facts_of: Any,
    guard: str,
    told: str,
) -> None:
    rule = "    rule: scans.accepted_count"
    text = files["sop.yaml"].replace(rule, f"    {guard}\n{rule}")
    found = factor(
        facts_of(load_sop({**files, "sop.yaml": text}, tools), case, **answers), "in_time"
    )
    assert (found.value, found.reason) == (None, told)
    assert found.waits_for == (("docs",) if "docs" in guard else ("order",))


@pytest.mark.parametrize("guard", ["needs: docs.n_altered == 0", "unknown_if: docs.n_altered > 0"])
def test_a_guard_that_lets_pass_changes_nothing(
    case: Case,
    answers: dict[str, Any],
    files: dict[str, str],
    tools: Any,
    facts_of: Any,
    guard: str,
) -> None:
    rule = "    rule: scans.accepted_count"
    text = files["sop.yaml"].replace(rule, f"    {guard}\n{rule}")
    sop = load_sop({**files, "sop.yaml": text}, tools)
    assert factor(facts_of(sop, case, **answers), "in_time").value is True


def test_a_number_outside_its_bounds_is_unknown_and_says_so(
    case: Case, answers: dict[str, Any], files: dict[str, str], tools: Any, facts_of: Any
) -> None:
    text = files["sop.yaml"].replace(
        "\nfactors:\n",
        "\nfactors:\n"
        "  papers: {type: integer, min: 5, max: 9, rule: docs.n_altered, says: 'n {value}'}\n",
        1,
    )
    sop = load_sop({**files, "sop.yaml": text}, tools)
    papers = next(f for f in assess(facts_of(sop, case, **answers)) if f.name == "papers")
    assert not papers.known
    assert papers.reason.endswith("is not a whole number from 5 to 9")
    assert papers.waits_for == ("docs",)
