"""Factors that are numbers or words: from the file to the proof, against plain Python."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.reading import Answer, Reading
from casewright.errors import SopError
from casewright.models import Factor, Value
from casewright.registry import load_plugins
from graphs.kinds import Domain, Kind
from graphs.load import load_sop
from graphs.prove import prove
from graphs.read import established
from graphs.scope import Unknown
from graphs.sop import Sop
from graphs.sum_schema import ClassificationSpec, SumSpec
from graphs.sums import bounds, class_of
from graphs.table import cuts, match, nearest, stability
from tools.base import Tool

TOOLS = load_plugins().all("tool", Tool)
KINDS: list[Kind] = ["integer", "number"]
TODAY = datetime(2026, 6, 1, tzinfo=UTC)
POLICY = "---\npolicy: fees\n---\n## ACT-1.1 · from 2025-01-01\nSomething.\n"
SOP = """sop: fees
version: 1
title: Fees
case_type: fee
outcomes: [waive, halve, charge]
actions:
  seller: {tool: get_seller, with: {seller_id: case.seller_id}}
factors:
  health: {type: integer, min: 0, max: 1000, rule: seller.health_score, says: "Health {value}."}
  share:
    type: number
    min: 0
    max: 1
    rule: double(seller.health_score) / 1000.0
    says: "A share of {value}."
  tier: {type: enum, values: [new, standard, top], rule: seller.tier, says: "A {value} seller."}
  mood:
    type: enum
    values: [calm, angry]
    question: How does the seller sound?
    read: [seller.display_name]
    says: "The seller sounds {value}."
  sanctioned: {rule: seller.sanctioned, says: {yes: y, no: n}}
scores:
  trust: {points: {sanctioned: -40}, weights: {share: 100, health: 0.1}, threshold: 120}
decision:
  hit_policy: first
  table:
    - {if: 'tier == "top" && health >= 500 && mood != "angry"', then: waive, policy: [ACT-1.1]}
    - {if: scores.trust.met, then: halve, policy: [ACT-1.1]}
    - {if: 'tier in ["new", "standard"] || share < 0.25', then: charge, policy: [ACT-1.1]}
    - {if: "true", then: halve, policy: [ACT-1.1]}
