"""Sums, classes and tiers against an independent implementation of the same words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casewright.errors import SopError
from casewright.registry import load_plugins
from graphs.kinds import Domain
from graphs.load import load_sop
from graphs.prove import prove
from graphs.scope import Unknown
from graphs.sop import Sop
from graphs.sum_schema import ClassificationSpec, ImputeSpec, SumSpec
from graphs.sums import bounds, class_of, met
from graphs.table import match
from tools.base import Tool

TOOLS = load_plugins().all("tool", Tool)
NAMES = ("a", "b", "c", "d")
DOMAINS = {name: Domain() for name in NAMES}
values = st.fixed_dictionaries({name: st.sampled_from([True, False, None]) for name in NAMES})
points = st.dictionaries(st.sampled_from(NAMES), st.integers(-3, 5), min_size=1)
sums = st.builds(SumSpec, points=points, threshold=st.integers(-2, 6))


def completions(given_values: Mapping[str, bool | None]) -> list[dict[str, bool]]:
    open_names = [name for name, value in given_values.items() if value is None]
    known = {name: value for name, value in given_values.items() if value is not None}
    return [
        {**known, **dict(zip(open_names, filled, strict=True))}
        for filled in product((True, False), repeat=len(open_names))
    ]


@given(spec=sums, known=values)
def test_a_sum_is_reached_exactly_where_every_completion_agrees(
    spec: SumSpec, known: dict[str, bool | None]
) -> None:
    totals = [
        sum(p for name, p in spec.points.items() if filled[name]) for filled in completions(known)
    ]
    assert bounds(spec, known, DOMAINS) == (min(totals), max(totals))
    reached = {total >= spec.threshold for total in totals}
    result = met(spec, known, DOMAINS)
    assert result is reached.pop() if len(reached) == 1 else isinstance(result, Unknown)


@pytest.mark.parametrize(
    ("missing", "known", "total"),
    [
        ("largest", {"a": True, "b": None, "c": False}, 4 + 4),
        ("largest", {"a": False, "b": None, "c": True}, 1 + 1),
        ("largest", {"a": None, "b": None, "c": True}, 1 + 1 + 1),
        (2, {"a": True, "b": None, "c": None}, 4 + 2 + 2),
        (0, {"a": True, "b": None, "c": False}, 4),
    ],
)
def test_a_missing_component_counts_what_is_written(
    missing: str | int, known: dict[str, bool | None], total: int
) -> None:
    spec = SumSpec(
        points={"a": 4, "b": 3, "c": 1},
        threshold=5,
        impute=ImputeSpec.model_validate({"missing": missing, "at_most": 2}),
    )
    assert bounds(spec, known, DOMAINS) == (total, total)


def test_with_too_many_missing_the_sum_and_the_class_are_unknown() -> None:
    rule = {"missing": "largest", "at_most": 2}
    ring = {"points": {"a": 4, "b": 3, "c": 1}, "threshold": 5, "impute": rule}
    spec = ClassificationSpec.model_validate(
        {
            "classes": {"ring": ring, "lone": {"points": {"d": 1}, "threshold": 1}},
            "priority": ["ring", "lone"],
        }
    )
    known = {"a": None, "b": None, "c": None, "d": True}
    assert isinstance(met(spec.classes["ring"], known, DOMAINS), Unknown)
    assert isinstance(class_of(spec, known, DOMAINS), Unknown)
    assert class_of(spec, {**known, "a": True}, DOMAINS) == "ring"


@st.composite
def classifications(draw: st.DrawFn) -> ClassificationSpec:
    names = ("ring", "lone", "staff")
    classes = {
        name: {
            "points": draw(points),
            "threshold": draw(st.integers(1, 4)),
            "group": draw(st.sampled_from(["", "hard", "soft"])),
        }
        for name in names
    }
    groups = sorted({str(one["group"]) for one in classes.values()} - {""})
    return ClassificationSpec.model_validate(
        {
            "classes": classes,
            "priority": draw(st.permutations(names)),
            "precedence": draw(st.permutations(groups)),
        }
    )


def plain_class(spec: ClassificationSpec, filled: Mapping[str, bool]) -> str:
    """The words of the handbook, step by step: groups first, then the highest, then the tie."""
    best: list[str] = []
    for group in [*spec.precedence, ""]:
        totals = {}
        for name, one in spec.classes.items():
            total = sum(p for factor, p in one.points.items() if filled[factor])
            if one.group == group and total >= one.threshold:
                totals[name] = total
        best = [name for name, total in totals.items() if total == max(totals.values())]
        if best:
            break
    return next((name for name in spec.priority if name in best), spec.otherwise)


@settings(max_examples=200, deadline=None)
@given(spec=classifications(), known=values)
def test_a_class_is_known_exactly_where_every_completion_agrees(
    spec: ClassificationSpec, known: dict[str, bool | None]
) -> None:
    answers = {plain_class(spec, filled) for filled in completions(known)}
    result = class_of(spec, known, DOMAINS)
    if len(answers) == 1:
        assert result == answers.pop()
    else:
        assert isinstance(result, Unknown)


SOP = """sop: rings
version: 1
title: Rings
case_type: ring
outcomes: [confirm, watch, dismiss]
actions:
  seller: {tool: get_seller, with: {seller_id: case.seller_id}}
factors:
  a: {rule: seller.health_score > 1, says: {yes: y, no: n}}
  b: {rule: seller.health_score > 2, says: {yes: y, no: n}}
  c: {rule: seller.health_score > 3, says: {yes: y, no: n}}
  d: {rule: seller.sanctioned, says: {yes: y, no: n}}
