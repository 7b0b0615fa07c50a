"""A policy clause: numbered, and in force from a day on, somewhere or everywhere."""

from __future__ import annotations

from datetime import date

from casewright.base import Model


class Clause(Model):
    """One version of a numbered clause.

    Attributes:
        clause_id: Such as ``SHIP-4.1``.
        start: First day it is in force (UTC).
        regions: Where; empty for everywhere.
        text: The clause as the team wrote it.
    """

    clause_id: str
    start: date
    regions: tuple[str, ...] = ()
    text: str

    @property
    def reference(self) -> str:
        """``id@first day``, which names this version."""
        return f"{self.clause_id}@{self.start.isoformat()}"
