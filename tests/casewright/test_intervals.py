import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casewright.intervals import wilson

trials = st.integers(0, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))

# Newcombe (1998), "Two-sided confidence intervals for the single proportion", method 3.
PUBLISHED = [
    (81, 263, 0.2553, 0.3662),
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0, 0.1611),
    (1, 29, 0.0061, 0.1718),
]


@pytest.mark.parametrize(("hits", "n", "low", "high"), PUBLISHED)
def test_published_examples(hits: int, n: int, low: float, high: float) -> None:
    assert wilson(hits, n) == pytest.approx((low, high), abs=5e-5)


def test_nothing_tried_is_nothing_known() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(("hits", "n"), [(-1, 5), (6, 5), (1, 0), (0, -1)])
def test_impossible_counts_are_refused(hits: int, n: int) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        wilson(hits, n)


@given(trials)
def test_the_interval_holds_the_proportion_and_mirrors(drawn: tuple[int, int]) -> None:
    hits, n = drawn
    low, high = wilson(hits, n)
    assert 0 <= low < high <= 1
    if n:
        assert low <= hits / n <= high
    assert wilson(n - hits, n) == pytest.approx((1 - high, 1 - low), abs=1e-12)


@given(trials.filter(lambda drawn: drawn[1] > 0))
def test_the_ends_solve_the_score_equation(drawn: tuple[int, int]) -> None:
    hits, n = drawn
    for end in wilson(hits, n):
        if 0 < end < 1:
            distance = abs(hits / n - end) / math.sqrt(end * (1 - end) / n)
            assert distance == pytest.approx(1.959963984540054, abs=1e-6)


@given(trials.filter(lambda drawn: drawn[1] > 0))
def test_more_of_the_same_narrows_it(drawn: tuple[int, int]) -> None:
    hits, n = drawn
    low, high = wilson(hits, n)
    closer_low, closer_high = wilson(4 * hits, 4 * n)
    assert closer_high - closer_low < high - low


@pytest.mark.parametrize("n", [50, 200])
@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_a_95_percent_interval_covers_about_95_percent(n: int, p: float) -> None:
    ends = np.array([wilson(hits, n) for hits in range(n + 1)])
    hits = np.random.default_rng(20260601).binomial(n, p, size=40_000)
    covered = np.mean((ends[hits, 0] <= p) & (p <= ends[hits, 1]))
    assert 0.93 <= covered <= 0.975
