"""Accuracy of all closed cases, from a sample that was not drawn evenly."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casewright.intervals import wilson
from evals.measures import MetricContext
from evals.scored import Scored
from evals.weighted import WeightedAccuracy

NOBODY_SAYS = MetricContext({})


def weighing(scored: Callable[..., Scored], rows: list[tuple[bool, float]]) -> list[Scored]:
    cases = []
    for number, (right, weight) in enumerate(rows):
        said = "uphold" if right else "overturn"
        one = scored("uphold", said, case_id=f"c{number}", seller_id=f"s{number}")
        gold = one.gold.model_copy(update={"weight": weight})
        cases.append(one.model_copy(update={"gold": gold}))
    return cases


def test_a_case_counts_for_as_many_as_it_stands_for(scored: Callable[..., Scored]) -> None:
    """Three wrong overrides that were drawn whole, and one right case that stands for seven."""
    found = WeightedAccuracy().measure(
        weighing(scored, [(False, 1.0)] * 3 + [(True, 7.0)]), NOBODY_SAYS
    )
    assert found.value == pytest.approx(0.7)
    assert "stand for 10, of which 7 are right" in found.reason
    # Kish: four cases of these weights are worth 100 / 52 of equal ones.
    assert (found.low, found.high) == pytest.approx(wilson(2.8, 4, effect=4 * 52 / 100))


def test_without_weights_it_says_that_it_is_the_accuracy(scored: Callable[..., Scored]) -> None:
    found = WeightedAccuracy().measure(weighing(scored, [(True, 2.0), (False, 2.0)]), NOBODY_SAYS)
    assert found.value is None
    assert "it is the accuracy" in found.reason


def test_undecided_cases_count_neither_way(scored: Callable[..., Scored]) -> None:
    cases = weighing(scored, [(True, 1.0), (False, 3.0)])
    asked = weighing(scored, [(True, 9.0)])[0].model_copy(update={"outcome": "escalate"})
    assert WeightedAccuracy().measure([*cases, asked], NOBODY_SAYS).value == pytest.approx(0.25)


@settings(deadline=None, max_examples=50)  # scipy is imported inside the first one
@given(rows=st.lists(st.tuples(st.booleans(), st.floats(0.1, 50.0)), min_size=2, max_size=30))
def test_the_interval_holds_the_value_and_only_ratios_of_weights_matter(
    rows: list[tuple[bool, float]], scored: Callable[..., Scored]
) -> None:
    found = WeightedAccuracy().measure(weighing(scored, rows), NOBODY_SAYS)
    if found.value is None:
        return
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= found.value <= found.high <= 1
    doubled = WeightedAccuracy().measure(
        weighing(scored, [(right, 2 * weight) for right, weight in rows]), NOBODY_SAYS
    )
    assert math.isclose(doubled.value or 0.0, found.value, abs_tol=1e-9)
    assert math.isclose(doubled.low or 0.0, found.low, abs_tol=1e-9)
