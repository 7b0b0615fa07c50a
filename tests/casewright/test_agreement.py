"""Kappa and alpha against libraries and worked examples, and how often their intervals cover."""

from __future__ import annotations

import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from casewright.agreement import alpha, ends_of_all_agreeing, kappa

WORDS = ("uphold", "overturn", "partial")

judged = st.lists(st.lists(st.sampled_from(WORDS), max_size=4), min_size=2, max_size=25)
paired = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(WORDS)), min_size=2)


def test_cohen_s_worked_example() -> None:
    """Grant applications of 50 people: 20 yes and yes, 15 no and no, p_o 0.7 and p_e 0.5."""
    pairs = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15
    value, ends = kappa(pairs, range(50))
    assert value == pytest.approx(0.4)
    assert ends.low is not None
    assert ends.high is not None
    assert ends.low < 0.4 < ends.high


def test_krippendorff_s_worked_example() -> None:
    """Krippendorff (2011), C: four observers, twelve units, missing data; nominal 0.743."""
    table = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
        [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
    ]
    units = [[str(one) for one in unit if one is not None] for unit in zip(*table, strict=True)]
    assert alpha(units, range(12))[0] == pytest.approx(0.743, abs=5e-4)


@given(paired)
def test_kappa_is_scikit_learn_s(pairs: list[tuple[str, str]]) -> None:
    value, _ = kappa(pairs, range(len(pairs)))
    if len({one for pair in pairs for one in pair}) > 1:
        assert value == pytest.approx(cohen_kappa_score(*zip(*pairs, strict=True)))
    else:
        assert value is None


@given(judged)
def test_alpha_is_krippendorff_s(units: list[list[str]]) -> None:
    counts = np.array([[given.count(word) for word in WORDS] for given in units])
    pairable = counts[counts.sum(axis=1) > 1]
    value, _ = alpha(units, range(len(units)))
    if (pairable.sum(axis=0) > 0).sum() > 1:
        expected = krippendorff.alpha(value_counts=counts, level_of_measurement="nominal")
        assert value == pytest.approx(expected)
    else:
        assert value is None


@given(paired, st.integers(2, 5))
def test_a_case_that_stands_for_more_counts_as_often(
    pairs: list[tuple[str, str]], times: int
) -> None:
    weights = [1.0, *[float(times)] * (len(pairs) - 1)]
    repeated = [pairs[0], *(one for one in pairs[1:] for _ in range(times))]
    value, _ = kappa(pairs, range(len(pairs)), weights)
    plain, _ = kappa(repeated, range(len(repeated)))
    assert value == (None if plain is None else pytest.approx(plain))


def test_where_all_agree_the_interval_does_not_say_that_they_always_will() -> None:
    said = ["uphold"] * 20 + ["overturn"] * 20
    low, high = ends_of_all_agreeing(said, range(40))
    assert high == 1
    assert low is not None
    assert 0.7 < low < 0.9
    alike, _ = ends_of_all_agreeing(said, [number // 10 for number in range(40)])
    assert alike is not None
    assert alike < low, "ten cases of one seller tell about as much as one"


def test_the_intervals_cover() -> None:
    """Readers of whom each errs in 15% of cases, sellers alike: at least 90% of 200 intervals."""
    rng, inside = np.random.default_rng(3), np.zeros(2)
    p, wrong = 0.5, 0.15
    agree = (1 - wrong) ** 2 + wrong**2
    true = (agree - 0.5) / 0.5
    for _ in range(200):
        truth = np.repeat(rng.random(60) < p, 2)
        one, other = (truth ^ (rng.random(120) < wrong) for _ in range(2))
        pairs = [(str(a), str(b)) for a, b in zip(one, other, strict=True)]
        sellers = [number // 2 for number in range(120)]
        for at, (_, ends) in enumerate((kappa(pairs, sellers), alpha(pairs, sellers))):
            assert ends.low is not None
            assert ends.high is not None
            inside[at] += ends.low <= true <= ends.high
    assert (inside >= 180).all(), inside
