"""The built-in statistics against their definitions and published values."""

from __future__ import annotations

import math
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casewright.errors import UsageError
from tools.formulas import STATISTICS, burst_z, poisson_z, ratio, wilson_lower, wilson_upper


def test_wilson_agrees_with_a_published_example() -> None:
    """Newcombe (1998), Stat. Med. 17, 857-872, table I: 81 of 263, and 0 of 20."""
    assert wilson_lower.value({"hits": 81, "total": 263}) == pytest.approx(0.2553, abs=5e-5)
    assert wilson_upper.value({"hits": 81, "total": 263}) == pytest.approx(0.3662, abs=5e-5)
    assert wilson_lower.value({"hits": 0, "total": 20}) == 0.0
    assert wilson_upper.value({"hits": 0, "total": 20}) == pytest.approx(0.1611, abs=5e-5)


@given(st.integers(1, 500), st.data(), st.floats(0.5, 0.999))
def test_wilsons_ends_solve_its_equation(total: int, data: st.DataObject, level: float) -> None:
    """Each end is a rate from which the observed one lies exactly z standard errors away."""
    hits = data.draw(st.integers(0, total))
    z = NormalDist().inv_cdf((1 + level) / 2)
    for one in (wilson_lower, wilson_upper):
        end = one.value({"hits": hits, "total": total, "confidence": level})
        assert end is not None
        away = (hits / total - end) ** 2 * total
        assert away == pytest.approx(z * z * end * (1 - end), abs=1e-6)


@given(st.integers(0, 100), st.integers(0, 100))
def test_wilson_holds_the_rate(hits: int, more: int) -> None:
    given = {"hits": hits, "total": hits + more}
    low, high = wilson_lower.value(given), wilson_upper.value(given)
    if hits + more == 0:
        assert low is high is None
    else:
        assert low is not None
        assert high is not None
        assert 0 <= low <= hits / (hits + more) + 1e-12
        assert hits / (hits + more) - 1e-12 <= high <= 1


@pytest.mark.parametrize(
    "given",
    [{"hits": 3, "total": 2}, {"hits": -1, "total": 2}, {"hits": 1, "total": 2, "confidence": 1.0}],
)
def test_wilson_refuses_what_cannot_be(given: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="refuses its inputs"):
        wilson_lower.value(given)


def test_ratios_and_scores() -> None:
    assert ratio.value({"part": 1, "whole": 4}) == 0.25
    assert ratio.value({"part": 1, "whole": 0}) is None
    assert burst_z.value({"count": 12, "earlier": [2, 4, 6]}) == 4.0
    assert burst_z.value({"count": 12, "earlier": [4]}) is None
    assert burst_z.value({"count": 12, "earlier": [4, 4]}) is None
    assert poisson_z.value({"count": 16, "expected": 4}) == 6.0
    assert poisson_z.value({"count": 16, "expected": 0}) is None


@given(st.lists(st.integers(0, 1000), min_size=2, max_size=20), st.integers(0, 1000))
def test_a_burst_is_measured_in_deviations(earlier: list[int], count: int) -> None:
    mean = sum(earlier) / len(earlier)
    deviation = math.sqrt(sum((one - mean) ** 2 for one in earlier) / (len(earlier) - 1))
    found = burst_z.value({"count": count, "earlier": earlier})
    if found is None:
        assert deviation == pytest.approx(0, abs=1e-9)
    else:
        assert found * deviation == pytest.approx(count - mean, abs=1e-6)


def test_every_formula_names_its_source() -> None:
    assert all(one.source and one.description for one in STATISTICS)
    assert len({one.name for one in STATISTICS}) == len(STATISTICS)
