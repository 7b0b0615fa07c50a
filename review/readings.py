"""Reading a case without its proposal, before and after it is decided, and what that tells."""

from __future__ import annotations

from datetime import datetime, timedelta

from casewright.first_read import FirstRead
from casewright.second_look import SecondLook
from casewright.team import Permission
from review.agreement import Agreements, agreements
from review.checks import Planted
from review.figures import Figures, figures
from review.seat import Seat
from review.second import (
    Blind,
    Disputed,
    Verdict,
    blind,
    disputes,
    had_part,
    require_drawn,
    write_down,
)


class Readings(Seat):
    """First reads, second looks, and how far people agree."""

    async def owes_first_read(self, case_id: str) -> bool:
        """Whether this member has to say what they would decide before they see a proposal."""
        return await self._first.owes(await self._run(case_id))

    async def blind_case(self, case_id: str) -> Blind:
        """A waiting case without what is proposed, as it is to be read first; the log says so."""
        run = await self._run(case_id)
        sop = await self._investigator.sop_of(run)
        await self._note_view(run, what="blind")
        shown = (await self._showing.shown(run)).run
        return blind(shown, sop.outcomes, shown.decision.citations if shown.decision else ())

    async def first_read(self, case_id: str, outcome: str, *, note: str = "") -> FirstRead:
        """Write down what this member would decide; then the proposal is shown to them.

        Raises:
            Forbidden: they may not decide the case at all.
            UnknownName: the SOP has no such outcome.
            UsageError: it is not to be read first, or they have read it.
        """
        run = await self._run(case_id)
        await self._require_decides(run)
        sop = await self._investigator.sop_of(run)
        return await self._first.write_down(run, sop, outcome, note=note, at=self._clock())

    async def second_look(self) -> list[Blind]:
        """Closed cases that were drawn and that this member could look at again, oldest first.

        Raises:
            Forbidden: they do not read a second time.
        """
        self.member.require(Permission.SECOND_LOOK)
        runs = await self._investigator.store.second_looks.due()
        mine = (run for run in runs if self._sees(run) and not had_part(run, self.member.id))
        return [blind(run) for run in mine if run.decision is not None]  # else it was erased

    async def disputed(self) -> tuple[Disputed, ...]:
        """Closed cases about which a second reader differs, for a senior to settle.

        Raises:
            Forbidden: they do not settle any.
        """
        self.member.require(Permission.ARBITRATE)
        looked = await self._investigator.store.second_looks.every()
        return disputes((run, looks) for run, looks in looked if self._sees(run))

    async def blind(self, case_id: str) -> Blind:
        """A case that was drawn, as a second reader sees it; the log says that they saw it.

        Raises:
            UsageError: it was never investigated, or not drawn.
        """
        run = await self._run(case_id)
        require_drawn(run)
        sop = await self._investigator.sop_of(run)
        await self._note_view(run, what="blind")
        shown = (await self._showing.shown(run)).run
        return blind(shown, sop.outcomes, shown.decision.citations if shown.decision else ())

    async def look(self, case_id: str, outcome: str, *, note: str = "") -> Verdict:
        """Write down what this reader would have decided; errors as for ``write_down``.

        Raises:
            Forbidden: they neither read a second time nor, where readers differ, settle it.
        """
        run = await self._run(case_id)
        sop = await self._investigator.sop_of(run)
        look = SecondLook(
            run_id=run.run_id,
            reviewer=self._reviewer,
            outcome=outcome,
            note=note,
            at=self._clock(),
        )
        return await write_down(
            self._investigator.store, run, look, sop.outcomes, may=self.member.require
        )

    async def agreements(self, since: datetime | None = None, sop: str = "") -> Agreements:
        """How far those agree who judged the same cases.

        Args:
            since: Of cases that entered from then on; None: in the last year.
            sop: Of one SOP; empty: of all.

        Raises:
            Forbidden: this member does not read the log.
        """
        self.member.require(Permission.AUDIT)
        house = self._investigator
        since = since or self._clock() - timedelta(days=365)
        return await agreements(house.store, house.sop_at, since, sop)

    async def figures(self, since: datetime | None = None) -> Figures:
        """Figures of every reviewer; for leads alone.

        Args:
            since: What happened from then on; None: in the last 90 days.

        Raises:
            Forbidden: this member leads nobody, whoever's figures it is.
        """
        self.member.require(Permission.FIGURES)
        since = since or self._clock() - timedelta(days=90)
        return await figures(self._investigator.store, since)

    async def plant(self, count: int, *, sop: str = "", dry_run: bool = False) -> list[Planted]:
        """Plant checks among what waits; see ``Overlay.plant``.

        Raises:
            Forbidden: this member assigns no cases.
        """
        self.member.require(Permission.ASSIGN)
        return await self._checks.plant(count, sop=sop, dry_run=dry_run)