"""


def load(text: str = SOP) -> Sop:
    return load_sop({"sop.yaml": text, "policy.md": POLICY}, TOOLS, folder="fees")


values = st.fixed_dictionaries(
    {
        "health": st.integers(0, 1000),
        "share": st.integers(0, 1000).map(lambda n: n / 1000),
        "tier": st.sampled_from(["new", "standard", "top"]),
        "mood": st.sampled_from(["calm", "angry"]),
        "sanctioned": st.booleans(),
    }
)


def plain(facts: Mapping[str, Value]) -> str:
    """The page, read by a person."""
    health, share = int(facts["health"]), Fraction(str(facts["share"]))
    if facts["tier"] == "top" and health >= 500 and facts["mood"] != "angry":
        return "waive"
    if 100 * share + Fraction(health, 10) - 40 * bool(facts["sanctioned"]) >= 120:
        return "halve"
    return "charge" if facts["tier"] != "top" or share < Fraction(1, 4) else "halve"


FEES = load()


@settings(max_examples=200, deadline=None)
@given(facts=values)
def test_the_table_decides_numbers_and_words_as_the_page_says(facts: dict[str, Value]) -> None:
    row = match(FEES, facts).row
    assert row is not None
    assert row.spec.outcome == plain(facts)


@settings(max_examples=100, deadline=None)
@given(facts=values, hidden=st.sets(st.sampled_from(sorted(FEES.factors)), min_size=1))
def test_what_is_decided_without_a_fact_holds_for_all_its_values(
    facts: dict[str, Value], hidden: set[str]
) -> None:
    row = match(FEES, {n: None if n in hidden else v for n, v in facts.items()}).row
    if row is not None:
        assert row.spec.outcome == plain(facts)


def test_the_table_is_proved_over_numbers_and_words() -> None:
    assert prove(FEES, today=TODAY) == ()


@pytest.mark.parametrize(
    ("old", "new", "told", "example"),
    [
        (
            '    - {if: "true", then: halve, policy: [ACT-1.1]}\n',
            "",
            "no row covers",
            {"tier": "top"},
        ),
        ("health >= 500", "health >= 500 && health < 500", "row 1 can never hold", {}),
        ("share < 0.25", "share <= 1", "row 4 is never reached", {}),
    ],
)
def test_a_fault_is_shown_with_a_case_within_the_bounds(
    old: str, new: str, told: str, example: dict[str, Value]
) -> None:
    assert old in SOP
    sop = load(SOP.replace(old, new))
    (found, *_) = [one for one in prove(sop, today=TODAY) if told in one.message]
    assert example.items() <= found.example.items()
    for name, value in found.example.items():
        domain = sop.factors[name].domain
        assert domain.types(value)
        assert domain.holds(value)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"angry"', '"angri"', "no value of mood 'angri'"),
        ("health >= 500", "health", "health is a whole number from 0 to 1000; compare it"),
        ("health >= 500", 'health == "high"', "is compared with a word"),
        ("health >= 500", "health >= 5000", "5000 lies outside"),
        ('mood != "angry"', "mood > 3", "is one of calm, angry, and is compared with a number"),
        ("min: 0, max: 1000, ", "", "`min` and `max` belong to an integer or a number"),
        ("values: [new, standard, top], ", "", "`values`, two or more, belong to an enum"),
        ('says: "Health {value}."', "says: {yes: y, no: n}", "another type one text"),
        ("points: {sanctioned: -40}", "points: {health: 1}", "yes or no has points"),
        ("weights: {share: 100", "weights: {tier: 100", "a number has weights"),
    ],
)
def test_types_that_do_not_go_together_are_told(old: str, new: str, told: str) -> None:
    assert old in SOP
    with pytest.raises(SopError, match=told.replace("(", r"\(")) as caught:
        load(SOP.replace(old, new, 1))
    assert caught.value.line


@given(
    kind=st.sampled_from(KINDS),
    value=st.integers(0, 100),
    marks=st.lists(st.integers(0, 100)),
)
def test_other_values_are_of_the_domain_and_lie_on_both_sides_of_every_cut(
    kind: Kind, value: int, marks: list[int]
) -> None:
    domain = Domain(kind, 0, 100)
    others = list(domain.others(value, map(float, marks)))
    assert value not in others
    assert all(domain.types(one) and domain.holds(one) for one in others)
    for cut in marks:
        assert cut == value or cut in others
        assert any(one < cut for one in (*others, value)) or cut == 0
        assert any(one > cut for one in (*others, value)) or cut == 100


def test_the_nearest_change_of_a_number_is_its_threshold() -> None:
    facts: dict[str, Value] = {
        "health": 430, "share": 0.5, "tier": "top", "mood": "calm", "sanctioned": False,
    }  # fmt: skip
    assert cuts(FEES, "health") == (500.0,)
    assert stability(FEES, facts) == 1
    waived = nearest(FEES, facts, lambda changed: plain_outcome(changed) == "waive")
    assert waived == {"health": 500}


def plain_outcome(facts: Mapping[str, Value | None]) -> str:
    row = match(FEES, facts).row
    return row.spec.outcome if row else ""


@pytest.mark.parametrize(
    ("text", "domain", "value"),
    [
        ("yes", Domain(), True),
        ("7", Domain("integer", 0, 10), 7),
        ("7.5", Domain("integer", 0, 10), None),
        ("7.5", Domain("number", 0, 10), 7.5),
        ("11", Domain("number", 0, 10), None),
        ("nan", Domain("number", 0, 10), None),
        ("1e999999", Domain("number", 0, 10), None),
        ("9" * 400, Domain("integer", 0, 10), None),
        ("top", Domain("enum", values=("new", "top")), "top"),
        ("tops", Domain("enum", values=("new", "top")), None),
        ("maybe", Domain(), None),
    ],
)
def test_texts_are_read_as_values_of_the_domain(
    text: str, domain: Domain, value: Value | None
) -> None:
    assert domain.read(text) == value


def test_an_answer_of_a_reader_becomes_the_word() -> None:
    answer = Answer(factor="mood", answer="angry", quote="!!", digest="a" * 64, pointer="/x")
    (told,) = established([Factor(name="mood")], Reading(answers=(answer,)), (), FEES.factors)
    assert (told.value, told.by) == ("angry", "model")
    unclear = answer.model_copy(update={"answer": "unclear", "quote": ""})
    (open_,) = established([Factor(name="mood")], Reading(answers=(unclear,)), (), FEES.factors)
    assert not open_.known


NUMBERS = {"x": Domain("number", -5, 10), "y": Domain("integer", 0, 4)}
number_sums = st.builds(
    SumSpec,
    weights=st.dictionaries(st.sampled_from(["x", "y"]), st.decimals(-3, 3, places=1), min_size=1),
    threshold=st.integers(-5, 5).map(Decimal),
)
numbers = st.fixed_dictionaries(
    {
        "x": st.none() | st.integers(-50, 100).map(lambda n: n / 10),
        "y": st.none() | st.integers(0, 4),
    }
)


def ends(known: Mapping[str, float | None]) -> list[dict[str, float]]:
    """Every way to put least and greatest values in for what is unknown: where sums are extreme."""
    filled: list[dict[str, float]] = [{}]
    for name, value in known.items():
        domain = NUMBERS[name]
        options = [value] if value is not None else [domain.low or 0.0, domain.high or 0.0]
        filled = [{**one, name: option} for one in filled for option in options]
    return filled


def total(spec: SumSpec, filled: Mapping[str, float]) -> Decimal:
    return sum((w * Decimal(str(filled[n])) for n, w in spec.weights.items()), Decimal(0))


@given(spec=number_sums, known=numbers)
def test_a_sum_with_unknown_numbers_is_exactly_the_range_it_can_take(
    spec: SumSpec, known: dict[str, float | None]
) -> None:
    totals = [total(spec, filled) for filled in ends(known)]
    assert bounds(spec, known, NUMBERS) == (min(totals), max(totals))


@settings(max_examples=200, deadline=None)
@given(one=number_sums, two=number_sums, known=numbers, data=st.data())
def test_a_class_told_despite_unknown_numbers_holds_for_all_of_them(
    one: SumSpec, two: SumSpec, known: dict[str, float | None], data: st.DataObject
) -> None:
    spec = ClassificationSpec.model_validate(
        {
            "classes": {"one": one.model_dump(), "two": two.model_dump()},
            "priority": ["two", "one"],
        }
    )
    told = class_of(spec, known, NUMBERS)
    filled = data.draw(st.sampled_from(ends(known)))
    if not isinstance(told, Unknown):
        assert class_of(spec, filled, NUMBERS) == told


@pytest.mark.parametrize(
    ("missing", "expected"), [("largest", Decimal("0.5") * 8 + 8), (2, Decimal("0.5") * 2 + 8)]
)
def test_a_missing_number_counts_what_is_written(missing: object, expected: Decimal) -> None:
    spec = SumSpec.model_validate(
        {
            "weights": {"x": 0.5, "y": 1},
            "threshold": 5,
            "impute": {"missing": missing, "at_most": 1},
        }
    )
    domains = {"x": Domain("number", 0, 10), "y": Domain("number", 0, 10)}
    assert bounds(spec, {"x": None, "y": 8}, domains) == (expected, expected)
