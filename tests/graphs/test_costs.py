import pytest
from pydantic import ValidationError

from casewright.errors import SopError
from casewright.registry import load_plugins
from graphs.catalog import BUILT_IN, Catalog
from graphs.costs import CostSpec
from graphs.library import read_files
from graphs.load import load_sop
from tools.base import Tool

PLAIN = {
    "currency": "USD",
    "order": ["dismiss", "partial", "confirm"],
    "too_harsh": {"seller": 240_000},
    "too_lenient": {"buyers": 90_000},
    "partly": {"seller": 50_000, "between": [["dismiss", "partial"], ["partial", "confirm"]]},
    "minutes": 22,
}

# Handbook 0.6: buyers, seller and platform in dollars; too harsh, too lenient, partial; minutes.
HANDBOOK = {
    "late_shipment_appeal": ((0, 180, 35), (15, 0, 20), (5, 60, 15), 9),
    "fake_shipping": ((0, 2400, 150), (900, 0, 260), (120, 500, 80), 22),
    "ip_complaint_appeal": ((30, 3200, 120), (450, 0, 1900), (120, 900, 300), 35),
    "fake_orders": ((0, 1800, 120), (260, 0, 340), (60, 400, 90), 26),
    "linked_accounts": ((0, 9500, 400), (1600, 0, 1100), (0, 0, 40), 38),
    "refund_abuse": ((85, 0, 70), (0, 60, 25), (0, 60, 60), 11),
    "payout_hold_release": ((0, 950, 90), (700, 0, 5200), (150, 300, 800), 24),
    "business_verification": ((0, 2600, 180), (800, 0, 2300), (0, 400, 250), 16),
    "unsafe_product": ((10, 1400, 110), (12_000, 0, 4500), (2500, 0, 900), 27),
    "review_manipulation": ((0, 1500, 100), (380, 0, 240), (90, 350, 70), 19),
}

# What the handbook's columns say of pairs: (gold, decided).
SAYS = {
    "linked_accounts": {
        ("dismiss", "confirm"): "too harsh",
        ("permit", "confirm"): "too harsh",
        ("confirm", "permit"): "too lenient",
        ("confirm", "dismiss"): "too lenient",
        ("dismiss", "permit"): "partly wrong",
    },
    "refund_abuse": {
        ("refund_seller_pays", "deny"): "too harsh",
        ("deny", "refund_platform_pays"): "too lenient",
        ("refund_platform_pays", "refund_seller_pays"): "partly wrong",
        ("refund_seller_pays", "refund_platform_pays"): "partly wrong",
    },
    "business_verification": {
        ("verify", "reject"): "too harsh",
        ("suspend", "verify"): "too lenient",
        ("reject", "suspend"): "partly wrong",
    },
    "unsafe_product": {
        ("clear", "remove"): "too harsh",
        ("remove", "clear"): "too lenient",
        ("remove", "restrict"): "partly wrong",
        ("clear", "restrict"): "too harsh",
    },
    "payout_hold_release": {
        ("release", "keep_hold"): "too harsh",
        ("keep_hold", "release"): "too lenient",
        ("release", "partial_release"): "partly wrong",
    },
    "late_shipment_appeal": {
        ("overturn", "uphold"): "too harsh",
        ("uphold", "overturn"): "too lenient",
        ("partial", "overturn"): "partly wrong",
    },
}


def _borne(dollars: tuple[int, int, int]) -> tuple[int, ...]:
    return tuple(100 * one for one in dollars)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog(load_plugins().all("tool", Tool))


@pytest.mark.parametrize("name", HANDBOOK)
def test_built_in_costs_are_the_handbooks(name: str, catalog: Catalog) -> None:
    sop = catalog.load(name)
    costs = sop.spec.costs
    told = (costs.too_harsh, costs.too_lenient, costs.partly)
    figures = tuple((one.buyers, one.seller, one.platform) for one in told)
    *dollars, minutes = HANDBOOK[name]
    assert figures == tuple(map(_borne, dollars))
    assert costs.minutes == minutes
    rates = (costs.rates.review, costs.rates.senior, costs.rates.legal)
    assert (rates, costs.currency) == ((75, 120, 400), "USD")
    assert set(costs.order) == set(sop.spec.outcomes)


@pytest.mark.parametrize("name", SAYS)
def test_pairs_are_wrong_as_the_handbook_says(name: str, catalog: Catalog) -> None:
    costs = catalog.load(name).spec.costs
    found = {pair: costs.wrong(*pair).kind for pair in SAYS[name]}
    assert found == SAYS[name]


@pytest.mark.parametrize("name", HANDBOOK)
def test_every_pair_of_outcomes_has_its_cost(name: str, catalog: Catalog) -> None:
    costs = catalog.load(name).spec.costs
    for gold in (*costs.order, "escalate", "request_information"):
        for decided in costs.order:
            wrong = costs.wrong(gold, decided)
            assert (wrong is None) == (gold == decided)
            assert wrong is None or wrong.borne.total > 0


def test_who_decides_what_a_person_should_have() -> None:
    costs = CostSpec.model_validate(PLAIN)
    found = [costs.wrong("escalate", decided).kind for decided in costs.order]
    assert found == ["too lenient", "partly wrong", "too harsh"]
    plain = costs.model_copy(update={"partly": None})
    found = [plain.wrong("request_information", decided).kind for decided in costs.order]
    assert found == ["too lenient", "too harsh", "too harsh"]


def test_an_outcome_outside_the_order_has_no_cost() -> None:
    with pytest.raises(ValueError, match="not in tuple"):
        CostSpec.model_validate(PLAIN).wrong("dismiss", "remove")


@pytest.mark.parametrize(
    "change",
    [
        {"order": ["dismiss", "dismiss", "confirm"]},
        {"partly": {"between": [["dismiss", "remove"]]}},
        {"partly": {"between": [["dismiss", "dismiss"]]}},
        {"too_harsh": {"seller": -1}},
        {"too_harsh": {"seller": 1.5}},
        {"currency": "dollar"},
        {"minutes": 0},
    ],
)
def test_costs_that_make_no_sense_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        CostSpec.model_validate(PLAIN | change)


@pytest.mark.parametrize(
    ("order", "told"),
    [
        ("[overturn, partial]", "'uphold' is missing"),
        ("[overturn, partial, upheld, uphold]", "upheld"),
    ],
)
def test_an_order_that_is_not_the_outcomes_is_refused(
    order: str, told: str, catalog: Catalog
) -> None:
    files = read_files(BUILT_IN / "late_shipment_appeal", catalog._library)
    text = files["sop.yaml"]
    files = {
        **files,
        "sop.yaml": text.replace("order: [overturn, partial, uphold]", f"order: {order}"),
    }
    assert files["sop.yaml"] != text
    with pytest.raises(SopError, match=told) as caught:
        load_sop(files, catalog.tools, folder="late_shipment_appeal")
    assert caught.value.line == text[: text.index("order: [overturn")].count("\n") + 1
