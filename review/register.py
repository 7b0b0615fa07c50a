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
from casewright.waiting import NOTHING
from review.checks import Overlay, age
from review.first_read import FirstReading
from review.merge import merged

ALL: Final = Sought()

SHOWN: Final = 50
"""How many runs that go on are shown at most."""


class Going(NamedTuple):
    """A run that goes on, and what the log says of its case last."""

    hit: Hit
    last: Event | None


class Register:
    """Runs of the cases that a member sees.

    Checks stand among them like cases, and of what a member has to read first no proposal is told.

    Args:
        store: The store.
        member: Who looks.
        clock: The present moment.
        checks: The checks, as the member is shown them.
        first: Which cases they have to read first.
    """

    def __init__(
        self, store: Store, member: Member, clock: Clock, checks: Overlay, first: FirstReading
    ) -> None:
        self._store = store
        self._member = member
        self._clock = clock
        self._checks = checks
        self._first = first

    async def find(self, sought: Sought = ALL, *, limit: int = 50, offset: int = 0) -> Hits:
        """A page of what is sought, newest first; see ``Search.find``.

        Whoever has to read cases first finds by outcome what waits no more alone: what is found
        would tell what is proposed.

        Raises:
            Forbidden: the member reads no cases.
        """
        self._member.require(Permission.READ)
        own = self._without_proposals(sought).within(self._member)

        async def fetch(limit: int, offset: int) -> tuple[tuple[Hit, ...], int]:
            found = await self._store.search.find(own, limit=limit, offset=offset)
            return found.items, found.total

        among = await self._checks.hits(own)
        items, total = await merged(among, fetch, age, limit=limit, offset=offset)
        return Hits(items=await self._first.hits(items), total=total)

    def _without_proposals(self, sought: Sought) -> Sought:
        if not sought.outcomes or not self._first.draws:
            return sought
        ended = tuple(one.value for one in RunStatus if one is not RunStatus.WAITING)
        statuses = tuple(one for one in sought.statuses if one in ended) or NOTHING
        return sought.model_copy(update={"statuses": statuses if sought.statuses else ended})

    async def pace(self) -> Pace:
        """How many runs stand where, and how many came to an end in the last minute."""
        self._member.require(Permission.READ)
        own = Sought(earlier=True).within(self._member)
        found = await self._store.search.pace(own, self._clock())
        waits, among = RunStatus.WAITING.value, len(await self._checks.hits(own))
        by_status = {**found.by_status, waits: found.by_status.get(waits, 0) + among}
        return found.model_copy(update={"by_status": by_status})

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
        run = await self._store.run(run_id) or await self._checks.by_run(run_id)
        if run is None:
            raise UsageError(f"There is no run {run_id!r}.")
        require_sees(self._member, run.case.region, run.sop, run.case.language, run.case.case_id)
        await self._first.require(run)
        return run

    async def steps(self, run: Run) -> tuple[Event, ...]:
        """What the log of its case says of a run, oldest first."""
        return tuple(one for one in await self._checks.events(run) if one.run_id == run.run_id)


def require_sees(member: Member, region: str, sop: str, language: str, case_id: str) -> None:
    """Refuse a member who does not see such a case.

    Raises:
        Forbidden: they do not.
    """
    if not member.sees(region=region, sop=sop, language=language):
        raise Forbidden(f"Case {case_id!r} is not among those of {member.id}.")
