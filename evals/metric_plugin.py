"""The built-in metrics: they come in by the same door as those of other packages."""

from __future__ import annotations

from typing import Final

from casewright.registry import Registry
from evals.agreement import ReviewerAgreement
from evals.asking import RequestAppropriateness
from evals.automatic import AutoCoverage, AutoPrecision
from evals.calibration_metrics import Brier, CalibrationError
from evals.loss import CostWeightedLoss
from evals.measures import KIND, Metric
from evals.outcome_metrics import MacroF1
from evals.proofs import CitationValidity, ClaimSupport, FactorAccuracy, RequiredActions
from evals.risk import RiskCoverage
from evals.spending import MoneyPerCase, TimePerCase, TokensPerCase
from evals.stability import PassHatK, SameOutcome
from evals.weighted import WeightedAccuracy

BUILT_IN: Final[tuple[Metric, ...]] = (
    MacroF1(),
    WeightedAccuracy(),
    AutoPrecision(),
    AutoCoverage(),
    RiskCoverage(),
    CalibrationError(),
    Brier(),
    CostWeightedLoss(),
    FactorAccuracy(),
    RequiredActions(),
    CitationValidity(),
    ClaimSupport(),
    RequestAppropriateness(),
    ReviewerAgreement(),
    PassHatK(),
    SameOutcome(),
    TimePerCase(),
    TokensPerCase(),
    MoneyPerCase(),
)


def register(registry: Registry) -> None:
    """Add every built-in metric under its name."""
    for metric in BUILT_IN:
        registry.add(KIND, metric.name, metric)
