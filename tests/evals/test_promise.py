"""Drift is told where what is proposed now differs from what was tested, and only there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from casewright.calibration import Calibration
from casewright.profile import Profile
from casewright.proposal import Proposal
from evals.promise import drifts

AT = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def calibration() -> Calibration:
    return Calibration(
        version="x@1+0",
        made_at=AT,
        expires_at=AT + timedelta(days=9),
        author="qa",
        target=0.02,
        confidence=0.9,
        fitted=500,
        tested=1000,
        truths={"review": 1500},
        intercept=0,
        terms={},
        slices=(),
        edges=(0.25, 0.5, 0.75),
        scores=(0.1, 0.2, 0.3, 0.4),
        outcomes={"overturn": 0.5, "uphold": 0.5},
    )


def recent(shares: tuple[float, ...], overturned: float, count: int) -> list[Proposal]:
    rng = np.random.default_rng(3)
    bins = rng.choice(4, count, p=shares)
    outcomes = np.where(rng.random(count) < overturned, "overturn", "uphold")
    return [
        Proposal(outcome=str(outcome), profile=Profile(), confidence=float(place) / 4 + 0.1)
        for place, outcome in zip(bins, outcomes, strict=True)
    ]


def test_the_same_mix_is_no_drift(calibration: Calibration) -> None:
    found = drifts(calibration, recent((0.1, 0.2, 0.3, 0.4), 0.5, 400))
    assert [one.what for one in found] == ["confidence", "outcome"]
    assert not any(one.told for one in found)


def test_another_mix_is_told_by_what_moved(calibration: Calibration) -> None:
    score, outcome = drifts(calibration, recent((0.4, 0.3, 0.2, 0.1), 0.5, 400))
    assert (score.told, outcome.told) == (True, False)
    score, outcome = drifts(calibration, recent((0.1, 0.2, 0.3, 0.4), 0.9, 400))
    assert (score.told, outcome.told) == (False, True)


def test_too_few_say_nothing(calibration: Calibration) -> None:
    assert drifts(calibration, recent((0.4, 0.3, 0.2, 0.1), 0.9, 40)) == ()
