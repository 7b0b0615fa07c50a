"""A seeded check: a recommendation known to be wrong, shown like any other."""

from __future__ import annotations

from typing import Final, Literal

from casewright.base import Model, Moment
from casewright.case import Value
from casewright.models import Decision, Run

CheckStatus = Literal["open", "caught", "missed", "withdrawn"]

WORDS: Final = {True: "yes", False: "no"}


class Check(Model):
    """One check.

    Attributes:
        run: What is shown: a run that waits, under a case id and a run id of its own.
        source_id: The closed run that it was made of.
        factor: The one fact in which the two differ.
        true: What the evidence says of it.
        shown: What the recommendation says.
        right: How the case was decided, and confirmed.
        decision: The decision of then.
        planted_at: When.
        planted_by: Who had it planted.
        status: What became of it; ``withdrawn``: the case it was made of was erased.
        reviewer: Who acted on it, or empty.
        act: What they did, or empty.
        at: When they did.
    """

    run: Run
    source_id: str
    factor: str
    true: Value
    shown: Value
    right: str
    decision: Decision
    planted_at: Moment
    planted_by: str
    status: CheckStatus = "open"
    reviewer: str = ""
    act: str = ""
    at: Moment | None = None

    @property
    def case_id(self) -> str:
        """The id under which it is shown."""
        return self.run.case.case_id

    @property
    def wrong(self) -> str:
        """What it recommends."""
        return self.run.decision.outcome if self.run.decision else ""

    @property
    def told(self) -> str:
        """What whoever acted on it learns."""
        ended = "you approved it" if self.status == "missed" else "you did not approve it"
        true, shown = (
            WORDS.get(v, v) if isinstance(v, bool) else v for v in (self.true, self.shown)
        )
        return (
            f"a check, {self.status}: {self.wrong} was recommended and {ended}. {self.factor} was "
            f"shown as {shown}, while its evidence says {true}; right is {self.right}"
        )
