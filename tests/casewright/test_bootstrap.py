import numpy as np
import pytest

from casewright import bootstrap
from casewright.bootstrap import bca_ends, drawn_sums, ratio_ends, statistic_ends


def test_bca_is_the_percentile_interval_where_nothing_is_skewed() -> None:
    """Symmetric samples around the value, and many sellers: z₀ and a are 0."""
    samples = np.linspace(-1, 1, 2001)
    without = np.linspace(-1e-3, 1e-3, 5000)
    low, high = bca_ends(0.0, samples, without)
    assert (low, high) == pytest.approx((-0.95, 0.95), abs=2e-3)


def test_bca_moves_with_the_skew() -> None:
    """By hand: z₀ = 0, a = Σd³ / 6(Σd²)^1.5 > 0 moves both ends up."""
    samples, gaps = np.linspace(-1, 1, 2001), np.array([1.0] * 99 + [-20.0])
    low, high = bca_ends(0.0, samples, gaps)
    assert low > -0.95
    assert high > 0.95


def test_few_sellers_widen_the_interval() -> None:
    samples, without = np.linspace(-1, 1, 2001), np.linspace(-1, 1, 8)
    few = bca_ends(0.0, samples, without)
    many = bca_ends(0.0, samples, without, sellers=1000)
    assert few.low < many.low < many.high < few.high


def test_one_seller_says_nothing() -> None:
    assert ratio_ends(np.array([[3.0, 4.0]])) == (None, None)
    assert ratio_ends(np.array([[3.0, 4.0], [1.0, 2.0]])) != (None, None)


def test_an_interval_holds_its_value() -> None:
    generator = np.random.default_rng(1)
    for _ in range(10):
        sums = np.stack([generator.gamma(0.3, 5, 12), np.ones(12)], axis=1)
        low, high = ratio_ends(sums)
        assert low <= sums[:, 0].mean() <= high


def test_whole_sellers_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    sums = np.eye(3) * 10
    drawn = drawn_sums(sums, draws=50)
    assert (drawn.sum(axis=1) == 30).all()
    assert (drawn % 10 == 0).all()
    monkeypatch.setattr(bootstrap, "AT_ONCE", 21)
    assert drawn_sums(sums, draws=50).shape == (50, 3)


def test_samples_that_say_nothing_are_left_out() -> None:
    def known(sums: np.ndarray) -> np.ndarray:
        return np.where(sums[:, 0] > 1, sums[:, 0], np.nan)

    low, high = statistic_ends(np.array([[2.0], [0.0], [0.0]]), known)
    assert 0 < low <= high
