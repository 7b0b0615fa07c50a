"""A gold case beside what a graph made of it: what every metric of evals is computed from."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from casewright.base import Money
from casewright.case import Value
from casewright.cost import Cost
from casewright.models import (
    ALWAYS_OUTCOMES,
    REQUEST_INFORMATION,
    GoldCase,
    Model,
    RunStatus,
)
from casewright.profile import Profile

ERROR = "error"
"""What a run that failed, or ended without a decision, counts as having predicted."""

UNDECIDED = (*ALWAYS_OUTCOMES, ERROR)


class Traits(Model):
    """What a run shows besides its outcome, for the metrics that look deeper.

    Attributes:
        profile: What the decision's confidence is learned from.
        route: Who must look at it; ``auto-eligible`` where it would pass without a person.
        confidence: Calibrated probability that a reviewer agrees; None before calibration.
        row: The row that decided, or 0.
        factors: Factor values by name; None for unknown.
        actions: How each action ended, by name; see ``ActionRecord.status``.
        unrun: Required actions that failed or could not be run.
        citations: Citations of claims that stand.
        faulty: Of them those that do not hold when they are looked up again in frozen evidence.
        claims: Claims that stand.
        struck: Claims that the verifier struck.
        impact: What the case is about in money, or None where it never entered.
        tier: The seller's tier where the evidence has it, or empty.
        seconds: Wall time from entering to the gate; 0 where nobody measured it.
        repeats: Outcomes of further runs of the same case, where it was judged several times.
    """

    profile: Profile = Profile()
    route: str = ""
    confidence: float | None = None
    row: int = 0
    factors: Mapping[str, Value | None] = Field(default_factory=dict)
    actions: Mapping[str, str] = Field(default_factory=dict)
    unrun: tuple[str, ...] = ()
    citations: int = 0
    faulty: int = 0
    claims: int = 0
    struck: int = 0
    impact: Money | None = None
    tier: str = ""
    seconds: float = 0.0
    repeats: tuple[str, ...] = ()


class Scored(Model):
    """One gold case beside what the graph made of it.

    Attributes:
        gold: The gold case.
        outcome: What the run proposed; empty where it came to no decision.
        asked: Actions whose evidence the run asked for.
        status: How the run ended.
        reason: Why it failed, or empty.
        graph_version: Which graph version ran, or empty where none did.
        cost: What the model calls made for it used, whatever came of them.
        currency: Currency of that money, or empty.
        traits: What else the run shows; None where nobody looked.
    """

    gold: GoldCase
    outcome: str
    asked: tuple[str, ...] = ()
    status: RunStatus = RunStatus.DONE
    reason: str = ""
    graph_version: str = ""
    cost: Cost = Cost()
    currency: str = ""
    traits: Traits | None = None

    @property
    def predicted(self) -> str:
        """The outcome, or ``error`` where the run failed or came to no decision."""
        return ERROR if self.status is RunStatus.FAILED or not self.outcome else self.outcome

    @property
    def decided(self) -> bool:
        """Whether the run named an outcome itself."""
        return self.predicted not in UNDECIDED

    @property
    def right(self) -> bool:
        """Whether the run predicted the gold outcome, or another that is acceptable."""
        return self.predicted == self.gold.outcome or self.predicted in self.gold.accept

    @property
    def asked_rightly(self) -> bool:
        """Whether the run asked for a record that had been withheld."""
        asked = self.predicted == REQUEST_INFORMATION and not self.right
        return asked and not set(self.asked).isdisjoint(self.gold.ask)