classifications:
  kind:
    classes:
      ring: {points: {a: 2, b: 2}, threshold: 3, group: hard}
      lone: {points: {c: 5}, threshold: 5}
    priority: [ring, lone]
    precedence: [hard]
tiers:
  risk:
    - {tier: high, all: [d, a]}
    - {tier: medium, any: [d, 'classes.kind == "ring"']}
    - {tier: low}
decision:
  hit_policy: first
  table:
    - {if: 'classes.kind == "inconclusive"', then: [watch, dismiss], discretion: true}
  matrix:
    rows: classes.kind
    columns: tiers.risk
    policy: [ACT-1.1]
    cells:
      ring: {high: {then: confirm, route: senior}, medium: watch}
      lone: {high: confirm, medium: watch, low: dismiss}
"""
POLICY = "---\npolicy: rings\n---\n## ACT-1.1 · from 2025-01-01\nSomething.\n"
TODAY = datetime(2026, 6, 1, tzinfo=UTC)


def load(text: str = SOP) -> Sop:
    return load_sop({"sop.yaml": text, "policy.md": POLICY}, TOOLS, folder="rings")


def test_a_matrix_decides_by_class_and_tier() -> None:
    sop = load()
    assert prove(sop, today=TODAY) == ()
    decided = {}
    for filled in product((True, False), repeat=4):
        row = match(sop, dict(zip(NAMES, filled, strict=True))).row
        assert row is not None
        decided[filled] = (row.spec.outcome, row.spec.route.value)
    assert decided[True, True, False, True] == ("confirm", "senior")
    assert decided[True, True, True, False] == ("watch", "review")
    assert decided[False, False, True, True] == ("watch", "review")
    assert decided[True, False, True, True] == ("confirm", "review")
    assert decided[False, False, True, False] == ("dismiss", "review")
    # Nobody's class: a person chooses.
    assert decided[False, True, False, False] == ("escalate", "review")


def test_a_cell_that_is_left_out_is_shown_by_its_smallest_case() -> None:
    (found,) = prove(load(SOP.replace(", low: dismiss", "")), today=TODAY)[:1]
    assert "no row covers" in found.message
    assert found.example["c"] is True
    assert found.example["d"] is False


def test_a_cell_that_cannot_be_is_unreachable_with_its_place() -> None:
    text = SOP.replace("medium: watch}\n      lone", "medium: watch, low: watch}\n      lone")
    found = [one for one in prove(load(text), today=TODAY) if one.severity == "error"]
    assert [one.message for one in found] == ["row 4 can never hold"]
    assert found[0].line == SOP[: SOP.index("ring: {high: {then")].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"inconclusive"', '"inconclusiv"', "Did you mean 'inconclusive'?"),
        ("      lone: {high", "      alone: {high", "Did you mean 'lone'?"),
        ("rows: classes.kind", "rows: classes.kinds", "Did you mean 'kind'?"),
        ("priority: [ring, lone]", "priority: [ring]", "priority names every class once"),
        ("precedence: [hard]", "precedence: [soft]", "precedence names every group once"),
        ("c: 5}", "e: 5}", "There is no factor 'e'"),
        ("then: [watch, dismiss], discretion: true", "then: [watch, dismiss]", "discretion"),
    ],
)
def test_mistakes_are_told(old: str, new: str, told: str) -> None:
    with pytest.raises(SopError, match=r"rings/sop\.yaml:") as caught:
        load(SOP.replace(old, new))
    assert told in str(caught.value)


def test_unique_rows_may_not_match_together() -> None:
    table = (
        SOP[: SOP.index("decision:")]
        + """decision:
  hit_policy: unique
  table:
    - {if: a, then: confirm}
    - {if: '!a && b', then: watch}
    - {if: '!a || b', then: dismiss}
"""
    )
    sop = load(table)
    messages = [one.message for one in prove(sop, today=TODAY) if one.severity == "error"]
    assert "rows 1 and 3 both match this case" in messages
    assert "rows 2 and 3 both match this case" in messages
    clash = match(sop, {"a": True, "b": True, "c": False, "d": False})
    assert [row.number for row in clash.clashing] == [1, 3]
    alone = match(sop, {"a": True, "b": False, "c": False, "d": False}).row
    assert alone is not None
    assert alone.number == 1


def test_priority_goes_by_the_order_of_outcomes() -> None:
    table = (
        SOP[: SOP.index("decision:")]
        + """decision:
  hit_policy: priority
  table:
    - {if: 'true', then: dismiss}
    - {if: b, then: watch}
    - {if: a, then: confirm}
"""
    )
    sop = load(table)
    both = match(sop, {"a": True, "b": True, "c": False, "d": False}).row
    assert both is not None
    assert both.spec.outcome == "confirm"
    assert [one.message for one in prove(sop, today=TODAY) if one.severity == "error"] == []


def test_a_row_that_may_have_matched_as_well_raises_the_route() -> None:
    from graphs.decide import _row_route

    table = (
        SOP[: SOP.index("decision:")]
        + """decision:
  hit_policy: first
  table:
    - {if: a, then: watch, route: senior}
    - {if: b, then: watch}
"""
    )
    found = match(load(table), {"a": None, "b": True, "c": False, "d": False})
    assert found.row is not None
    assert found.row.number == 2
    assert _row_route(found).value == "senior"
