"""What one member of the team is shown of a case; the log says that they saw it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from casewright.audit import Event
from casewright.errors import UnknownCitation
from casewright.happenings import digest_of_model
from casewright.models import Citation, Evidence, Run
from casewright.reveal import Reveal
from casewright.team import Permission
from casewright.waiting import Waiting
from review.register import Register
from review.showing import Shown
from review.turns import Turns


class Sights(Turns):
    """Cases as they are shown."""

    @property
    def register(self) -> Register:
        """The runs of the cases that this member sees."""
        store = self._investigator.store
        return Register(store, self.member, self._clock, self._checks, self._first)

    async def standing(self, case_id: str) -> tuple[Run, Waiting | None]:
        """The newest run of a case and how it waits, to tell where it stands.

        Of what is to be read first, nothing is in it that is proposed or that others did; why a
        run failed is told with tokens for personal data.
        """
        run = await self._run(case_id)
        await self._require_looked(run)
        if run.error:
            run = (await self._showing.shown(run)).run
        return await self._first.bare(run), await self.place(case_id)

    async def view(self, case_id: str) -> Run:
        """The newest run of a case, as this reviewer is shown it: the log says that they saw it.

        Raises:
            UnknownCase: the case was never investigated.
        """
        run = await self.show(case_id)
        await self._note_decision(run)
        return run

    async def shown(self, case_id: str) -> Shown:
        """As :meth:`view`, with tokens for personal data until it is revealed to this reviewer."""
        self.member.require(Permission.READ)
        run = await self.show(case_id)
        found = await self._showing.shown(run)
        await self._note_decision(run, **({"masked": True} if found.masked else {}))
        return found

    async def veiled(self, case_id: str) -> Shown:
        """As :meth:`shown`, on the way to something else: the log does not say that they saw it."""
        return await self._showing.shown(await self.show(case_id))

    async def records(self, case_id: str) -> Mapping[str, Evidence]:
        """The evidence of a case by the digests it is cited by; tokens as in :meth:`shown`."""
        self.member.require(Permission.READ)
        run = await self.show(case_id)
        held = await self._showing.records(run)
        return {digest: await self._checks.disguised(one, case_id) for digest, one in held.items()}

    async def revealed(self, case_id: str) -> bool:
        """Whether this reviewer sees personal data of the case now."""
        return await self._showing.revealed(await self.show(case_id))

    async def reveal(self, case_id: str, reason: str, note: str = "") -> Reveal:
        """Have personal data of a case shown; see ``Showing.reveal``. The log says so."""
        self.member.require(Permission.REVEAL)
        return await self._showing.reveal(await self.show(case_id), reason, note)

    async def _note_decision(self, run: Run, **more: Any) -> None:
        digest = digest_of_model(run.decision) if run.decision else ""
        await self._note_view(run, what="decision", decision=digest, **more)

    async def follow(self, case_id: str, number: int) -> tuple[Citation, Evidence | None]:
        """A numbered citation of a case's decision and the evidence behind it (None: a clause).

        The log says that this reviewer followed it.

        Raises:
            UnknownCitation: there is no citation of that number.
            VerificationError: the evidence was changed since.
        """
        run = await self.show(case_id)
        # Numbered as they are shown: two that differ in what is hidden alone are one there.
        shown = (await self._showing.shown(run)).run
        citations = shown.decision.citations if shown.decision else ()
        if not 1 <= number <= len(citations):
            raise UnknownCitation(
                f"Case {case_id!r} has no citation {number}.",
                remedy=f"Its decision has {len(citations)}.",
            )
        citation = citations[number - 1]
        evidence = None
        if citation.kind != "policy":
            found = await self._investigator.store.evidence(citation.reference)
            record = await self._showing.record(run, found)
            evidence = await self._checks.disguised(record, case_id)
        place = {"reference": citation.reference, "pointer": citation.pointer}
        await self._note_view(run, what="citation", citation=number, **place)
        return citation, evidence

    async def events(self, case_id: str) -> tuple[Event, ...]:
        """The log of a case as this member may see it beside the case, oldest first.

        Raises:
            FirstReadOwed: they have to say what they would decide before.
        """
        run = await self.show(case_id)
        return await self._checks.events(run)
