from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casewright.errors import SopError
from casewright.registry import load_plugins
from graphs.catalog import Catalog
from graphs.load import load_sop
from graphs.prove import Finding, prove
from graphs.sop import Sop
from graphs.table import match
from tools.base import Tool

TODAY = datetime(2026, 6, 1, tzinfo=UTC)
TOOLS = load_plugins().all("tool", Tool)
POLICY = """---
policy: small
---
## ACT-1.1 · from 2025-01-01
Something holds.
## ACT-1.2 · from 2027-01-01
Something will hold.
"""
FACTORS = ("a", "b", "c")


def sop_of(*rows: tuple[str, str], extra: str = "", clause: str = "ACT-1.1") -> Sop:
    factors = "\n".join(
        f"  {name}: {{rule: 'seller.health_score > {n}', says: {{yes: y, no: n}}}}"
        for n, name in enumerate(FACTORS)
    )
    table = "\n".join(
        f"    - {{if: '{condition}', then: {then}, policy: [{clause}]}}" for condition, then in rows
    )
    text = f"""sop: small
version: 1
title: Small
case_type: small
outcomes: [good, bad]
actions:
  seller: {{tool: get_seller, with: {{seller_id: case.seller_id}}}}
{extra}
factors:
{factors}
scores:
  s: {{points: {{a: 2, b: 1, c: -1}}, threshold: 2}}
decision:
  hit_policy: first
  table:
{table}
"""
    return load_sop({"sop.yaml": text, "policy.md": POLICY}, TOOLS, folder="small")


def errors(sop: Sop) -> list[Finding]:
    return [one for one in prove(sop, today=TODAY) if one.severity == "error"]


def test_the_built_in_sops_pass() -> None:
    catalog = Catalog(TOOLS)
    for name in catalog.names():
        assert not errors(catalog.load(name))


def test_a_missing_row_is_shown_by_its_smallest_case() -> None:
    (found,) = errors(sop_of(("a && b", "good"), ("a", "bad"), ("b && c", "bad")))
    assert "no row covers" in found.message
    assert found.example in ({"a": False, "b": False}, {"a": False, "c": False})


def test_a_row_that_is_decided_before_names_the_rows_that_do() -> None:
    sop = sop_of(("a", "good"), ("b", "bad"), ("c", "bad"), ("a || b", "good"), ("true", "bad"))
    (found,) = errors(sop)
    assert found.message == "row 4 is never reached: row 1, 2 decides before it"


def test_a_row_that_cannot_hold_and_an_outcome_that_cannot_be() -> None:
    messages = [one.message for one in errors(sop_of(("a && !a", "good"), ("true", "bad")))]
    assert "row 1 can never hold" in messages
    assert "no case can end in the outcome 'good'" in messages


def test_scores_are_counted() -> None:
    sop = sop_of(("scores.s.met && !a", "good"), ("a", "good"), ("true", "bad"))
    # Without a the score is at most 1, below its threshold.
    assert [one.message for one in errors(sop)] == ["row 1 can never hold"]


def test_what_nothing_reads_is_a_warning() -> None:
    extra = "  metrics: {tool: get_metrics, with: {seller_id: case.seller_id}}"
    found = prove(sop_of(("a", "good"), ("!a", "bad"), extra=extra), today=TODAY)
    assert {(one.severity, one.message) for one in found} == {
        ("warning", "no row reads the factor 'b'"),
        ("warning", "no row reads the factor 'c'"),
        ("warning", "nothing reads the action 'metrics'"),
        ("warning", "no row and no value cites the clause ACT-1.2"),
    }


def test_a_clause_that_is_not_yet_in_force_is_an_error_with_its_place() -> None:
    found = errors(sop_of(("a", "good"), ("true", "bad"), clause="ACT-1.2"))
    assert [one.message for one in found] == ["clause ACT-1.2 is not yet in force"] * 2
    assert [one.line for one in found] == [18, 19]


conditions = st.recursive(
    st.sampled_from([*FACTORS, "scores.s.met", "true", "false"]),
    lambda inner: st.one_of(
        inner.map(lambda part: f"!({part})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} && {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} || {two[1]})"),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} ? {t[1]} : {t[2]})"),
    ),
    max_leaves=4,
)
tables = st.lists(st.tuples(conditions, st.sampled_from(["good", "bad"])), min_size=1, max_size=4)


@settings(max_examples=60, deadline=None)
@given(rows=tables)
def test_proofs_agree_with_trying_every_combination(rows: list[tuple[str, str]]) -> None:
    sop = sop_of(*rows)
    decided = {values: decide(sop, values) for values in product((True, False), repeat=3)}
    found = errors(sop)
    uncovered = [one for one in found if "no row covers" in one.message]
    assert bool(uncovered) == (None in decided.values())
    for one in uncovered:
        assert agree_with(one.example, decided) == {None}
    for row in sop.rows:
        told = any(
            one.message.startswith((f"row {row.number} is never", f"row {row.number} can never"))
            for one in found
        )
        assert told == (row.number not in decided.values())


def decide(sop: Sop, values: tuple[bool, ...]) -> int | None:
    row = match(sop, dict(zip(FACTORS, values, strict=True))).row
    return row.number if row else None


def agree_with(
    example: Mapping[str, bool], decided: Mapping[tuple[bool, ...], int | None]
) -> set[int | None]:
    """Rows decided by all combinations that contain the example."""
    return {
        row
        for values, row in decided.items()
        if example.items() <= dict(zip(FACTORS, values, strict=True)).items()
    }


def test_a_row_that_compares_facts_is_refused() -> None:
    with pytest.raises(SopError, match="a is yes or no, and is compared with a number"):
        sop_of(("a == b", "good"), ("true", "bad"))
