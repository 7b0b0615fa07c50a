"""Prices are exact, and what is not known is never nought."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casewright.bill import bill, money
from casewright.cost import Cost, ModelCall, by_factor, total
from casewright.errors import UsageError
from casewright.price import Price
from casewright.settings import load_settings

PRICE = Price(sent=Decimal("0.25"), received=Decimal(2), cached=Decimal("0.025"))


def call(*factors: str, **other: object) -> ModelCall:
    return ModelCall.model_validate({"endpoint": "e", "model": "m", "factors": factors, **other})


@pytest.mark.parametrize(
    ("sent", "received", "cached", "micros"),
    [
        (1_000_000, 0, 0, 250_000),
        (0, 1_000_000, 0, 2_000_000),
        (1_000_000, 0, 1_000_000, 25_000),
        (100, 7, 60, 26),  # 40 at 0.25, 60 at 0.025, 7 at 2: 25.5, half to even
        (2, 0, 0, 0),  # 0.5, half to even
        (6, 0, 0, 2),  # 1.5, half to even
        (10, 0, 99, 0),  # an endpoint that says it cached more than it was sent
    ],
)
def test_a_call_costs_what_its_tokens_cost(sent, received, cached, micros) -> None:
    assert PRICE.micros(sent, received, cached) == micros


def test_cached_tokens_cost_what_others_do_where_the_table_says_nothing() -> None:
    assert Price(sent=Decimal(3), received=Decimal(0)).micros(10, 0, 5) == 30


@pytest.mark.parametrize("micros", [None, 0, 7])
def test_the_sum_says_for_how_many_calls_money_is_not_known(micros) -> None:
    cost = total([call(micros=5), call(micros=micros), Cost(tool_calls=2)])
    unknown = int(micros is None)
    assert (cost.micros, cost.unpriced, cost.model_calls) == (5 + (micros or 0), unknown, 2)
    assert cost.tool_calls == 2


def test_money_that_is_not_known_is_not_told_as_nothing() -> None:
    assert money(call(micros=None).cost, "EUR") == "money not counted (no price known)"
    some = total([call(micros=1_250_000), call()])
    assert money(some, "EUR") == "at least 1.25 EUR (no price known for 1 model call)"
    assert money(call(micros=0).cost, "EUR") == "0 EUR"


def test_a_bill_is_one_line() -> None:
    cost = total([call(tokens_in=4100, tokens_out=90, tokens_cached=3000, micros=1_530)] * 2)
    told = "2 model calls, 8,200 tokens in (6,000 cached), 180 out, 0.00306 USD"
    assert bill(cost, "USD") == told
    assert bill(Cost(tool_calls=3)) == "no model call"


calls = st.lists(
    st.builds(
        ModelCall,
        endpoint=st.just("e"),
        model=st.just("m"),
        tokens_in=st.integers(0, 9_999),
        tokens_out=st.integers(0, 999),
        micros=st.none() | st.integers(0, 999),
        factors=st.lists(st.sampled_from("abcd"), unique=True, min_size=1).map(tuple),
    ),
    max_size=8,
)


@given(calls)
def test_the_shares_of_the_factors_add_up(made: list[ModelCall]) -> None:
    whole, shared = total(made), total(by_factor(made).values())
    for name in ("tokens_in", "tokens_out", "micros"):
        assert getattr(shared, name) == getattr(whole, name)


def test_a_call_is_shared_evenly_by_the_factors_open_in_it() -> None:
    shares = by_factor([call("a", "b", "c", tokens_in=100, micros=8), call("b", micros=5), call()])
    assert {name: (one.tokens_in, one.micros, one.model_calls) for name, one in shares.items()} == {
        "a": (34, 3, 1),
        "b": (33, 8, 2),
        "c": (33, 2, 1),
    }


def test_the_table_is_read_from_the_workspace(tmp_path) -> None:
    text = "[model_prices.small]\nin = 0.1\nout = 0.4\n"
    (tmp_path / "casewright.toml").write_text(text, "utf-8")
    price = load_settings(tmp_path).model_prices["small"]
    assert (price.sent, price.received, price.cached) == (Decimal("0.1"), Decimal("0.4"), None)


def test_a_table_that_does_not_read_is_told(monkeypatch) -> None:
    monkeypatch.setenv("CASEWRIGHT_MODEL_PRICES", "cheap")
    with pytest.raises(UsageError, match="model_prices"):
        load_settings()
