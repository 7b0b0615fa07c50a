"""Figures beside those of scikit-learn and statsmodels, to 1e-9, on drawn cases."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    accuracy_score,
    auc,
    brier_score_loss,
    cohen_kappa_score,
    precision_recall_fscore_support,
)
from statsmodels.stats.contingency_tables import mcnemar as mcnemar_of_statsmodels
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from casewright.intervals import wilson
from evals.agreement import ReviewerAgreement
from evals.calibration_metrics import Brier, CalibrationError
from evals.measures import MetricContext
from evals.outcome_metrics import MacroF1
from evals.outcomes import accuracy, outcome_scores
from evals.paired import holm, mcnemar
from evals.risk import RiskCoverage
from evals.scored import Scored, Traits
from evals.slices import fisher

Writer = Callable[..., Scored]
Apart = Callable[[Sequence[Scored]], list[Scored]]
OUTCOMES = ["overturn", "partial", "uphold"]
CLOSE = 1e-9
NOTHING = MetricContext()

pairs = st.lists(
    st.tuples(st.sampled_from(OUTCOMES), st.sampled_from(OUTCOMES)), min_size=5, max_size=60
)


def _judged(scored: Writer, apart: Apart, drawn: list[tuple[str, str]]) -> list[Scored]:
    return apart([scored(gold, said, truth="review") for gold, said in drawn])


@settings(max_examples=15, deadline=None)
@given(pairs)
def test_precision_recall_f1_and_accuracy(
    scored: Writer, apart: Apart, drawn: list[tuple[str, str]]
) -> None:
    gold, said = zip(*drawn, strict=True)
    cases = _judged(scored, apart, drawn)
    scores = outcome_scores(cases)
    names = [one.outcome for one in scores]
    figures = precision_recall_fscore_support(gold, said, labels=names, zero_division=np.nan)
    for one, *expected, support in zip(scores, *figures, strict=True):
        mine = (one.precision.value, one.recall.value, one.f1.value)
        for value, theirs in zip(mine, expected, strict=True):
            if value is None:
                assert np.isnan(theirs)
            else:
                assert value == pytest.approx(theirs, abs=CLOSE)
        assert one.support == support
    assert accuracy(cases).value == pytest.approx(accuracy_score(gold, said), abs=CLOSE)


@settings(max_examples=6, deadline=None)
@given(pairs)
def test_macro_f1(scored: Writer, apart: Apart, drawn: list[tuple[str, str]]) -> None:
    gold, said = zip(*drawn, strict=True)
    measure = MacroF1().measure(_judged(scored, apart, drawn), NOTHING)
    *_, f1, _ = precision_recall_fscore_support(
        gold, said, labels=sorted(set(gold)), zero_division=0
    )
    assert measure.value == pytest.approx(f1.mean(), abs=CLOSE)


@settings(max_examples=6, deadline=None)
@given(pairs)
def test_kappa(scored: Writer, apart: Apart, drawn: list[tuple[str, str]]) -> None:
    gold, said = zip(*drawn, strict=True)
    measure = ReviewerAgreement().measure(_judged(scored, apart, drawn), NOTHING)
    if len({*gold, *said}) == 1:
        assert measure.value is None
        return
    assert measure.value == pytest.approx(cohen_kappa_score(gold, said), abs=CLOSE)
    table = np.array([[drawn.count((one, other)) for other in OUTCOMES] for one in OUTCOMES])
    theirs = cohens_kappa(table, return_results=False, wt=None)
    assert measure.value == pytest.approx(theirs, abs=CLOSE)


def test_kappa_of_fleiss_cohen_and_everitt(scored: Writer, apart: Apart) -> None:
    """Two clinicians on 100 subjects (Fleiss, Levin and Paik 2003, table 18.1): κ = 0.676."""
    table = {
        ("psychotic", "psychotic"): 75,
        ("neurotic", "neurotic"): 4,
        ("organic", "organic"): 10,
    }
    table |= {("psychotic", "neurotic"): 1, ("psychotic", "organic"): 4}
    table |= {("neurotic", "psychotic"): 5, ("neurotic", "organic"): 1}
    drawn = [pair for pair, count in table.items() for _ in range(count)]
    measure = ReviewerAgreement().measure(_judged(scored, apart, drawn), NOTHING)
    assert measure.value == pytest.approx(0.676, abs=5e-4)
    # Their standard error is 0.0877: the interval is about 0.50 to 0.85.
    assert measure.low == pytest.approx(0.676 - 1.96 * 0.0877, abs=0.05)
    assert measure.high == pytest.approx(0.676 + 1.96 * 0.0877, abs=0.05)


def _confident(scored: Writer, apart: Apart, n: int, seed: int, digits: int) -> list[Scored]:
    generator = np.random.default_rng(seed)
    confidence = np.round(generator.beta(5, 2, n), digits)
    right = generator.random(n) < confidence
    cases = apart([scored("uphold", "uphold" if one else "overturn") for one in right])
    return [
        one.model_copy(update={"traits": Traits(confidence=float(c))})
        for one, c in zip(cases, confidence, strict=True)
    ]


@pytest.mark.parametrize("seed", range(4))
def test_brier_score(scored: Writer, apart: Apart, seed: int) -> None:
    cases = _confident(scored, apart, 120, seed, 12)
    expected = brier_score_loss([one.right for one in cases], _confidences(cases))
    assert Brier().measure(cases, NOTHING).value == pytest.approx(expected, abs=CLOSE)


def _confidences(cases: Sequence[Scored]) -> list[float]:
    return [one.traits.confidence for one in cases]


@pytest.mark.parametrize("seed", range(4))
def test_bins_and_plain_calibration_error(scored: Writer, apart: Apart, seed: int) -> None:
    """Bins of equal mass as scikit-learn draws them, where they divide the cases evenly."""
    cases = _confident(scored, apart, 200, seed, 12)
    right, mean = calibration_curve(
        [one.right for one in cases], _confidences(cases), n_bins=10, strategy="quantile"
    )
    measure = CalibrationError().measure(cases, NOTHING)
    bins = [one for one in measure.parts if one.at is not None]
    assert [one.value for one in bins] == pytest.approx(right, abs=CLOSE)
    assert [one.at for one in bins] == pytest.approx(mean, abs=CLOSE)
    assert measure.part("plain").value == pytest.approx(np.abs(right - mean).mean(), abs=CLOSE)


@pytest.mark.parametrize("seed", range(4))
def test_risk_coverage_area(scored: Writer, apart: Apart, seed: int) -> None:
    """The area under the steps of the curve, by scikit-learn's trapezoids."""
    cases = _confident(scored, apart, 150, seed, 12)
    wrong = [not one.right for one in sorted(cases, key=lambda one: -one.traits.confidence)]
    risks = np.cumsum(wrong) / np.arange(1, 151)
    steps = np.repeat(np.arange(151) / 150, 2)[1:-1]
    measure = RiskCoverage().measure(cases, NOTHING)
    assert measure.value == pytest.approx(auc(steps, np.repeat(risks, 2)), abs=CLOSE)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson(drawn: tuple[int, int]) -> None:
    expected = proportion_confint(*drawn, alpha=0.05, method="wilson")
    assert wilson(*drawn) == pytest.approx(expected, abs=CLOSE)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm(p_values: list[float]) -> None:
    expected = multipletests(p_values, method="holm")[1]
    assert holm(p_values) == pytest.approx(expected, abs=CLOSE)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 40), st.integers(0, 40))
def test_mcnemar(lost: int, won: int) -> None:
    expected = mcnemar_of_statsmodels([[5, lost], [won, 5]], exact=True).pvalue if lost + won else 1
    assert mcnemar(lost, won) == pytest.approx(expected, abs=CLOSE)


counts = st.integers(1, 80).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@settings(max_examples=30, deadline=None)
@given(counts, counts)
def test_fisher(part: tuple[int, int], rest: tuple[int, int]) -> None:
    table = [[part[0], part[1] - part[0]], [rest[0], rest[1] - rest[0]]]
    expected = fisher_exact(table, alternative="less").pvalue
    assert fisher(*part, *rest) == pytest.approx(expected, abs=CLOSE)
