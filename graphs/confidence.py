"""How surely a reviewer would agree with a decision, and whether nobody need be asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from casewright.calibration import Standing
from casewright.models import ESCALATE, Decision
from casewright.proposal import Proposal
from graphs.facts import Facts
from graphs.profile import profile_of

UNPROVEN = "no calibration stands for this graph version"
"""Why nothing passes where nobody has shown how often it would be wrong."""


@dataclass(frozen=True)
class Told:
    """A decision with its confidence.

    Attributes:
        decision: The decision; its confidence is None where none can be told.
        proposal: The same as it is kept for later learning.
        unproven: Why no bound on its error holds; empty where one does.
    """

    decision: Decision
    proposal: Proposal
    unproven: str


def told(decision: Decision, facts: Facts, standing: Standing | None, at: datetime) -> Told:
    """Tell the confidence of a decision by the calibration of its graph version.

    Args:
        decision: The verified proposal.
        facts: The case's facts.
        standing: The version's newest calibration with what was switched off, or None.
        at: The present moment: calibrations expire.
    """
    profile = profile_of(decision, facts)
    calibration = standing.calibration if standing is not None else None
    confidence, digest = None, ""
    # An escalation names nothing that a reviewer could agree with.
    if calibration is not None and decision.outcome != ESCALATE:
        confidence, digest = calibration.confidence_of(profile), calibration.digest
    update = {"confidence": confidence, "calibration": digest}
    return Told(
        decision=decision.model_copy(update=update),
        proposal=Proposal(outcome=decision.outcome, profile=profile, confidence=confidence),
        unproven=UNPROVEN if standing is None else standing.objection(profile, confidence, at),
    )
