from collections.abc import Callable, Sequence

import pytest

from casewright.intervals import wilson
from evals.loss import CostWeightedLoss
from evals.measures import MetricContext
from evals.scored import Scored, Traits
from graphs.costs import Borne, CostSpec, PartlySpec

Writer = Callable[..., Scored]
Apart = Callable[[Sequence[Scored]], list[Scored]]

COSTS = CostSpec(
    currency="USD",
    order=("overturn", "partial", "uphold"),
    too_harsh=Borne(seller=18_000, platform=3_500),
    too_lenient=Borne(buyers=1_500, platform=2_000),
    partly=PartlySpec(
        buyers=500,
        seller=6_000,
        platform=1_500,
        between=(("overturn", "partial"), ("partial", "uphold")),
    ),
    minutes=9,
)
CONTEXT = MetricContext(costs={"appeal.late_dispatch": COSTS})
loss = CostWeightedLoss()


def test_money_per_case_by_hand(scored: Writer, apart: Apart) -> None:
    """215 too harsh, 35 too lenient, 80 partly wrong, 9 minutes at 0.75 undecided; over 10."""
    cases = apart(
        [
            scored("overturn", "uphold"),
            scored("uphold", "overturn"),
            scored("partial", "uphold"),
            scored("uphold", "escalate"),
            *[scored("uphold", "uphold")] * 6,
        ]
    )
    found = loss.measure(cases, CONTEXT)
    assert found.value == pytest.approx((215 + 35 + 80 + 6.75) / 10)
    assert (found.unit, found.n) == ("USD", 10)
    kinds = ("too harsh", "too lenient", "partly wrong", "undecided")
    assert [found.part(one).value for one in kinds] == pytest.approx([21.5, 3.5, 8, 0.675])
    assert [found.part(one).n for one in kinds] == [1, 1, 1, 1]
    borne = [found.part(f"borne by {who}").value for who in ("buyers", "seller", "platform")]
    assert borne == pytest.approx([2.0, 24.0, 35 / 10 + 20 / 10 + 15 / 10 + 0.675])
    assert sum(borne) == pytest.approx(found.value)


def test_an_error_that_nobody_made_yet_widens_the_interval(scored: Writer, apart: Apart) -> None:
    found = loss.measure(apart([scored("uphold", "uphold")] * 40), CONTEXT)
    most = wilson(0, 40).high
    expected = most * (215**2 + 35**2 + 80**2) ** 0.5
    assert (found.value, found.low) == (0, 0)
    assert found.high == pytest.approx(expected)


def test_an_undecided_case_costs_the_minutes_of_whom_it_goes_to(
    scored: Writer, apart: Apart
) -> None:
    routes = {"review": 6.75, "senior": 10.8, "legal": 36.0, "": 6.75}
    for route, money in routes.items():
        asked = scored("uphold", "request_information", ask=("scans",), asked=("scans",))
        case = asked.model_copy(update={"traits": Traits(route=route)})
        assert loss.measure([case], CONTEXT).value == pytest.approx(money)
    assert loss.measure([scored("uphold", "")], CONTEXT).value == pytest.approx(6.75)


def test_cases_without_costs_are_left_out_and_told(scored: Writer) -> None:
    other = scored("uphold", "uphold", case_type="other")
    assert loss.measure([other], CONTEXT).value is None
    foreign = scored("uphold", "no such outcome")
    found = loss.measure([other, foreign, scored("uphold", "uphold")], CONTEXT)
    assert found.n == 1
    assert "2 cases have no costs" in found.reason


def test_two_currencies_are_not_added_up(scored: Writer) -> None:
    euro = COSTS.model_copy(update={"currency": "EUR"})
    context = MetricContext(costs={**CONTEXT.costs, "other": euro})
    cases = [scored("uphold", "uphold"), scored("uphold", "uphold", case_type="other")]
    found = loss.measure(cases, context)
    assert found.value is None
    assert "EUR and USD" in found.reason


def test_another_acceptable_outcome_costs_nothing(scored: Writer) -> None:
    assert loss.measure([scored("uphold", "partial", accept=("partial",))], CONTEXT).value == 0
