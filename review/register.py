"""The register of runs, as one member sees it: what is found, what goes on, one run by its id."""

from __future__ import annotations

from typing import Final, NamedTuple

from casewright.audit import Event
from casewright.clock import Clock
from casewright.errors import Forbidden, UsageError
from casewright.hits import Hit, Hits, Pace, Sought
from casewright.models import Run, RunStatus
from casewright.store import Store
from casewright.team import Member, Permission
from review.first_read import FirstReading

ALL: Final = Sought()

SHOWN: Final = 50
"""How many runs that go on are shown at most."""


class Going(NamedTuple):
    """A run that goes on, and what the log says of its case last."""

    hit: Hit
    last: Event | None


class Register:
    """Runs of the cases that a member sees.

    Args:
        store: The store.
        member: Who looks.
        clock: The present moment.
        first: Which cases the member has to read before they are shown what is proposed.
    """

    def __init__(self, store: Store, member: Member, clock: Clock, first: FirstReading) -> None:
        self._store = store
        self._first = first
        self._member = member
        self._clock = clock

    async def find(self, sought: Sought = ALL, *, limit: int = 50, offset: int = 0) -> Hits:
        """A page of what is sought, newest first; see ``Search.find``.

        A case that the member has to read first is listed without what is proposed, and not found
        by it.

        Raises:
            Forbidden: the member reads no cases.
        """
        self._member.require(Permission.READ)
        own = sought.within(self._member)
        found = await self._store.search.find(own, limit=limit, offset=offset)
        items = await self._first.unsaid(found.items)
        if sought.outcomes:
            items = tuple(one for one in items if one.outcome)
        return Hits(items=items, total=found.total - len(found.items) + len(items))

    async def pace(self) -> Pace:
        """How many runs stand where, and how many came to an end in the last minute."""
        self._member.require(Permission.READ)
        own = Sought(earlier=True).within(self._member)
        return await self._store.search.pace(own, self._clock())

    async def going(self) -> tuple[Going, ...]:
        """What goes on now, the newest first, at most fifty runs."""
        wanted = Sought(statuses=(RunStatus.RUNNING.value,), earlier=True)
        found = (await self.find(wanted, limit=SHOWN)).items
        last = await self._store.log.newest(hit.case_id for hit in found)
        return tuple(Going(hit, last.get(hit.case_id)) for hit in found)

    async def run(self, run_id: str) -> Run:
        """The run of that id.

        Raises:
            UsageError: there is none.
            Forbidden: it is none of this member's.
            FirstReadOwed: they have to say what they would decide before.
        """
        self._member.require(Permission.READ)
        run = await self._store.run(run_id)
        if run is None:
            raise UsageError(f"There is no run {run_id!r}.")
        require_sees(self._member, run.case.region, run.sop, run.case.language, run.case.case_id)
        await self._first.require(run)
        return run


def require_sees(member: Member, region: str, sop: str, language: str, case_id: str) -> None:
    """Refuse a member who does not see such a case.

    Raises:
        Forbidden: they do not.
    """
    if not member.sees(region=region, sop=sop, language=language):
        raise Forbidden(f"Case {case_id!r} is not among those of {member.id}.")
