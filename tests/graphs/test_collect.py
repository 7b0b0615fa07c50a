"""Hit policy ``collect``: all rows that match speak, and one outcome is made of theirs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casewright.errors import SopError
from casewright.models import Case, Cost, Decision, Factor
from casewright.registry import load_plugins
from graphs.assess import assess
from graphs.decide import Given, decide
from graphs.differ import differ
from graphs.encode import Encoding, satisfies
from graphs.explain import explain
from graphs.load import load_sop
from graphs.prove import prove
from graphs.sop import Sop
from graphs.table import match
from graphs.verify import verify
from tools.base import Tool

TOOLS = load_plugins().all("tool", Tool)
OUTCOMES = ("remove", "restrict", "clear")
NAMES = ("a", "b", "c")
HEAD = """\
sop: safety
version: 1
title: Several measures
case_type: safety.measures
outcomes: [remove, restrict, clear]
actions:
  seller:
    tool: get_seller
    with: {seller_id: case.seller_id}
factors:
"""
FACTOR = """\
  %s:
    rule: seller.health_score > %d
    says: {yes: "%s holds at {seller.health_score}.", no: "%s does not hold."}
"""
CLAUSE = "\n## SAFE-%d.1 · from 2025-01-01\n\nClause.\n"

Row = tuple[str, str]
"""Condition and outcome."""


def table(rows: Sequence[Row], aggregate: str = "strictest") -> Sop:
    factors = "".join(FACTOR % (n, 100 * i, n, n) for i, n in enumerate(NAMES, start=1))
    decision = f"decision:\n  hit_policy: collect\n  aggregate: {aggregate}\n  table:\n"
    listed = "".join(
        f'    - {{if: "{condition}", then: {then}, policy: [SAFE-{number}.1], '
        f"route: {'senior' if then == 'remove' else 'review'}}}\n"
        for number, (condition, then) in enumerate(rows, start=1)
    )
    clauses = "".join(CLAUSE % number for number in range(1, len(rows) + 1))
    pack = f"---\npolicy: safety\n---\n{clauses}"
    files = {"sop.yaml": HEAD + factors + decision + listed, "policy.md": pack}
    return load_sop(files, TOOLS, folder="safety")


MEASURES: list[Row] = [("a", "restrict"), ("b", "remove"), ("c", "restrict"), ("true", "clear")]


def decided(sop: Sop, case: Case, facts_of: Any, **values: bool | None) -> Decision:
    """What the table makes of these values, on evidence in which all factors hold."""
    seller = {
        "seller_id": "s",
        "region": "US",
        "entity_type": "company",
        "home_country": "US",
        "registered_at": "2024-01-01T00:00:00Z",
        "status": "active",
        "sanctioned": False,
        "tier": "new",
        "health_score": 900,
        "multi_account_approved": False,
        "main_category": "toys",
        "display_name": "Shop",
    }
    facts = facts_of(sop, case, seller=seller)
    factors = [
        one.model_copy(update={"value": values[one.name]})
        if values[one.name] is not None
        else Factor(name=one.name, reason="nobody knows")
        for one in assess(facts)
    ]
    return decide(facts, Given(factors, None, Cost(), "safety@1+0"))


@pytest.mark.parametrize(
    ("aggregate", "outcome", "row", "also"),
    [("strictest", "remove", 2, (1, 4)), ("mildest", "clear", 4, (1, 2))],
)
def test_of_all_that_match_one_outcome_is_made(
    case: Case, facts_of: Any, aggregate: str, outcome: str, row: int, also: tuple[int, ...]
) -> None:
    decision = decided(table(MEASURES, aggregate), case, facts_of, a=True, b=True, c=False)
    assert (decision.outcome, decision.row) == (outcome, row)
    assert sorted(decision.also) == list(also)


def test_all_that_match_are_cited_and_the_strictest_route_holds(case: Case, facts_of: Any) -> None:
    decision = decided(table(MEASURES, "mildest"), case, facts_of, a=True, b=True, c=False)
    clauses = [
        one.citations[0].label for one in decision.claims if one.citations[0].kind == "policy"
    ]
    assert sorted(clauses) == ["SAFE-1.1", "SAFE-2.1", "SAFE-4.1"]
    assert {one.factor for one in decision.claims if one.factor} >= {"a", "b"}
    assert decision.route.value == "senior"
    assert "row 1 matches as well: restrict" in decision.reasons


def test_a_row_that_asks_for_a_person_goes_before_all_others(case: Case, facts_of: Any) -> None:
    rows = [("a", "remove"), ("b", "escalate"), ("true", "clear")]
    decision = decided(table(rows), case, facts_of, a=True, b=True, c=False)
    assert (decision.outcome, decision.row, decision.also) == ("escalate", 2, (1, 3))


def test_an_unknown_blocks_only_where_it_could_change_the_outcome(
    case: Case, facts_of: Any
) -> None:
    sop = table(MEASURES)
    milder = decided(sop, case, facts_of, a=None, b=True, c=False)
    assert (milder.outcome, milder.row) == ("remove", 2)
    assert "row 1 is open, and cannot change the outcome" in milder.reasons
    stricter = decided(sop, case, facts_of, a=True, b=None, c=False)
    assert (stricter.outcome, stricter.row) == ("escalate", 0)
    assert [one.factor for one in stricter.missing] == ["b"]
    assert stricter.also == ()


def test_what_is_only_beside_the_decision_does_not_carry_it(case: Case, facts_of: Any) -> None:
    sop = table(MEASURES)
    decision = decided(sop, case, facts_of, a=True, b=True, c=False)
    beside = [one for one in decision.claims if one.factor == "a"]
    assert beside
    assert not any(one.rests for one in beside)
    struck = verify(decision, {}, sop.policy)
    assert (struck.outcome, struck.row, struck.also) == ("escalate", 0, ())


def test_every_row_is_explained(case: Case, facts_of: Any) -> None:
    sop = table(MEASURES)
    told = explain(sop, decided(sop, case, facts_of, a=True, b=True, c=False))
    assert [row.ended for row in told.rows] == ["matched", "matched", "did not match", "matched"]
    nearest = {one.outcome: one.changes for one in told.otherwise}
    assert nearest["restrict"] == {"b": False}


def test_the_checker_proves_it(clock: Any) -> None:
    assert prove(table(MEASURES), today=clock()) == ()
    findings = prove(table(MEASURES[:3]), today=clock())
    assert {"a": False, "b": False, "c": False} in [one.example for one in findings]
    assert any("no case can end in the outcome 'clear'" in one.message for one in findings)


def test_an_outcome_that_a_stricter_one_always_beats_cannot_be(clock: Any) -> None:
    rows = [("a", "restrict"), ("a", "remove"), ("true", "clear")]
    (found,) = (one for one in prove(table(rows), today=clock()) if one.severity == "error")
    assert found.message == "no case can end in the outcome 'restrict'"


def test_the_aggregation_is_a_difference_that_is_proved() -> None:
    flips = differ(table(MEASURES), table(MEASURES, "mildest")).flips
    assert {(flip.before, flip.after) for flip in flips} == {
        ("remove", "clear"),
        ("restrict", "clear"),
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [("  aggregate: strictest\n", ""), ("hit_policy: collect", "hit_policy: first")],
)
def test_how_outcomes_become_one_is_written_down(old: str, new: str) -> None:
    sop = table(MEASURES)
    text = sop.files["sop.yaml"].replace(old, new)
    with pytest.raises(SopError, match=r"safety/sop\.yaml:\d+:1: .*`aggregate`"):
        load_sop({**sop.files, "sop.yaml": text}, TOOLS, folder="safety")


CONDITIONS = st.sampled_from(["a", "b", "c", "!a", "!b", "a && b", "b || c", "!c && a", "true"])
ROWS = st.lists(
    st.tuples(CONDITIONS, st.sampled_from([*OUTCOMES, "escalate"])), min_size=1, max_size=5
)
VALUES = st.fixed_dictionaries({name: st.sampled_from([True, False, None]) for name in NAMES})


def truth(condition: str, values: dict[str, bool]) -> bool:
    text = condition.replace("&&", " and ").replace("||", " or ").replace("!", " not ")
    return bool(eval(text.replace("true", "True").strip(), {}, dict(values)))


def brute(rows: Sequence[Row], values: dict[str, bool], aggregate: str) -> str | None:
    """The outcome by the definition, for values that are all known."""
    order = OUTCOMES if aggregate == "strictest" else OUTCOMES[::-1]
    spoken = {then for condition, then in rows if truth(condition, values)}
    return next((one for one in ("escalate", *order) if one in spoken), None)


@settings(deadline=None, max_examples=40)
@given(ROWS, VALUES, st.sampled_from(["strictest", "mildest"]))
def test_what_is_decided_holds_however_the_unknown_turns_out(
    rows: list[Row], values: dict[str, bool | None], aggregate: str
) -> None:
    sop = table(rows, aggregate)
    found = match(sop, values)
    options = [(value,) if value is not None else (True, False) for value in map(values.get, NAMES)]
    outcomes = {
        brute(rows, dict(zip(NAMES, filled, strict=True)), aggregate)
        for filled in product(*options)
    }
    if found.row is not None:
        assert outcomes == {found.row.spec.outcome}
    if None not in values.values():
        assert (found.row.spec.outcome if found.row else None) in outcomes
        spoken = [row.number for row in (found.row, *found.also) if row is not None]
        known = {name: bool(value) for name, value in values.items()}
        matching = [n for n, (condition, _) in enumerate(rows, start=1) if truth(condition, known)]
        assert sorted(spoken) == matching


@settings(deadline=None, max_examples=40)
@given(ROWS, st.sampled_from(["strictest", "mildest"]))
def test_the_proof_agrees_with_trying_every_combination(rows: list[Row], aggregate: str) -> None:
    encoding = Encoding(table(rows, aggregate))
    domains = encoding.variables.values()
    tried = {
        brute(rows, dict(zip(NAMES, filled, strict=True)), aggregate)
        for filled in product((True, False), repeat=3)
    }
    assert (satisfies(domains, encoding.uncovered) is not None) is (None in tried)
    for outcome in {then for _, then in rows}:
        assert (satisfies(domains, encoding.decides(outcome)) is not None) is (outcome in tried)
