"""First reads: some cases a reviewer decides by themselves, before they see what is proposed.

Who sees a proposal first tends to agree with it. How often a reviewer comes to the same outcome
without it, and how often they change their mind towards it, tells how far they do.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from casewright.errors import UnknownName, UsageError
from casewright.first_read import FirstRead
from casewright.hits import Hit
from casewright.models import ALWAYS_OUTCOMES, Run, RunStatus
from casewright.settings import Settings
from casewright.store import Store
from casewright.store.listing import Brief
from casewright.team import Member, Permission
from casewright.waiting import Waiting
from graphs.sampling import read_first
from graphs.sop import Sop

Listed = TypeVar("Listed", Hit, Brief)
"""A run as a list shows it."""


class FirstReadOwed(UsageError):
    """A reviewer asks for what is proposed before they said what they would decide.

    Attributes:
        case_id: The case.
    """

    def __init__(self, case_id: str) -> None:
        self.case_id = case_id
        super().__init__(
            f"Case {case_id!r} is to be read before its proposal is shown.",
            remedy=f"Say what you would decide: casewright review read {case_id} --outcome …",
        )


class FirstReading:
    """Which cases one reviewer has to read first.

    Args:
        store: Holds what was read.
        settings: The share, and the key of the draw.
        member: The reviewer.
    """

    def __init__(self, store: Store, settings: Settings, member: Member) -> None:
        self._store = store
        self._share = settings.blind_first
        self._key = settings.sampling_key.get_secret_value().encode()
        self._member = member

    def _drawn(self, case_id: str) -> bool:
        return read_first(case_id, self._share, key=self._key)

    async def owed(self, waiting: Iterable[tuple[str, str]]) -> frozenset[str]:
        """Those runs, of pairs of a waiting case and its run, that are to be read first."""
        if not self._share or not self._member.may(Permission.REVIEW):
            return frozenset()
        drawn = {run_id for case_id, run_id in waiting if self._drawn(case_id)}
        if not drawn:
            return frozenset()
        return frozenset(drawn - await self._store.first_reads.by(self._member.id, drawn))

    async def owes(self, run: Run) -> bool:
        """Whether a run is to be read first."""
        if run.status is not RunStatus.WAITING or run.decision is None:
            return False
        return bool(await self.owed([(run.case.case_id, run.run_id)]))

    async def require(self, run: Run) -> None:
        """Refuse to go on with a run that is to be read first.

        Raises:
            FirstReadOwed: it is.
        """
        if await self.owes(run):
            raise FirstReadOwed(run.case.case_id)

    async def hidden(self, items: Iterable[Waiting]) -> tuple[Waiting, ...]:
        """The same cases, without what is proposed where it is to be read first."""
        found = tuple(items)
        owed = await self.owed((one.case_id, one.run_id) for one in found)
        bare = {"outcome": "", "stability": None}
        return tuple(one.model_copy(update=bare) if one.run_id in owed else one for one in found)

    async def unsaid(self, items: Iterable[Listed]) -> tuple[Listed, ...]:
        """The same runs of a list, without their outcome where they are to be read first."""
        found = tuple(items)
        waiting = (one for one in found if one.status == RunStatus.WAITING)
        owed = await self.owed((one.case_id, one.run_id) for one in waiting)
        bare = {"outcome": ""}
        return tuple(one.model_copy(update=bare) if one.run_id in owed else one for one in found)

    async def write_down(
        self, run: Run, sop: Sop, outcome: str, *, note: str, at: datetime
    ) -> FirstRead:
        """Write down what the reviewer would decide.

        Raises:
            UnknownName: the SOP has no such outcome.
            UsageError: the run is not to be read first, or was.
        """
        if outcome not in (known := {*sop.outcomes, *ALWAYS_OUTCOMES}):
            raise UnknownName.among("outcome", outcome, known)
        if run.decision is None or not await self.owes(run):
            told = f"Case {run.case.case_id!r} is not to be read before its proposal is shown."
            raise UsageError(told, remedy=f"casewright review show {run.case.case_id}")
        read = FirstRead(
            run_id=run.run_id,
            reviewer=self._member.id,
            outcome=outcome,
            proposed=run.decision.outcome,
            note=note,
            at=at,
        )
        await self._store.first_reads.put(read)
        return read
