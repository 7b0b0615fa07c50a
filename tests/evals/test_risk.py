"""Confidence: the risk-coverage curve, calibration and the Brier score."""

from collections.abc import Callable
from itertools import permutations

import numpy as np
import pytest

from evals.calibration_metrics import Brier, CalibrationError
from evals.measures import MetricContext
from evals.risk import RiskCoverage
from evals.scored import Scored, Traits

Writer = Callable[..., Scored]
NOTHING = MetricContext()


def _sure(scored: Writer, confidence: float | None, right: bool, seller: int) -> Scored:
    case = scored("x", "x" if right else "y", seller_id=f"S-{seller}")
    return case.model_copy(update={"traits": Traits(confidence=confidence)})


def test_ties_take_the_mean_over_all_orders(scored: Writer) -> None:
    drawn = [(0.9, True), (0.9, False), (0.9, True), (0.6, False), (0.6, True)]
    cases = [_sure(scored, *one, seller) for seller, one in enumerate(drawn)]
    orders = [
        order for order in permutations(drawn) if [c for c, _ in order] == [0.9] * 3 + [0.6] * 2
    ]
    areas = [np.mean(np.cumsum([not r for _, r in order]) / np.arange(1, 6)) for order in orders]
    found = RiskCoverage().measure(cases, NOTHING)
    assert found.value == pytest.approx(np.mean(areas), abs=1e-12)
    assert [one.at for one in found.parts] == [0.6, 1.0]  # no point lies within a tie
    assert [one.value for one in found.parts] == pytest.approx([1 / 3, 2 / 5])


def test_undecided_cases_and_those_without_confidence_do_not_count(scored: Writer) -> None:
    undecided = scored("x", "escalate").model_copy(update={"traits": Traits(confidence=0.9)})
    cases = [undecided, _sure(scored, None, True, 1), _sure(scored, 0.8, True, 2)]
    for metric in (RiskCoverage(), Brier(), CalibrationError()):
        assert metric.measure(cases, NOTHING).n == 1


def _world(scored: Writer, n: int, off: float, seed: int) -> list[Scored]:
    generator = np.random.default_rng(seed)
    confidence = generator.beta(6, 2, n)
    right = generator.random(n) < np.clip(confidence - off, 0, 1)
    return [
        _sure(scored, float(c), bool(r), number)
        for number, (c, r) in enumerate(zip(confidence, right, strict=True))
    ]


def test_chance_alone_is_no_calibration_error(scored: Writer) -> None:
    """Confidence that is never off: the plain error is not small, the true one is said to be."""
    found = [
        CalibrationError().measure(_world(scored, 200, 0, seed), NOTHING) for seed in range(12)
    ]
    assert np.mean([one.part("plain").value for one in found]) > 0.05
    assert np.mean([one.value for one in found]) < 0.035
    assert sum(one.low == 0 for one in found) >= 11


def test_overconfidence_is_found(scored: Writer) -> None:
    found = CalibrationError().measure(_world(scored, 1500, 0.15, 1), NOTHING)
    assert found.low > 0.08
    assert found.value == pytest.approx(0.15, abs=0.04)
    assert found.low < found.value < found.high
    bins = [one for one in found.parts if one.at is not None]
    assert [one.n for one in bins] == [150] * 10
    assert [one.at for one in bins] == sorted(one.at for one in bins)


def test_cases_of_one_confidence_have_no_order(scored: Writer) -> None:
    cases = [_sure(scored, 0.5 + (number % 3) / 10, number % 4 > 0, number) for number in range(50)]
    found = CalibrationError().measure(cases, NOTHING)
    again = CalibrationError().measure(cases[::-1], NOTHING)
    assert [one.value for one in found.parts] == pytest.approx([one.value for one in again.parts])


def test_where_nobody_was_wrong_the_brier_score_may_still_be_higher(scored: Writer) -> None:
    cases = [_sure(scored, 0.95, True, number) for number in range(40)]
    found = Brier().measure(cases, NOTHING)
    assert found.value == pytest.approx(0.0025)
    assert found.high > 0.05
