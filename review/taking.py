"""Takes the most urgent case that nobody has."""

from __future__ import annotations

from typing import Final

from casewright.errors import NotWaiting, Taken
from casewright.models import Route
from casewright.team import ROUTES, Member, Permission
from casewright.waiting import NOTHING, Waiting, Wanted
from review.desk import Desk

ROUNDS: Final = 5
"""How often somebody else may be faster before nothing is taken."""


async def take_next(desk: Desk, wanted: Wanted) -> Waiting | None:
    """Claim the most urgent case among those that this member may decide and nobody has.

    Args:
        desk: The member's desk.
        wanted: Which cases; what is on hold, and what is claimed already, is passed over.

    Returns:
        The case, or None where there is none.

    Raises:
        Forbidden: the member may not review.
    """
    desk.member.require(Permission.REVIEW)
    routes = _decided_by(desk.member, wanted.routes)
    free = wanted.model_copy(update={"whose": "free", "held": False, "routes": routes})
    for _ in range(ROUNDS):
        found = (await desk.queue(free, limit=20)).items
        for one in found:
            if one.claimed_by:
                continue
            try:
                return await desk.claim(one.case_id)
            except (Taken, NotWaiting):  # somebody else was faster
                continue
        if not any(not one.claimed_by for one in found):
            return None
    return None


def _decided_by(member: Member, wanted: tuple[str, ...]) -> tuple[str, ...]:
    may = [route.value for route in Route if member.may(ROUTES[route])]
    return tuple(one for one in may if not wanted or one in wanted) or NOTHING
