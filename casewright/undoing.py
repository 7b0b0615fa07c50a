"""What undoing a decision would do, write by write: told before anybody confirms it."""

from __future__ import annotations

from typing import Literal

from casewright.base import Model
from casewright.enforcement import PlannedAction

How = Literal["withdrawn", "compensated", "awaited", "restored", "stays"]
"""What becomes of a write. ``withdrawn``: it is not sent. ``compensated``: another one takes it
back. ``awaited``: it may have been done; it is sent until that is known, and then taken back.
``restored``: an interim measure that it took back is taken again, if its reason still holds.
``stays``: nothing takes it back."""


class Effect(Model):
    """What becomes of one write.

    Attributes:
        write: The write.
        how: What becomes of it.
        by: What takes it back, where something does.
        why: Why nothing does, or empty.
    """

    write: PlannedAction
    how: How
    by: PlannedAction | None = None
    why: str = ""


class Undoing(Model):
    """What undoing a decision would do.

    Attributes:
        case_id: The case.
        outcome: What was decided.
        effects: What becomes of each write, in the order in which they were asked for.
    """

    case_id: str
    outcome: str
    effects: tuple[Effect, ...]

    @property
    def sent(self) -> bool:
        """Whether anything was sent, or may have been."""
        return any(one.how != "withdrawn" for one in self.effects)
