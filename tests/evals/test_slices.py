from collections.abc import Callable

import numpy as np
import pytest

from casewright.base import Money
from evals.scored import Scored, Traits
from evals.slices import SHARES, band_of, fisher, slices, tier_of, worse

Writer = Callable[..., Scored]


def _cases(scored: Writer, right: int, wrong: int, **other: object) -> list[Scored]:
    start = other.pop("start", 0)
    said = ["uphold"] * right + ["overturn"] * wrong
    return [
        scored("uphold", one, seller_id=f"S-{start + number}", **other)
        for number, one in enumerate(said)
    ]


def test_a_tag_with_a_value_is_a_dimension(scored: Callable[..., Scored]) -> None:
    cases = [
        scored("uphold", "uphold", case_id="a", tags=("entity_type=company", "looks-bad")),
        scored("uphold", "overturn", case_id="b", tags=("entity_type=individual",)),
        scored("uphold", "uphold", case_id="c"),
    ]
    found = {(one.dimension, one.value): (one.n, one.right) for one in slices(cases)}
    assert found["entity_type", "company"] == (1, 1)
    assert found["entity_type", "individual"] == (1, 0)
    assert found["entity_type", "unknown"] == (1, 1)
    assert not any("looks" in dimension for dimension, _ in found)


def test_a_slice_that_is_worse_is_named(scored: Writer) -> None:
    cases = _cases(scored, 380, 20) + _cases(scored, 28, 12, region="MX", start=400)
    by = {(one.dimension, one.value): one for one in slices(cases)}
    assert by["region", "MX"].abnormal == ("accuracy", "first look")
    (accuracy, _) = by["region", "MX"].against
    assert accuracy.difference == pytest.approx(0.7 - 0.95)
    assert accuracy.rest.denominator == 400
    assert accuracy.p < accuracy.p_holm <= 0.05
    assert by["region", "US"].abnormal == ()
    assert by["channel", "appeal"].against == ()  # there is no rest


def test_a_loss_of_less_than_five_points_is_not_abnormal_however_sure(scored: Writer) -> None:
    cases = _cases(scored, 998, 2) + _cases(scored, 965, 35, region="MX", start=1000)
    by = {(one.dimension, one.value): one for one in slices(cases)}
    (accuracy, _) = by["region", "MX"].against
    assert accuracy.p_holm < 1e-4
    assert not accuracy.abnormal


def test_few_sellers_do_not_make_a_slice_abnormal(scored: Writer) -> None:
    """Forty cases of one seller are forty times the same; of forty sellers they tell."""
    others = _cases(scored, 190, 10)
    alike = [scored("uphold", "overturn", region="MX", seller_id="S-mx")] * 15
    alike += [scored("uphold", "uphold", region="MX", seller_id="S-mx")] * 25
    by = {(one.dimension, one.value): one for one in slices(others + alike)}
    (accuracy, _) = by["region", "MX"].against
    assert fisher(25, 40, 190, 200) < 1e-6 < accuracy.p
    of_many = _cases(scored, 25, 15, region="MX", start=200)
    by = {(one.dimension, one.value): one for one in slices(others + of_many)}
    assert by["region", "MX"].abnormal


def test_dimensions_that_the_run_shows(scored: Writer) -> None:
    def seen(cents: int | None, tier: str) -> Scored:
        impact = None if cents is None else Money(cents=cents, currency="USD")
        case = scored("uphold", "uphold")
        return case.model_copy(update={"traits": Traits(impact=impact, tier=tier)})

    bands = [band_of(seen(cents, "")) for cents in (None, 49_999, 50_000, 499_999, 500_000)]
    assert bands == ["unknown", "under 500", "500 to 5,000", "500 to 5,000", "over 5,000"]
    assert [tier_of(seen(None, tier)) for tier in ("", "top")] == ["unknown", "top"]
    assert tier_of(scored("uphold", "uphold")) == "unknown"
    found = {one.dimension for one in slices([seen(None, "top"), scored("uphold", "uphold")])}
    assert "tier" in found
    assert "impact" not in found  # nothing is known of it


def test_where_a_part_is_as_good_it_is_rarely_called_worse(scored: Writer) -> None:
    """Sellers who are alike: Fisher's test alone finds something far more often."""
    generator, trials = np.random.default_rng(2), 250
    called = by_fisher = 0
    cases = {(one, place): [] for one in (True, False) for place in (True, False)}
    for right, here in cases:
        said = "uphold" if right else "overturn"
        cases[right, here] = [scored("uphold", said, seller_id=f"S-{n}-{here}") for n in range(30)]
    for _ in range(trials):
        sides = []
        for here in (True, False):
            own = generator.beta(0.8 * 2, 0.2 * 2, 30)
            hits = generator.binomial(5, own)
            side = [cases[True, here][n] for n in range(30) for _ in range(hits[n])]
            side += [cases[False, here][n] for n in range(30) for _ in range(5 - hits[n])]
            sides.append((side, int(hits.sum())))
        called += worse(sides[0][0], sides[1][0], SHARES["accuracy"]) <= 0.05
        by_fisher += fisher(sides[0][1], 150, sides[1][1], 150) <= 0.05
    assert called / trials <= 0.05 + 2 * (0.05 * 0.95 / trials) ** 0.5
    assert by_fisher / trials > 0.08


def test_one_seller_proves_nothing_against_a_slice(scored: Writer) -> None:
    part = [scored("uphold", "overturn", region="MX")] * 30
    rest = [scored("uphold", "uphold")] * 30
    assert worse(part, rest, SHARES["accuracy"]) == 1
