"""Reveals: that somebody was shown personal data of a case, and why."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Final

from pydantic import Field, model_validator

from casewright.base import Model, Moment
from casewright.waiting import LEASE_MINUTES, RENEWALS


class RevealReason(StrEnum):
    """Why somebody has to see personal data."""

    DECIDE = "decide"
    IDENTITY = "identity"
    CONTACT = "contact"
    LEGAL = "legal"
    OTHER = "other"


REASONS: Final = {
    RevealReason.DECIDE: "The decision depends on it",
    RevealReason.IDENTITY: "To compare who somebody is",
    RevealReason.CONTACT: "To get in touch with a party",
    RevealReason.LEGAL: "An authority or a court asks for it",
    RevealReason.OTHER: "Another reason, told below",
}
"""The reasons in words."""

LASTS: Final = timedelta(minutes=30)
"""For how long a reveal holds, whoever has the case."""

AT_MOST: Final = timedelta(minutes=LEASE_MINUTES * (1 + RENEWALS))
"""For how long it holds at most for whom has the case: as long as a claim can last."""


class Reveal(Model):
    """One reveal.

    Attributes:
        case_id: The case.
        member: Who was shown it.
        reason: Why.
        note: Why, in words; needed where the reason is ``other``.
        at: When.
    """

    case_id: str
    member: str
    reason: RevealReason
    note: str = Field(default="", max_length=500)
    at: Moment

    @model_validator(mode="after")
    def _told(self) -> Reveal:
        if self.reason is RevealReason.OTHER and not self.note.strip():
            raise ValueError("another reason has to be told in words")
        return self

    def holds(self, at: Moment, *, claimed: bool) -> bool:
        """Whether it still holds.

        Args:
            at: The present moment.
            claimed: Whether the member has the case now.
        """
        return at < self.at + (AT_MOST if claimed else LASTS)
