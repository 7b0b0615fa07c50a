from collections.abc import Callable

import numpy as np
import pytest

from casewright.cost import Cost
from evals.measures import MetricContext
from evals.scored import Scored, Traits
from evals.spending import MoneyPerCase, TimePerCase, TokensPerCase

Writer = Callable[..., Scored]
NOTHING = MetricContext()


def test_time_is_told_by_quantiles(scored: Writer) -> None:
    times = np.random.default_rng(0).lognormal(size=41)
    cases = [
        scored("x", "x", seller_id=f"S-{number}").model_copy(
            update={"traits": Traits(seconds=float(seconds))}
        )
        for number, seconds in enumerate(times)
    ]
    found = TimePerCase().measure([*cases, scored("x", "x")], NOTHING)
    expected = np.quantile(times, (0.5, 0.9), method="inverted_cdf")
    assert [one.value for one in found.parts] == pytest.approx(expected)
    assert (found.unit, found.n) == ("seconds", 41)
    for one in found.parts:
        assert one.low < one.value < one.high


def _spent(case: Scored, seller: int, **cost: int) -> Scored:
    gold = case.gold.model_copy(update={"seller_id": f"S-{seller}"})
    return case.model_copy(update={"gold": gold, "cost": Cost(**cost), "currency": "USD"})


def test_tokens_and_money_per_case(scored: Writer) -> None:
    case = scored("x", "x")
    cases = [
        _spent(case, 1, model_calls=1, tokens_in=100, tokens_out=20, micros=3_000),
        _spent(case, 2, model_calls=2, tokens_in=300, tokens_out=80, micros=9_000),
        _spent(case, 3),
    ]
    tokens, money = (one().measure(cases, NOTHING) for one in (TokensPerCase, MoneyPerCase))
    assert (tokens.value, tokens.unit) == (pytest.approx(500 / 3), "tokens")
    assert (money.value, money.unit) == (pytest.approx(0.004), "USD")
    assert money.low <= money.value <= money.high


def test_money_is_not_known_where_calls_have_no_price(scored: Writer) -> None:
    found = MoneyPerCase().measure(
        [_spent(scored("x", "x"), 1, model_calls=1, unpriced=1)], NOTHING
    )
    assert (found.value, found.reason) == (None, "1 model calls have no price")
