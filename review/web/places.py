"""The pages that a member can go to: what the navigation and the first page list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from casewright.team import Member, Permission


@dataclass(frozen=True)
class Place:
    """A page that the navigation leads to.

    Attributes:
        path: Where it is.
        label: How it is called.
        needs: What it takes to see it.
    """

    path: str
    label: str
    needs: Permission


PLACES: Final[tuple[Place, ...]] = (
    Place("/queue", "Queue", Permission.READ),
    Place("/search", "Search", Permission.READ),
    Place("/runs", "Runs", Permission.READ),
    Place("/notes", "Notes", Permission.NOTE),
    Place("/second-looks", "Second looks", Permission.SECOND_LOOK),
    Place("/disputed", "Disputed", Permission.ARBITRATE),
    Place("/agreement", "Agreement", Permission.AUDIT),
    Place("/figures", "Figures", Permission.FIGURES),
    Place("/audit", "Audit", Permission.AUDIT),
)
"""In the order in which they are listed."""


def places_of(member: Member) -> tuple[Place, ...]:
    """Those that a member may see."""
    return tuple(place for place in PLACES if member.may(place.needs))
