"""Statistics of pairs, against published examples, hand calculation and simulation."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, norm

from casewright import bootstrap
from casewright.bootstrap import percentile_ends
from evals import paired
from evals.paired import (
    cases_to_accept,
    cases_to_tell,
    design_effect,
    differences,
    holm,
    mcnemar,
    score_low,
    swap_test,
)


def test_mcnemar_of_armitage_and_berry() -> None:
    """Sputum on two media (Armitage and Berry 1994, p. 127): 12 and 2 differ, P = 0.0129."""
    assert mcnemar(12, 2) == pytest.approx(0.0129, abs=5e-5)
    assert mcnemar(2, 12) == mcnemar(12, 2)


def test_mcnemar_by_hand() -> None:
    assert mcnemar(0, 0) == 1
    assert mcnemar(5, 5) == 1
    assert mcnemar(0, 6) == pytest.approx(2 / 2**6)
    assert mcnemar(1, 9) == pytest.approx(2 * (1 + 10) / 2**10)


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm([0.5, 0.6]) == (1.0, 1.0)
    assert holm([]) == ()


@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_rejects_what_the_step_down_rejects(p_values: list[float]) -> None:
    """Holm (1979): reject by ascending p while p(i) <= alpha / (m - i + 1)."""
    rejected = set()
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        if p_values[place] * (len(p_values) - rank) > 0.05:
            break
        rejected.add(place)
    assert {place for place, p in enumerate(holm(p_values)) if p <= 0.05} == rejected


@given(st.integers(0, 30), st.integers(0, 30))
def test_swapping_sellers_of_one_case_each_is_mcnemar(lost: int, won: int) -> None:
    expected = binomtest(lost, lost + won).pvalue if lost + won else 1
    assert swap_test([-1] * lost + [1] * won + [0] * 5) == pytest.approx(expected)


@given(st.lists(st.integers(-4, 4), max_size=9))
def test_swap_test_counts_the_swaps(net: list[int]) -> None:
    swaps = list(itertools.product((1, -1), repeat=len(net)))
    totals = [sum(s * n for s, n in zip(swap, net, strict=True)) for swap in swaps]
    far = sum(abs(total) >= abs(sum(net)) for total in totals)
    assert swap_test(net) == pytest.approx(far / len(swaps))


def test_one_seller_proves_nothing() -> None:
    assert swap_test([40]) == 1
    assert mcnemar(0, 40) < 1e-10


def test_score_interval_of_tango() -> None:
    """Contact lenses (Tango 1998): 1 of 44 differs; 90% interval from -0.096, Z(-0.1) = 1.709."""
    assert score_low(1, 0, 44) == pytest.approx(-0.096, abs=5e-4)
    assert paired._score(1, 0, 44, -0.1) == pytest.approx(1.709, abs=5e-4)


def test_score_interval_of_fagerland() -> None:
    """Airway hyper-responsiveness (Fagerland, Lydersen and Laake 2014): 7 and 1 of 21."""
    assert score_low(7, 1, 21, z=1.959964) == pytest.approx(-0.517, abs=5e-4)


@pytest.mark.parametrize("n", [1, 10, 100, 5000])
def test_score_interval_where_nothing_differs(n: int) -> None:
    z = paired.Z_ONE_SIDED
    assert score_low(0, 0, n) == pytest.approx(-z * z / (n + z * z))
    assert score_low(0, 0, n, effect=2) == pytest.approx(-z * z / (n / 2 + z * z))


def test_score_interval_at_its_ends() -> None:
    assert score_low(5, 0, 5) == pytest.approx(-1)
    assert score_low(0, 5, 5) < 1
    with pytest.raises(ValueError, match="cannot be"):
        score_low(3, 3, 5)


def test_sample_size_of_connor() -> None:
    """By hand: δ = 0.1, ψ = 0.2: (1.95996·0.447214 + 0.841621·0.435890)² / 0.01 = 154.60."""
    assert cases_to_tell(0.1, 0.2) == 155
    assert cases_to_tell(-0.1, 0.2, effect=2) == 310
    assert cases_to_tell(0, 0.2) is None


def test_the_sample_size_has_its_power() -> None:
    n, generator = cases_to_tell(0.1, 0.2), np.random.default_rng(3)
    draws = generator.multinomial(n, (0.05, 0.15, 0.8), size=1500)
    power = np.mean([mcnemar(int(lost), int(won)) <= 0.05 for lost, won, _ in draws])
    assert 0.74 < power < 0.84  # the exact test has a little less than the formula's


def test_sample_size_of_non_inferiority() -> None:
    """By hand: δ = 0, ψ = 0.1, margin 0.02: (1.64485 + 0.84162)² · 0.1 / 0.0004 = 1545.6."""
    assert cases_to_accept(0, 0.1, 0.02) == 1546
    assert cases_to_accept(0, 0, 0.02) == cases_to_accept(0, 0.02, 0.02)
    assert cases_to_accept(-0.02, 0.1, 0.02) is None


def test_the_quantiles_are_those_of_the_normal_distribution() -> None:
    expected = norm.ppf([0.95, 0.975, 0.8])
    assert expected == pytest.approx([paired.Z_ONE_SIDED, paired.Z_TWO_SIDED, paired.Z_POWER])


def test_samples_are_the_ratios_of_the_sellers_drawn() -> None:
    """One seller: every sample is what was seen; a measure without denominator is unknown."""
    counts = np.array([[[1, 4, 3, 4], [0, 0, 1, 1]]])
    samples = differences(counts, draws=7)
    assert samples.shape == (7, 2)
    assert (samples[:, 0] == 0.5).all()
    assert np.isnan(samples[:, 1]).all()
    assert percentile_ends(samples, 0.95)[1] == (None, None)


def test_the_same_files_give_the_same_interval() -> None:
    counts = np.random.default_rng(0).integers(0, 5, size=(20, 3, 4)) + np.array([0, 5, 0, 5])
    np.testing.assert_array_equal(differences(counts), differences(counts))


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 30))
def test_an_interval_holds_what_was_seen(sellers: int) -> None:
    counts = np.random.default_rng(sellers).integers(0, 5, size=(sellers, 1, 4))
    counts += np.array([0, 5, 0, 5])
    sums = counts.sum(axis=0)[0]
    (ends,) = percentile_ends(differences(counts), 0.999)
    assert ends.low <= sums[2] / sums[3] - sums[0] / sums[1] <= ends.high


# A world of sellers whose cases are alike: each seller loses and wins at rates of its own, drawn
# from a Dirichlet distribution; with a concentration of 3 the variance is about twice that of
# independent cases.


def _world(
    generator: np.random.Generator, sellers: int, lost: float, won: float, alike: bool
) -> tuple[np.ndarray, np.ndarray]:
    cases = generator.poisson(4, sellers) + 1
    shares = np.array([lost, won, 1 - lost - won])
    own = generator.dirichlet(shares * 3, sellers) if alike else np.tile(shares, (sellers, 1))
    drawn = np.array([generator.multinomial(n, p) for n, p in zip(cases, own, strict=True)])
    return drawn[:, :2], cases


def _samples(changed: np.ndarray, cases: np.ndarray, seed: int) -> np.ndarray:
    right = (cases - changed.sum(axis=1)) // 2
    counts = np.stack([right + changed[:, 0], cases, right + changed[:, 1], cases], axis=-1)
    return differences(counts[:, None, :], draws=500, seed=seed)


@pytest.mark.parametrize("alike", [False, True])
def test_intervals_hold_the_truth_19_times_in_20(alike: bool) -> None:
    generator, held, trials = np.random.default_rng(4), 0, 500
    for seed in range(trials):
        changed, cases = _world(generator, 80, 0.05, 0.09, alike)
        (ends,) = percentile_ends(_samples(changed, cases, seed), 0.95)
        held += ends.low <= 0.04 <= ends.high
    # 0.95 less three standard errors of 500 trials, and a point for the percentile method.
    assert 0.91 < held / trials < 0.98


def test_sellers_alike_are_found_alike() -> None:
    generator, effects = np.random.default_rng(5), {}
    for alike in (False, True):
        found = []
        for seed in range(40):
            changed, cases = _world(generator, 80, 0.05, 0.05, alike)
            lost, won = map(int, changed.sum(axis=0))
            samples = _samples(changed, cases, seed)[:, 0]
            found.append(design_effect(samples, lost, won, int(cases.sum())))
        effects[alike] = np.mean(found)
    assert effects[False] < 1.2
    assert 1.6 < effects[True] < 2.8


def test_swapping_sellers_keeps_to_5_percent_where_mcnemar_does_not() -> None:
    generator, trials = np.random.default_rng(6), 1000
    by_case = by_seller = 0
    for _ in range(trials):
        changed, _cases = _world(generator, 80, 0.05, 0.05, alike=True)
        by_case += mcnemar(*map(int, changed.sum(axis=0))) <= 0.05
        by_seller += swap_test([int(one) for one in changed[:, 1] - changed[:, 0]]) <= 0.05
    assert by_seller / trials <= 0.05 + 3 * (0.05 * 0.95 / trials) ** 0.5
    assert by_case / trials > 0.1


def test_many_sellers_are_drawn_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = np.random.default_rng(0).integers(0, 5, size=(30, 2, 4)) + np.array([0, 5, 0, 5])
    whole = percentile_ends(differences(counts), 0.95)
    monkeypatch.setattr(bootstrap, "AT_ONCE", 7 * 30)
    samples = differences(counts)
    assert samples.shape == (bootstrap.DRAWS, 2)
    for one, other in zip(whole, percentile_ends(samples, 0.95), strict=True):
        assert one == pytest.approx(other, abs=0.03)
