"""What a reviewer would have decided before they were shown what is proposed."""

from __future__ import annotations

from pydantic import Field

from casewright.base import Model, Moment


class FirstRead(Model):
    """One reviewer's own verdict on a case that waits.

    Attributes:
        run_id: The run that waits.
        reviewer: Who read it.
        outcome: What they would have decided.
        proposed: What was proposed at that moment, which they were not shown.
        note: Free text.
        at: When.
    """

    run_id: str
    reviewer: str = Field(min_length=1)
    outcome: str
    proposed: str
    note: str = ""
    at: Moment

    @property
    def agrees(self) -> bool:
        """Whether they came to what was proposed by themselves."""
        return self.outcome == self.proposed
