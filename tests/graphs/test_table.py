"""The decision table: first match in three-valued logic, its scores and its stability."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from graphs.cel import parse
from graphs.sop import Row, Sop
from graphs.table import Match, factors_of, match, stability

NAMES = ("a", "b", "c", "d")
generous = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def tabled(small: Sop, *rows: tuple[str, str], **scores: tuple[dict[str, int], int]) -> Sop:
    """The SOP with factors a to d, these rows, and scores as points and threshold."""
    factor = small.factors["in_time"]
    score, row = small.spec.scores["abuse"], small.rows[0]
    specs = {
        name: type(score)(points=points, threshold=threshold)
        for name, (points, threshold) in scores.items()
    }
    built = [
        replace(
            row,
            number=number,
            spec=type(row.spec).model_validate({"if": text, "then": then}),
            condition=parse(text),
        )
        for number, (text, then) in enumerate(rows, start=1)
    ]
    return replace(
        small,
        spec=small.spec.model_copy(update={"scores": specs}),
        factors={name: replace(factor, name=name) for name in NAMES},
        rows=tuple(built),
    )


def values(**known: bool | None) -> dict[str, bool | None]:
    return {name: known.get(name) for name in NAMES}


def numbers(rows: tuple[Row, ...]) -> tuple[int, ...]:
    return tuple(row.number for row in rows)


def decided(found: Match) -> str | None:
    return "".join(found.row.spec.then) if found.row else None


def test_the_first_row_that_holds_decides(small: Sop) -> None:
    sop = tabled(small, ("a", "x"), ("b", "y"), ("c", "z"))
    found = match(sop, values(a=False, b=True, c=True))
    assert found.row is sop.rows[1]
    assert numbers(found.passed) == (1,)
    assert found.undecided == ()


def test_an_unknown_above_blocks_and_is_named(small: Sop) -> None:
    sop = tabled(small, ("a && b", "x"), ("c && d", "z"), ("true", "y"))
    found = match(sop, values(a=True, c=True))
    assert found.row is None
    assert found.blocked == ("b", "d")
    assert match(sop, values(a=False, c=False)).row is sop.rows[2]


def test_an_unknown_below_the_row_that_decides_does_not_matter(small: Sop) -> None:
    sop = tabled(small, ("a", "x"), ("b", "y"))
    assert decided(match(sop, values(a=True))) == "x"


def test_a_doubtful_row_that_would_decide_the_same_does_not_block(small: Sop) -> None:
    sop = tabled(small, ("a", "x"), ("b", "x"), ("c", "y"))
    found = match(sop, values(b=True))
    assert found.row is sop.rows[1]
    assert numbers(found.undecided) == (1,)
    blocked = match(sop, values(b=False, c=True))
    assert (blocked.row, blocked.blocked) == (None, ("a",))


def test_only_the_rows_that_differ_block(small: Sop) -> None:
    sop = tabled(small, ("a", "x"), ("b", "y"), ("c", "x"))
    assert match(sop, values(c=True)).blocked == ("b",)


def test_no_row_covers_the_case(small: Sop) -> None:
    found = match(tabled(small, ("a", "x")), values(a=False))
    assert (found.row, found.blocked, numbers(found.passed)) == (None, (), (1,))


def test_rows_that_do_not_apply_are_passed_over(small: Sop) -> None:
    sop = tabled(small, ("a", "x"), ("b", "y"), ("true", "z"))
    found = match(sop, values(a=True, b=None), applies=lambda row: row.number == 3)
    assert found.row is sop.rows[2]
    assert found.passed == ()


@pytest.mark.parametrize(
    ("known", "met"),
    [
        ({"a": True, "b": True}, None),  # 2 to 3: where c holds, it takes one away
        ({"a": True, "b": True, "c": False}, True),
        ({"a": True, "b": True, "c": True}, False),
        ({"a": False, "b": True}, False),
        ({"a": True, "b": None, "c": False}, None),
        ({"a": True, "b": None, "c": True}, False),
        ({"a": None, "b": True, "c": False}, None),
        ({}, None),
    ],
)
def test_a_score_with_unknown_terms_is_a_range(
    small: Sop, known: dict[str, bool | None], met: bool | None
) -> None:
    sop = tabled(small, ("scores.s.met", "x"), ("true", "y"), s=({"a": 2, "b": 1, "c": -1}, 3))
    assert decided(match(sop, values(**known))) == {True: "x", False: "y", None: None}[met]


def test_a_score_blocks_by_its_open_terms(small: Sop) -> None:
    sop = tabled(small, ("scores.s.met", "x"), ("true", "y"), s=({"a": 2, "b": 1}, 3))
    assert match(sop, values(a=True)).blocked == ("b",)
    assert match(sop, values()).blocked == ("a", "b")


def test_the_factors_of_a_row_include_those_of_its_scores(small: Sop) -> None:
    sop = tabled(small, ("d && scores.s.met", "x"), s=({"b": 1, "a": 1}, 1))
    assert factors_of(sop, sop.rows[0]) == ("a", "b", "d")


# Random small tables against brute force.

literals = st.sampled_from([*NAMES, *(f"!{name}" for name in NAMES)])
conditions = st.lists(
    st.lists(literals, min_size=1, max_size=2).map(" && ".join), min_size=1, max_size=2
).map(lambda parts: " || ".join(f"({part})" for part in parts))
rows = st.lists(
    st.tuples(conditions | st.just("scores.s.met"), st.sampled_from("xyz")),
    min_size=1,
    max_size=4,
)
points = st.dictionaries(st.sampled_from(NAMES), st.integers(-2, 3), min_size=1)
truths = st.none() | st.booleans()
cases = st.fixed_dictionaries(dict.fromkeys(NAMES, truths))


@st.composite
def tables(draw: st.DrawFn) -> tuple[Any, ...]:
    return draw(rows), (draw(points), draw(st.integers(-1, 4)))


def completions(known: dict[str, bool | None]) -> list[dict[str, bool | None]]:
    choices = [(value,) if value is not None else (False, True) for value in known.values()]
    return [dict(zip(known, chosen, strict=True)) for chosen in product(*choices)]


@generous
@given(tables(), cases)
def test_more_knowledge_never_changes_a_decided_outcome(
    small: Sop, table: tuple[Any, ...], known: dict[str, bool | None]
) -> None:
    sop = tabled(small, *table[0], s=table[1])
    outcome = decided(match(sop, known))
    assume(outcome is not None)
    assert {decided(match(sop, full)) for full in completions(known)} == {outcome}


@generous
@given(tables(), cases)
def test_what_blocks_is_unknown_and_could_matter(
    small: Sop, table: tuple[Any, ...], known: dict[str, bool | None]
) -> None:
    sop = tabled(small, *table[0], s=table[1])
    found = match(sop, known)
    assume(found.blocked)
    assert all(known[name] is None for name in found.blocked)
    answered = {**known, **dict.fromkeys(found.blocked, True)}
    assert set(match(sop, answered).blocked).isdisjoint(found.blocked)


@generous
@given(tables(), cases)
def test_a_table_without_unknowns_never_blocks(
    small: Sop, table: tuple[Any, ...], known: dict[str, bool | None]
) -> None:
    sop = tabled(small, *table[0], s=table[1])
    for full in completions(known)[:4]:
        found = match(sop, full)
        assert found.blocked == ()
        assert found.undecided == ()


@generous
@given(tables(), cases)
def test_stability_is_the_fewest_flips_that_change_the_outcome(
    small: Sop, table: tuple[Any, ...], known: dict[str, bool | None]
) -> None:
    sop = tabled(small, *table[0], s=table[1])
    held = [name for name, value in known.items() if value is not None]
    outcome = decided(match(sop, known))
    changing = [
        size
        for size in range(1, len(held) + 1)
        for flipped in combinations(held, size)
        if decided(match(sop, {**known, **{name: not known[name] for name in flipped}})) != outcome
    ]
    assert stability(sop, known) == min(changing, default=None)


def test_stability_leaves_out_rows_that_do_not_apply(small: Sop) -> None:
    sop = tabled(small, ("a", "x"), ("b", "y"), ("true", "z"))
    full = values(a=False, b=False, c=True, d=True)
    assert stability(sop, full) == 1
    assert stability(sop, full, applies=lambda row: row.number == 3) is None
