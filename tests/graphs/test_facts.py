"""Facts: what expressions see of the evidence, and how it is cited."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from casewright.models import Case
from graphs.scope import Read, Unknown
from graphs.sop import Sop


def test_evidence_is_typed_and_absent_fields_are_left_out(
    small: Sop, case: Case, answers: dict[str, Any], facts_of: Any
) -> None:
    answers["appeal"]["prior_decided_at"] = None
    scope = facts_of(small, case, **answers).scope
    assert scope["order"].value["paid_at"] == datetime(2026, 4, 20, 9, tzinfo=UTC)
    assert "tracking_no" not in scope["order"].value
    assert "prior_decided_at" not in scope["appeal"].value
    assert scope["case"].value["opened_at"] == case.opened_at
    assert scope["case"].value["impact_cents"] == 12_000


def test_what_brought_nothing_is_unknown_with_its_reason(
    small: Sop, case: Case, answers: dict[str, Any], facts_of: Any
) -> None:
    facts = facts_of(small, case, appeal=answers["appeal"], order="retention")
    assert facts.scope["order"].value == Unknown.of("order", "order found nothing (retention)")
    assert facts.scope["scans"].value == Unknown.of("scans", "scans was not run (not given)")


def test_a_record_that_is_not_there_was_not_run(small: Sop, case: Case, facts_of: Any) -> None:
    facts = facts_of(small, case)
    del facts.records["docs"]
    assert facts.scope["docs"].value == Unknown.of("docs", "docs was not run")


def test_a_list_that_may_be_cut_is_marked(
    small: Sop, case: Case, answers: dict[str, Any], facts_of: Any
) -> None:
    facts = facts_of(small, case, docs=(answers["docs"],), scans=answers["scans"])
    assert not facts.scope["docs"].complete
    assert facts.scope["scans"].complete


def test_a_citation_holds_the_exact_value(
    small: Sop, case: Case, answers: dict[str, Any], facts_of: Any
) -> None:
    facts = facts_of(small, case, **answers)
    cited = facts.cite(Read("scans", "/first/at"))
    assert cited.kind == "evidence"
    assert cited.reference == facts.records["scans"].digest
    assert (cited.pointer, cited.quote) == ("/first/at", "2026-04-22T08:00:00Z")
    assert cited.label == "scans/first/at"
    of_case = facts.cite(Read("case", "/channel"))
    assert (of_case.reference, of_case.quote) == (facts.case.digest, "appeal")


def test_each_proof_is_cited_once(
    small: Sop, case: Case, answers: dict[str, Any], facts_of: Any
) -> None:
    facts = facts_of(small, case, **answers)
    again = [Read("order", "/ship_by"), Read("scans", "/first/at"), Read("order", "/ship_by")]
    assert [one.pointer for one in facts.cite_all(again)] == ["/ship_by", "/first/at"]


def test_the_day_of_the_fact_chooses_the_clause(
    small: Sop, case: Case, answers: dict[str, Any], facts_of: Any
) -> None:
    european = case.model_copy(update={"region": "EU"})
    facts = facts_of(small, european, **answers)
    assert facts.cite_clause("SHIP-4.1").reference == "SHIP-4.1@2026-03-01"
    assert facts_of(small, case, **answers).cite_clause("SHIP-4.1").reference.endswith("2025-01-01")
    answers["order"]["paid_at"] = "2026-02-28T23:59:59Z"
    facts = facts_of(small, european, **answers)
    assert facts.cite_clause("SHIP-4.1").reference == "SHIP-4.1@2025-01-01"
    answers["order"]["paid_at"] = "2024-12-31T23:59:59Z"
    facts = facts_of(small, european, **answers)
    assert not facts.in_force("SHIP-4.1")
    with pytest.raises(KeyError):
        facts.cite_clause("SHIP-4.1")


def test_without_the_fact_the_day_the_case_opened_counts(
    small: Sop, case: Case, facts_of: Any
) -> None:
    assert facts_of(small, case).fact_date == case.opened_at


@pytest.mark.parametrize(
    ("region", "in_force", "limit", "clause"),
    [
        ("US", "fact", 0, "GEN-1.1@2025-01-01"),
        ("EU", "fact", 1, "GEN-1.1@2025-01-01"),
        ("EU", "decision", 2, "GEN-1.1@2026-05-01"),
    ],
)
def test_policy_values_and_their_citation_are_of_the_same_day(
    small: Sop,
    case: Case,
    answers: dict[str, Any],
    facts_of: Any,
    region: str,
    in_force: str,
    limit: int,
    clause: str,
) -> None:
    facts = facts_of(small, case.model_copy(update={"region": region}), **answers)
    assert facts.scope_with_policy(in_force)["policy"].value == {"altered_limit": limit}
    cited = facts.cite(Read("policy", "/altered_limit"), in_force=in_force)
    assert (cited.kind, cited.reference) == ("policy", clause)


def test_a_value_is_absent_while_its_clause_is_not_in_force(
    small: Sop, case: Case, answers: dict[str, Any], facts_of: Any
) -> None:
    answers["order"]["paid_at"] = "2024-06-01T00:00:00Z"
    facts = facts_of(small, case, **answers)
    assert facts.scope_with_policy("fact")["policy"].value == {}
    assert facts.scope_with_policy("decision")["policy"].value == {"altered_limit": 2}
