"""Which rows apply when and where, and what the checker makes of it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casewright.registry import load_plugins
from graphs.epochs import ELSEWHERE, epochs
from graphs.load import load_sop
from graphs.prove import Finding, prove
from graphs.sop import Sop
from tools.base import Tool

TOOLS = load_plugins().all("tool", Tool)
TODAY = datetime(2026, 6, 1, tzinfo=UTC)

SOP = """\
sop: dated
version: 1
title: Clauses that came one by one
case_type: dated
outcomes: [good, bad]
actions:
  seller: {tool: get_seller, with: {seller_id: case.seller_id}}
factors:
  a: {rule: seller.health_score > 1, says: {yes: y, no: n}}
  b: {rule: seller.health_score > 2, says: {yes: y, no: n}}
decision:
  hit_policy: first
  table:
ROWS
"""
OLD, NEW, LATER = date(2025, 1, 1), date(2026, 1, 1), date(2027, 1, 1)


def loaded(rows: list[tuple[str, str, str]], clauses: list[str], values: str = "{}") -> Sop:
    listed = "\n".join(
        f'    - {{if: "{condition}", then: {then}, policy: [{clause}]}}'
        for condition, then, clause in rows
    )
    texts = "".join(f"\n## {clause}\n\nText of {clause}.\n" for clause in clauses)
    pack = f"---\npolicy: dated\nvalues: {values}\n---\n{texts}"
    files = {"sop.yaml": SOP.replace("ROWS", listed), "policy.md": pack}
    return load_sop(files, TOOLS, folder="dated")


ROWS = [("a", "good", "ACT-1.1"), ("!a && b", "bad", "ACT-2.1"), ("!a", "bad", "ACT-3.1")]


def found(sop: Sop, severity: str) -> list[Finding]:
    return [one for one in prove(sop, today=TODAY) if one.severity == severity]


def test_days_and_regions_in_which_other_rows_apply() -> None:
    clauses = [
        "ACT-1.1 · from 2025-01-01",
        "ACT-2.1 · from 2026-01-01 · regions EU, UK",
        "ACT-3.1 · from 2027-01-01",
    ]
    told = {
        (one.first, one.last, one.regions): set(one.rows)
        for one in epochs(loaded(ROWS, clauses), today=TODAY.date())
    }
    assert told == {
        (NEW, None, (ELSEWHERE,)): {1},
        (NEW, None, ("EU", "UK")): {1, 2},
        (OLD, date(2025, 12, 31), (ELSEWHERE, "EU", "UK")): {1},
    }


def test_a_table_that_was_incomplete_once_is_a_warning_at_the_clause() -> None:
    clauses = [
        "ACT-1.1 · from 2025-01-01",
        "ACT-2.1 · from 2025-01-01",
        "ACT-3.1 · from 2026-01-01",
    ]
    (warning,) = found(loaded(ROWS, clauses), "warning")
    assert warning.message == (
        "on facts of 2025-01-01 to 2025-12-31 row 3 does not apply, and no other covers this case"
    )
    assert warning.example == {"a": False, "b": False}
    assert (warning.file, warning.line) == ("dated/sop.yaml", 16)


def test_a_table_that_is_incomplete_somewhere_today_is_an_error() -> None:
    clauses = [
        "ACT-1.1 · from 2025-01-01",
        "ACT-2.1 · from 2025-01-01",
        "ACT-3.1 · from 2025-01-01 · regions EU",
    ]
    (error,) = found(loaded(ROWS, clauses), "error")
    assert "on facts from 2025-01-01 on row 3 does not apply" in error.message


def test_a_row_that_only_decided_once_is_of_use() -> None:
    clauses = [
        "ACT-1.1 · from 2025-01-01",
        "ACT-2.1 · from 2025-01-01",
        "ACT-3.1 · from 2026-01-01",
    ]
    rows = [ROWS[0], ("!a", "bad", "ACT-3.1"), ("!a", "good", "ACT-2.1")]
    assert found(loaded(rows, clauses), "error") == []
    always = [clause.replace("2026", "2025") for clause in clauses]
    (error,) = found(loaded(rows, always), "error")
    assert "row 3 is never reached" in error.message


def test_clauses_and_values_that_nothing_uses() -> None:
    clauses = [f"ACT-{n}.1 · from 2025-01-01" for n in (1, 2, 3, 4)]
    values = "{limit: {clause: ACT-1.1, versions: [{from: 2025-01-01, default: 3}]}}"
    told = {one.message: one for one in found(loaded(ROWS, clauses, values), "warning")}
    unused = told["no row and no value cites the clause ACT-4.1"]
    assert (unused.file, unused.line) == ("dated/policy.md", 18)
    assert told["nothing reads the policy value 'limit'"].file == "dated/policy.md"
    assert len(told) == 2


@pytest.mark.parametrize("shared", [True, False])
def test_what_a_fragment_brings_need_not_be_used(shared: bool) -> None:
    clause = "\n## GEN-9.1 · from 2025-01-01\n\nMore.\n"
    sop = loaded(ROWS, [f"ACT-{n}.1 · from 2025-01-01" for n in (1, 2, 3)])
    own = sop.files["policy.md"]
    head = "---\npolicy: more\n---\n"
    files = {**sop.files, "policy.md": own + ("" if shared else clause)}
    if shared:
        files["policy.md"] = own.replace("policy: dated", "policy: dated\nuse: [more]")
        files["fragments/more.md"] = head + clause
    findings = prove(load_sop(files, TOOLS, folder="dated"), today=TODAY)
    assert bool(findings) is not shared


STARTS = st.sampled_from(["2025-01-01", "2025-07-01", "2026-01-01"])
AREAS = st.sampled_from(["", " · regions EU", " · regions EU, UK"])
CONDITIONS = st.sampled_from(["a", "!a", "b", "!b", "a && b", "true"])


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(CONDITIONS, STARTS, AREAS), min_size=1, max_size=4))
def test_what_is_proved_holds_on_every_day_in_every_region(
    drawn: list[tuple[str, str, str]],
) -> None:
    rows = [(condition, "good", f"ACT-{n}.1") for n, (condition, _, _) in enumerate(drawn, 1)]
    clauses = [f"ACT-{n}.1 · from {start}{area}" for n, (_, start, area) in enumerate(drawn, 1)]
    sop = loaded(rows, clauses)
    covered = all(
        any(
            holds(condition, a, b)
            for (condition, start, area) in drawn
            if start <= day and (not area or region in area)
        )
        for day in ("2025-01-01", "2025-07-01", "2026-01-01")
        if day >= min(start for _, start, _ in drawn)
        for region in ("EU", "UK", "US")
        for a in (True, False)
        for b in (True, False)
    )
    holes = [one for one in prove(sop, today=TODAY) if "covers this case" in one.message]
    assert bool(holes) is not covered


def holds(condition: str, a: bool, b: bool) -> bool:
    truth = {"a": a, "!a": not a, "b": b, "!b": not b, "a && b": a and b, "true": True}
    return truth[condition]
