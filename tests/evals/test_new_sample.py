from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casewright.errors import UsageError
from casewright.models import GoldCase
from evals.new import Closed
from evals.new_sample import Wish, allocate, draw

Write = Callable[..., GoldCase]

sizes = st.dictionaries(
    st.tuples(st.sampled_from("abcdef"), st.sampled_from("xyz")), st.integers(1, 60), min_size=1
)


@given(sizes=sizes, cases=st.integers(1, 400), minimum=st.integers(1, 3))
def test_an_allocation_sums_up_within_its_bounds(
    sizes: dict[tuple[str, ...], int], cases: int, minimum: int
) -> None:
    drawn = allocate(sizes, cases, minimum)
    least = {name: min(minimum, size) for name, size in sizes.items()}
    assert sum(drawn.values()) == min(sum(sizes.values()), max(cases, sum(least.values())))
    assert all(least[name] <= drawn[name] <= sizes[name] for name in sizes)


def test_the_rest_goes_by_size() -> None:
    assert allocate({("a",): 800, ("b",): 190, ("c",): 10}, 102, 2) == {
        ("a",): 79, ("b",): 20, ("c",): 3,
    }  # fmt: skip


kinds = st.tuples(
    st.sampled_from(["overturn", "uphold", "partial"]),
    st.sampled_from(["US", "EU", "MX"]),
    st.sampled_from(["appeal", "batch"]),
    st.booleans(),
)


@given(
    rows=st.lists(kinds, min_size=30, max_size=80),
    cases=st.integers(14, 30),
    overrides=st.sampled_from([None, 0.5]),
    seed=st.integers(0, 3),
)
def test_weights_stand_for_all_closed_cases(
    gold: Write,
    rows: list[tuple[str, str, str, bool]],
    cases: int,
    overrides: float | None,
    seed: int,
) -> None:
    closed = [
        Closed(gold(f"c{n}", outcome, region=region, channel=channel), changed)
        for n, (outcome, region, channel, changed) in enumerate(rows)
    ]
    wish = Wish(cases, minimum=1, overrides=overrides, seed=seed)
    sample = draw(closed, wish)
    assert len(sample.gold) == cases
    assert len({one.case_id for one in sample.gold}) == cases
    assert draw(closed[::-1], wish) == sample
    # Outcomes are never joined, so the weights of each sum up to how many there are.
    weights = Counter[str]()
    for one in sample.gold:
        weights[one.outcome] += one.weight
    assert weights == pytest.approx(Counter(row[0] for row in rows))
    assert sum(one.cases for one in sample.strata) == len(rows)


def many(gold: Write) -> list[Closed]:
    common = [Closed(gold(f"c{n}", "uphold")) for n in range(90)]
    return common + [Closed(gold(f"o{n}", "overturn"), overridden=True) for n in range(10)]


def test_overrides_are_oversampled_and_weigh_less(gold: Write) -> None:
    sample = draw(many(gold), Wish(20, overrides=0.25))
    assert Counter(one.outcome for one in sample.gold) == {"uphold": 15, "overturn": 5}
    assert {(one.overridden, one.cases, one.drawn, one.weight) for one in sample.strata} == {
        (True, 10, 5, 2.0),
        (False, 90, 15, 6.0),
    }


def test_another_draw_seed_draws_others(gold: Write) -> None:
    first, second = (draw(many(gold), Wish(20, seed=seed)) for seed in (0, 1))
    assert first.strata == second.strata
    assert first.gold != second.gold


def test_small_strata_are_joined_along_their_last_dimension(gold: Write) -> None:
    regions = ["US"] * 20 + ["EU"] * 20 + ["MX", "UK"]
    closed = [Closed(gold(f"c{n}", region=region)) for n, region in enumerate(regions)]
    strata = draw(closed, Wish(10, by=("outcome", "region"))).strata
    assert {(one.name, one.cases) for one in strata} == {
        (("overturn", "*"), 2),
        (("overturn", "EU"), 20),
        (("overturn", "US"), 20),
    }


def test_too_few_cases_and_unknown_dimensions_are_refused(gold: Write) -> None:
    with pytest.raises(UsageError, match=r"2 cases are too few for 2 strata .* Draw 4 or more"):
        draw(many(gold), Wish(2))
    with pytest.raises(UsageError, match=r"cannot be divided by mood\. Known: outcome, region"):
        draw(many(gold), Wish(20, by=("outcome", "mood")))
