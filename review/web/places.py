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


PLACES: Final[tuple[Place, ...]] = (Place("/queue", "Queue", Permission.READ),)
"""In the order in which they are listed."""


def places_of(member: Member) -> tuple[Place, ...]:
    """Those that a member may see."""
    return tuple(place for place in PLACES if member.may(place.needs))
