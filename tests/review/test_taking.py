"""The next case: real cases at their gates, and several who want one at once."""

from __future__ import annotations

import asyncio

import pytest

from casewright.clock import utc_now
from casewright.errors import Forbidden
from casewright.models import Route
from casewright.settings import Settings
from casewright.team import Membership, Role, Team
from casewright.waiting import Wanted
from graphs.run import Investigator, open_investigator
from review.desk import Desk
from review.taking import take_next
from review.turns import ALL

NAMES = [f"senior {number}" for number in range(5)]
TEAM = Team.of(
    {name: Membership(roles=(Role.SENIOR,)) for name in NAMES}
    | {"ana": Membership(roles=(Role.REVIEWER,)), "lead": Membership(roles=(Role.LEAD,))}
)


def desk(investigator: Investigator, name: str) -> Desk:
    return Desk(investigator, name, utc_now, team=TEAM)


async def test_everybody_gets_another_case_the_most_urgent_first(sourced: Settings) -> None:
    async with open_investigator(sourced) as investigator:
        for case_id in await investigator.open_case_ids(None, 8):
            await investigator.investigate(case_id)
        seniors = [desk(investigator, name) for name in NAMES]
        senior = tuple(route for route in (Route.AUTO, Route.REVIEW, Route.SENIOR))
        queue = (await seniors[0].queue(Wanted(routes=senior))).items
        taken = await asyncio.gather(*(take_next(one, ALL) for one in seniors))
        got = [one.case_id for one in taken if one]
        assert len(set(got)) == len(got) == min(len(NAMES), len(queue))
        assert set(got) == {one.case_id for one in queue[: len(got)]}

        # What a reviewer may not decide is passed over, and what nobody left is nothing.
        while one := await take_next(desk(investigator, "ana"), ALL):
            assert one.route in (Route.AUTO, Route.REVIEW)
        assert await take_next(desk(investigator, "ana"), Wanted(routes=("senior",))) is None
        with pytest.raises(Forbidden):
            await take_next(desk(investigator, "lead"), ALL)
