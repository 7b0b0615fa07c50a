"""What the confidence of a decision is learned from: how it came about, never what it is about."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from casewright.base import Model
from casewright.opinion import Established


class Profile(Model):
    """How a decision came about.

    Attributes:
        outcome: The outcome.
        row: The row of the table that decided, or 0.
        stability: The fewest known factors that must flip to change it; None where no flip does.
        by: Who established each factor that is known, by name.
        sureness: How sure its reader was of each factor that a reader established, 0 to 1.
        unknown: Factors that are not known.
        vote: Share of the precedents' weight that goes to this outcome, 0 to 1; None without any.
        effective: How many equally weighty precedents voted.
        conflicts: How many similar precedents ended otherwise.
        lacking: Actions that are not required and brought no data.
        region: The case's region.
    """

    outcome: str = ""
    row: int = 0
    stability: int | None = None
    by: Mapping[str, Established] = Field(default_factory=dict)
    sureness: Mapping[str, float] = Field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    vote: float | None = None
    effective: float = 0.0
    conflicts: int = 0
    lacking: tuple[str, ...] = ()
    region: str = ""
