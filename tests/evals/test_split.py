from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from casewright.models import GoldCase
from evals.results import key_of
from evals.split import Parties, involved, split

START = datetime(2026, 6, 1, tzinfo=UTC)
Write = Callable[..., GoldCase]

people = st.frozensets(st.sampled_from("abcdefghij"), max_size=3)
drawn = st.lists(
    st.tuples(
        st.sampled_from(["S-1", "S-2", "S-3", "S-4", "S-5", "S-6"]), people, st.integers(0, 9)
    ),
    min_size=1,
    max_size=30,
)


def written(
    gold: Write, rows: list[tuple[str, frozenset[str], int]]
) -> tuple[list[GoldCase], Parties]:
    cases = [
        gold(f"c{n}", seller_id=f"{seller}-{n % 7}", as_of=START + timedelta(days=day))
        for n, (seller, _, day) in enumerate(rows)
    ]
    return cases, {key_of(one): row[1] for one, row in zip(cases, rows, strict=True)}


@settings(deadline=None)  # scipy is imported in the first one
@given(rows=drawn, share=st.floats(0.05, 0.95))
def test_nobody_stands_on_both_sides_and_every_case_on_one(
    gold: Write, rows: list[tuple[str, frozenset[str], int]], share: float
) -> None:
    cases, parties = written(gold, rows)
    parts = split(cases, parties, share)
    assert sorted(map(key_of, (*parts.dev, *parts.test))) == sorted(map(key_of, cases))
    met = [{p for one in side for p in involved(one, parties)} for side in (parts.dev, parts.test)]
    assert met[0].isdisjoint(met[1])
    turned = split(cases[::-1], parties, share)
    assert {*map(key_of, turned.test)} == {*map(key_of, parts.test)}
    assert abs(len(parts.test) - share * len(cases)) <= share * len(cases)


def test_the_later_cases_are_for_the_test_and_a_linked_one_follows_its_group(gold: Write) -> None:
    cases = [
        gold(f"c{day}", seller_id=f"S-{day}", as_of=START + timedelta(days=day))
        for day in range(10)
    ]
    alone = split(cases, {}, 0.3)
    assert [one.case_id for one in alone.test] == ["c7", "c8", "c9"]
    assert (alone.against_time, alone.alone, alone.groups) == ((), 10, 10)
    assert alone.dev_to is not None
    assert alone.test_from is not None
    assert alone.dev_to < alone.test_from
    # The first case's buyer is the last one's: both go to the test, and c7 and c8 cannot all go.
    linked = split(cases, {key_of(cases[0]): {"B-1"}, key_of(cases[9]): {"B-1"}}, 0.3)
    assert [one.case_id for one in linked.test] == ["c0", "c8", "c9"]
    assert (linked.against_time, linked.largest, linked.alone) == (("c0",), 2, 8)


def test_a_group_that_is_too_large_for_the_test_is_passed_over(gold: Write) -> None:
    cases = [gold(f"c{n}", seller_id="S-1", as_of=START + timedelta(days=5)) for n in range(8)]
    cases += [gold(f"d{n}", seller_id=f"S-{n}", as_of=START) for n in (2, 3)]
    parts = split(cases, {}, 0.2)
    assert {one.case_id for one in parts.test} == {"d2", "d3"}
    assert (parts.largest, parts.against_time) == (8, ("d2", "d3"))
    assert split([cases[0], cases[1]], {}, 0.3).test == ()


def test_worlds_number_their_parties_from_one(gold: Write) -> None:
    cases = [gold("c1", seed=7), gold("c1", seed=11, as_of=START + timedelta(days=1))]
    assert split(cases, {}, 0.5).groups == 2
