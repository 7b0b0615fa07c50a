"""What a graph proposed before anybody acted on it: a review may put another decision in place."""

from __future__ import annotations

from casewright.base import Model
from casewright.profile import Profile


class Proposal(Model):
    """The first proposal of a run.

    Attributes:
        outcome: Its outcome.
        profile: How it came about.
        confidence: Calibrated probability that a reviewer agrees; None before calibration.
    """

    outcome: str
    profile: Profile
    confidence: float | None = None
