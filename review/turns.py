"""Who has a case, and for how long, as one member of the team sees and says it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from casewright.store.queue import Queue
from casewright.team import Permission
from casewright.waiting import Group, Listed, Waiting, Wanted
from review.seat import Seat

ALL: Final = Wanted()
"""Whatever waits."""


class Turns(Seat):
    """What waits, and whose turn it is."""

    async def queue(self, wanted: Wanted = ALL, *, limit: int = 50, offset: int = 0) -> Listed:
        """A page of what waits and this member sees, most urgent first."""
        self.member.require(Permission.READ)
        listed = await self._checks.page(self._own(wanted), limit=limit, offset=offset)
        return listed.model_copy(update={"items": await self._first.hidden(listed.items)})

    async def groups(self, wanted: Wanted = ALL) -> tuple[Group, ...]:
        """How much waits of what this member sees, by all facets together."""
        self.member.require(Permission.READ)
        return await self._checks.groups(self._own(wanted))

    def _own(self, wanted: Wanted) -> Wanted:
        return wanted.within(self.member).model_copy(update={"me": self._reviewer})

    async def place(self, case_id: str) -> Waiting | None:
        """How a case waits, and who has it; None where it does not wait."""
        await self._run(case_id)
        found = await (await self._queue(case_id)).of(case_id, self._clock())
        return await self._hidden(found) if found else None

    async def _queue(self, case_id: str) -> Queue:
        """Where a case waits: checks wait in a table of their own."""
        store = self._investigator.store
        check = await self._checks.check(case_id)
        return store.checks.queue if check else store.queue

    async def claim(self, case_id: str) -> Waiting:
        """Take a case for twenty minutes; see ``Queue.claim``."""
        await self._require_decides(await self._run(case_id))
        queue = await self._queue(case_id)
        found = await queue.claim(case_id, self._who, self._clock())
        await self._checks.replenish(case_id)
        return await self._hidden(found)

    async def renew(self, case_id: str) -> Waiting:
        """Have it for another twenty; see ``Queue.renew``."""
        await self._run(case_id)
        queue = await self._queue(case_id)
        return await self._hidden(await queue.renew(case_id, self._who, self._clock()))

    async def release(self, case_id: str, *, reason: str = "") -> Waiting:
        """Give it back, with the reason where it is handed back; see ``Queue.release``."""
        await self._run(case_id)
        queue = await self._queue(case_id)
        found = await queue.release(case_id, self._who, self._clock(), reason=reason)
        return await self._hidden(found)

    async def assign(self, case_id: str, to: str) -> Waiting:
        """Say who is to decide it; see ``Queue.assign``.

        Raises:
            Forbidden: this member may not, or the other one may not decide it.
        """
        self.member.require(Permission.ASSIGN)
        run = await self._run(case_id)
        if to:
            await self._require_decides(run, self._team.member(to))
        queue = await self._queue(case_id)
        return await self._hidden(await queue.assign(case_id, to, self._who, self._clock()))

    async def hold(self, case_id: str, until: datetime, why: str) -> Waiting:
        """Put it aside; see ``Queue.hold``."""
        await self._require_decides(await self._run(case_id))
        queue = await self._queue(case_id)
        found = await queue.hold(case_id, until, why, self._who, self._clock())
        return await self._hidden(found)

    async def resume(self, case_id: str) -> Waiting:
        """Take it off hold; see ``Queue.resume``."""
        await self._require_decides(await self._run(case_id))
        queue = await self._queue(case_id)
        return await self._hidden(await queue.resume(case_id, self._who, self._clock()))

    async def _hidden(self, found: Waiting) -> Waiting:
        return (await self._first.hidden([found]))[0]
