"""The smallest case of a finding: told to people, and as an example that can be pasted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casewright.errors import SopError
from casewright.registry import load_plugins
from graphs.counterexample import BLANK, stubs, told
from graphs.examples import example_outcome
from graphs.load import load_sop
from graphs.prove import Finding, prove
from graphs.sop import Sop
from tools.base import Tool

TODAY = datetime(2026, 6, 1, tzinfo=UTC)
TOOLS = load_plugins().all("tool", Tool)
SOP = """sop: small
version: 1
title: Small
case_type: small
outcomes: [good, bad]
actions:
  seller: {tool: get_seller, with: {seller_id: case.seller_id}}
factors:
  a:
    rule: seller.health_score > 1
    says: {yes: "{seller.health_score} is more than 1.", no: Little.}
  b: {rule: seller.health_score > 2, says: {yes: More than 2., no: Not more than 2.}}
  c: {rule: seller.health_score > 3, says: {yes: More than 3., no: Not more than 3.}}
scores:
  s: {points: {a: 2, b: 1}, threshold: 3}
classifications:
  kind:
    classes: {one: {points: {a: 1}, threshold: 1}, two: {points: {b: 2}, threshold: 2}}
    priority: [one, two]
tiers:
  risk: [{tier: high, any: [a]}, {tier: low}]
decision:
  hit_policy: HIT
  table:
ROWS
"""


def sop_of(*conditions: str, hit: str = "first", tail: str = "") -> Sop:
    rows = "\n".join(f"    - {{if: '{c}', then: good}}" for c in conditions)
    text = SOP.replace("ROWS", rows).replace("HIT", hit) + tail
    return load_sop({"sop.yaml": text, "policy.md": "---\npolicy: small\n---\n"}, TOOLS)


def holes(sop: Sop) -> list[Finding]:
    return [one for one in prove(sop, today=TODAY) if one.example]


def examples(sop: Sop) -> str:
    return stubs(sop, holes(sop))


def test_a_case_is_told_with_its_sentences_and_what_it_leads_to() -> None:
    sop = sop_of("!a")
    assert list(told(sop, {"a": True, "b": True})) == [
        "a yes: {seller.health_score} is more than 1.",
        "b yes: More than 2.",
        "classes.kind is two",
        "tiers.risk is high",
        "scores.s is met",
    ]
    # What hangs on facts that do not matter is left out.
    assert list(told(sop, {"c": False})) == ["c no: Not more than 3."]


def test_a_blank_that_nobody_filled_in_is_refused() -> None:
    tail = examples(sop_of("a && b"))
    with pytest.raises(SopError, match=f"There is no outcome '{BLANK}'") as caught:
        sop_of("a && b", tail=tail)
    assert caught.value.line > SOP.count("\n")


def test_rows_that_clash_have_a_case_as_well() -> None:
    text = examples(sop_of("a", "a && b", "!a", hit="unique"))
    assert "rows 1 and 2 both match this case" in text
    assert text.count(BLANK) == 1 + 1  # the comment says what to put there


def test_a_sound_table_has_none() -> None:
    assert examples(sop_of("a", "!a")) == ""


@settings(deadline=None, max_examples=25)
@given(
    st.lists(
        st.sampled_from(
            ["a && b", "!b && c", "c", "a || !c", 'classes.kind == "two"', "scores.s.met"]
        ),
        min_size=1,
        max_size=3,
        unique=True,
    ),
    st.booleans(),
)
def test_the_case_is_one_that_no_row_covers_and_a_row_for_it_mends_it(
    conditions: list[str], other: bool
) -> None:
    sop = sop_of(*conditions)
    tail = examples(sop).replace(f"then: {BLANK}", "then: bad")
    pasted = sop_of(*conditions, tail=tail)
    for example in pasted.spec.examples:
        facts: Mapping[str, bool] = example.facts
        (found,) = (one for one in holes(sop) if set(one.example.items()) <= set(facts.items()))
        assert set(facts) == set(sop.factors)
        assert example_outcome(sop, facts) == ("escalate", 0)
        # The facts that do not matter do not.
        turned = {name: found.example.get(name, other) for name in facts}
        assert example_outcome(sop, turned) == ("escalate", 0)
    assert bool(pasted.spec.examples) == bool(holes(sop))
