import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casewright.intervals import wilson
from evals.rates import Rate
from evals.sellers import Sum, effect_of, mean_effect, seller_of, sums

sellers = st.lists(
    st.integers(1, 8).flatmap(lambda n: st.builds(Sum, st.integers(0, n), st.just(n))), min_size=1
)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 1), min_size=1))
def test_one_case_a_seller_is_wilson_as_it_is(hits: list[int]) -> None:
    rate = Rate.summed([Sum(one, 1) for one in hits], "")
    assert (rate.low, rate.high, rate.effect) == (*wilson(sum(hits), len(hits)), 1.0)


@settings(deadline=None, max_examples=40)
@given(sellers)
def test_the_effect_lies_between_one_and_that_of_sellers_who_are_all_alike(
    drawn: list[Sum],
) -> None:
    n = sum(one.n for one in drawn)
    most = sum(one.n**2 for one in drawn) / n
    assert 1 <= effect_of(drawn) <= most + 1e-12
    rate = Rate.summed(drawn, "")
    plain = wilson(rate.numerator, rate.denominator)
    assert rate.low <= plain.low + 1e-12
    assert plain.high <= rate.high + 1e-12


def test_one_seller_counts_as_one_case() -> None:
    rate = Rate.summed([Sum(49, 50)], "")
    assert rate.effect == 50
    assert rate.low < 0.2
    assert Rate.summed([Sum(50, 50)], "").effect == 50


def test_the_effect_by_hand() -> None:
    """Four sellers of four, all right or all wrong: v = 4/3·Σ4·4/4 / 16² over 1/64 is 4.0 / 3·4."""
    alike = [Sum(4, 4), Sum(4, 4), Sum(0, 4), Sum(0, 4)]
    assert effect_of(alike) == 4  # the ratio alone is 16/3, which no likeness can reach
    many = [Sum(4, 4), Sum(2, 4), Sum(2, 4), Sum(2, 4), Sum(0, 4)] * 40
    between = 200 / 199 * 80 * 4 / 800**2 / (0.25 / 800)
    assert effect_of(many) == pytest.approx(between * (1.971957 / 1.959964) ** 2, rel=1e-5)


def test_a_mean_has_the_effect_of_its_share(scored) -> None:
    generator = np.random.default_rng(3)
    cases = [
        scored(
            "uphold",
            "uphold" if generator.random() < (0.9, 0.4)[seller % 2] else "overturn",
            seller_id=f"S-{seller}",
        )
        for seller in range(40)
        for _ in range(5)
    ]
    share = effect_of(sums(cases, lambda one: (one.right, 1)))
    assert mean_effect(cases, [float(one.right) for one in cases]) == pytest.approx(share)
    assert share > 1.5


def test_worlds_number_their_sellers_anew(gold) -> None:
    assert len({seller_of(gold(seed=seed)) for seed in (None, 1, 2)}) == 3


def test_rates_of_sellers_who_are_alike_hold_the_truth() -> None:
    """Rates of 0.85 in sellers of five whose own rates vary: 95% holds; Wilson alone does not."""
    generator, trials = np.random.default_rng(8), 400
    held = plain = 0
    for _ in range(trials):
        own = generator.beta(0.85 * 2, 0.15 * 2, 60)
        drawn = [Sum(int(generator.binomial(5, p)), 5) for p in own]
        rate = Rate.summed(drawn, "")
        held += rate.low <= 0.85 <= rate.high
        low, high = wilson(rate.numerator, rate.denominator)
        plain += low <= 0.85 <= high
    assert held / trials > 0.92
    assert plain / trials < 0.85
