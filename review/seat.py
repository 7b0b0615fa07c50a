"""Where one member of the team sits: who they are, and which cases are theirs."""

from __future__ import annotations

from typing import Any, Final

from casewright.audit import Actor, reviewer
from casewright.clock import Clock
from casewright.errors import UnknownCase, UsageError
from casewright.models import Run
from casewright.team import ROUTES, Member, Permission, Team
from graphs.run import Investigator
from review.checks import Overlay
from review.first_read import FirstReading
from review.foureyes import require_other_eyes
from review.register import require_sees
from review.second import require_looked
from review.showing import Showing
from review.veil import Veil

EVERYBODY: Final = Team()
"""No team: whoever uses this machine's account."""


class Seat:
    """What one reviewer can see and do.

    Args:
        investigator: Holds the runs.
        reviewer: Who acts, as the team knows them.
        clock: The present moment.
        team: Who may do what; the empty one lets everybody do everything.
        veil: Hides personal data until this reviewer has it revealed; None: nothing is hidden.

    Raises:
        Forbidden: the reviewer is not on the team. So does every method where the reviewer may not
            do it, or does not see the case.
    """

    def __init__(
        self,
        investigator: Investigator,
        reviewer: str,
        clock: Clock,
        *,
        team: Team = EVERYBODY,
        veil: Veil | None = None,
    ) -> None:
        self._investigator = investigator
        self._reviewer = reviewer
        self._clock = clock
        self._team = team
        self.member = team.member(reviewer)
        self._checks = Overlay(investigator, reviewer, clock)
        self._first = FirstReading(investigator.store, investigator.settings, self.member)
        self._showing = Showing(investigator.store, veil, self._who, clock, self._linked)

    @property
    def _who(self) -> Actor:
        return reviewer(self._reviewer)

    async def _require_decides(self, run: Run, member: Member | None = None) -> None:
        """Refuse who may not decide a run: for their roles, or for what they did before."""
        who = member or self.member
        _require_decides(who, run)
        sop = await self._investigator.sop_of(run)
        asked = sop.spec.gate.four_eyes
        await require_other_eyes(self._investigator.store, run, who.id, asked)

    def _sees(self, run: Run) -> bool:
        case = run.case
        return self.member.sees(region=case.region, sop=run.sop, language=case.language)

    async def _run(self, case_id: str) -> Run:
        run = await self._checks.run(case_id)
        run = run or await self._investigator.store.latest_run(case_id)
        if run is not None:
            require_sees(self.member, run.case.region, run.sop, run.case.language, case_id)
        else:
            raise UnknownCase(
                f"Case {case_id!r} was never investigated here.",
                remedy=f"Run `casewright investigate {case_id}`.",
            )
        return run

    async def show(self, case_id: str) -> Run:
        """The newest run of a case.

        Raises:
            UnknownCase: the case was never investigated.
            Forbidden: it is none of this member's.
            FirstReadOwed: they have to say what they would decide before.
        """
        run = await self._run(case_id)
        await self._first.require(run)
        await self._require_looked(run)
        return run

    async def _require_looked(self, run: Run) -> None:
        """Whoever reads drawn cases a second time is not shown how one was decided before.

        Where there is no team, one person does all, and nobody could keep it from them.
        """
        if self._team.members and self.member.may(Permission.SECOND_LOOK):
            await require_looked(self._investigator.store, run, self.member.id)

    async def _note_view(self, run: Run, **body: Any) -> None:
        who, log = reviewer(self._reviewer), self._investigator.store.log
        await log.note_view(run.case.case_id, who, self._clock(), run_id=run.run_id, **body)

    async def _linked(self, run: Run) -> frozenset[str]:
        check = await self._checks.check(run.case.case_id)
        return await self._investigator.store.linked(check.source_id if check else run.run_id)

    async def _require_case(self, case_id: str) -> None:
        """Refuse what makes no sense of a check that was acted on."""
        check = await self._checks.check(case_id)
        if check and check.status != "open":
            raise UsageError(f"Case {case_id!r} was a check: nothing comes of its decision.")


def _require_decides(member: Member, run: Run) -> None:
    """Refuse who may not decide a run of that route.

    Raises:
        Forbidden: they may not.
    """
    member.require(Permission.REVIEW)
    if run.decision is not None:
        member.require(ROUTES[run.decision.route])
