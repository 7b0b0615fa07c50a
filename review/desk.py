"""The reviewer's desk: what waits, and the acts that move it on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from casewright.audit import Actor, reviewer
from casewright.clock import Clock
from casewright.enforcement import ParameterValue
from casewright.errors import Forbidden, UnknownName, UsageError
from casewright.happenings import digest_of_model
from casewright.models import (
    NOTE_REQUIRED,
    REASON_CODES,
    Citation,
    Evidence,
    Review,
    ReviewAct,
    Run,
    RunStatus,
    Value,
)
from casewright.second_look import SecondLook
from casewright.store.queue import Facet
from casewright.team import ROUTES, Member, Permission, Team
from casewright.telemetry import Listener, ignore
from casewright.waiting import Group, Listed, Waiting, Wanted
from graphs.outcomes import ParameterSpec
from graphs.run import Investigator
from review.second import Blind, Disputed, Verdict, blind, disputes, require_drawn, write_down

EVERYBODY: Final = Team()
"""No team: whoever uses this machine's account."""

ALL: Final = Wanted()
"""Whatever waits."""


class Desk:
    """What one reviewer can see and do.

    Args:
        investigator: Holds the runs.
        reviewer: Who acts, as the team knows them.
        clock: The present moment.
        team: Who may do what; the empty one lets everybody do everything.

    Raises:
        Forbidden: the reviewer is not on the team. So does every method where the reviewer may not
            do it, or does not see the case.
    """

    def __init__(
        self, investigator: Investigator, reviewer: str, clock: Clock, *, team: Team = EVERYBODY
    ) -> None:
        self._investigator = investigator
        self._reviewer = reviewer
        self._clock = clock
        self._team = team
        self.member = team.member(reviewer)

    async def queue(self, wanted: Wanted = ALL, *, limit: int = 50, offset: int = 0) -> Listed:
        """A page of what waits and this member sees, most urgent first."""
        self.member.require(Permission.READ)
        queue = self._investigator.store.queue
        seen = self._own(wanted)
        return await queue.page(seen, self._clock(), limit=limit, offset=offset)

    async def counts(self, by: Facet, wanted: Wanted = ALL) -> Mapping[str, int]:
        """How much waits of what this member sees, by one facet."""
        self.member.require(Permission.READ)
        return await self._investigator.store.queue.counts(self._own(wanted), self._clock(), by)

    async def groups(self, wanted: Wanted = ALL) -> tuple[Group, ...]:
        """How much waits of what this member sees, by all facets together."""
        self.member.require(Permission.READ)
        return await self._investigator.store.queue.groups(self._own(wanted), self._clock())

    def _own(self, wanted: Wanted) -> Wanted:
        return wanted.within(self.member).model_copy(update={"me": self._reviewer})

    async def place(self, case_id: str) -> Waiting | None:
        """How a case waits, and who has it; None where it does not wait."""
        await self.show(case_id)
        return await self._investigator.store.queue.of(case_id, self._clock())

    async def claim(self, case_id: str) -> Waiting:
        """Take a case for twenty minutes; see ``Queue.claim``."""
        self._require_decides(await self.show(case_id))
        queue = self._investigator.store.queue
        return await queue.claim(case_id, self._who, self._clock())

    async def renew(self, case_id: str) -> Waiting:
        """Have it for another twenty; see ``Queue.renew``."""
        return await self._investigator.store.queue.renew(case_id, self._who, self._clock())

    async def release(self, case_id: str, *, reason: str = "") -> Waiting:
        """Give it back, with the reason where it is handed back; see ``Queue.release``."""
        queue = self._investigator.store.queue
        return await queue.release(case_id, self._who, self._clock(), reason=reason)

    async def assign(self, case_id: str, to: str) -> Waiting:
        """Say who is to decide it; see ``Queue.assign``.

        Raises:
            Forbidden: this member may not, or the other one may not decide it.
        """
        self.member.require(Permission.ASSIGN)
        run = await self.show(case_id)
        if to:
            _require_decides(self._team.member(to), run)
        return await self._investigator.store.queue.assign(case_id, to, self._who, self._clock())

    async def hold(self, case_id: str, until: datetime, why: str) -> Waiting:
        """Put it aside; see ``Queue.hold``."""
        self._require_decides(await self.show(case_id))
        queue = self._investigator.store.queue
        return await queue.hold(case_id, until, why, self._who, self._clock())

    async def resume(self, case_id: str) -> Waiting:
        """Take it off hold; see ``Queue.resume``."""
        self._require_decides(await self.show(case_id))
        return await self._investigator.store.queue.resume(case_id, self._who, self._clock())

    @property
    def _who(self) -> Actor:
        return reviewer(self._reviewer)

    def _require_decides(self, run: Run) -> None:
        _require_decides(self.member, run)

    async def second_look(self) -> list[Run]:
        """Closed runs that were drawn and that nobody has looked at again, oldest first."""
        store = self._investigator.store
        looks = await store.second_looks.all()
        runs = await store.runs(RunStatus.DONE)
        return [run for run in runs if run.second_look and run.run_id not in looks]

    async def disputed(self) -> tuple[Disputed, ...]:
        """Closed cases about which a second reader differs, for a senior to settle."""
        store = self._investigator.store
        return await disputes(store, await store.runs(RunStatus.DONE))

    async def blind(self, case_id: str) -> Blind:
        """A case that was drawn, as a second reader sees it.

        Raises:
            UsageError: it was never investigated, or not drawn.
        """
        run = await self.show(case_id)
        require_drawn(run)
        sop = await self._investigator.sop_of(run)
        return blind(run, sop.outcomes, run.decision.citations if run.decision else ())

    async def look(self, case_id: str, outcome: str, *, note: str = "") -> Verdict:
        """Write down what this reader would have decided; errors as for ``write_down``."""
        run = await self.show(case_id)
        sop = await self._investigator.sop_of(run)
        look = SecondLook(
            run_id=run.run_id,
            reviewer=self._reviewer,
            outcome=outcome,
            note=note,
            at=self._clock(),
        )
        return await write_down(self._investigator.store, run, look, sop.outcomes)

    async def show(self, case_id: str) -> Run:
        """The newest run of a case.

        Raises:
            UsageError: the case was never investigated.
            Forbidden: it is none of this member's.
        """
        run = await self._investigator.store.latest_run(case_id)
        case = run.case if run else None
        if (
            run
            and case
            and not self.member.sees(region=case.region, sop=run.sop, language=case.language)
        ):
            raise Forbidden(f"Case {case_id!r} is not among those of {self._reviewer}.")
        if run is None:
            raise UsageError(
                f"Case {case_id!r} was never investigated here.",
                remedy=f"Run `casewright investigate {case_id}`.",
            )
        return run

    async def view(self, case_id: str) -> Run:
        """The newest run of a case, as this reviewer is shown it: the log says that they saw it.

        Raises:
            UsageError: the case was never investigated.
        """
        run = await self.show(case_id)
        digest = digest_of_model(run.decision) if run.decision else ""
        await self._note_view(run, what="decision", decision=digest)
        return run

    async def follow(self, case_id: str, number: int) -> tuple[Citation, Evidence | None]:
        """A numbered citation of a case's decision and the evidence behind it (None: a clause).

        The log says that this reviewer followed it.

        Raises:
            UsageError: there is no citation of that number.
            VerificationError: the evidence was changed since.
        """
        run = await self.show(case_id)
        citations = run.decision.citations if run.decision else ()
        if not 1 <= number <= len(citations):
            raise UsageError(
                f"Case {case_id!r} has no citation {number}.",
                remedy=f"Its decision has {len(citations)}.",
            )
        citation = citations[number - 1]
        evidence = None
        if citation.kind != "policy":
            evidence = await self._investigator.store.evidence(citation.reference)
        place = {"reference": citation.reference, "pointer": citation.pointer}
        await self._note_view(run, what="citation", citation=number, **place)
        return citation, evidence

    async def _note_view(self, run: Run, **body: Any) -> None:
        who, log = reviewer(self._reviewer), self._investigator.store.log
        await log.note_view(run.case.case_id, who, self._clock(), run_id=run.run_id, **body)

    async def act(
        self,
        case_id: str,
        act: ReviewAct,
        codes: Sequence[str],
        *,
        note: str = "",
        outcome: str = "",
        factors: Mapping[str, Value] | None = None,
        parameters: Mapping[str, str] | None = None,
        listener: Listener = ignore,
    ) -> Run:
        """Bring an act to the case and return where that leaves it.

        A case that nobody has is claimed by acting on it.

        Raises:
            Taken: somebody else has it.
            UsageError: the case does not wait, a code does not belong to the act, a note is
                wanting, the outcome, a factor or a parameter is not the SOP's, or a parameter is
                unknown or outside its bounds.
        """
        _check_codes(act, codes, note)
        run = await self.show(case_id)
        self._require_decides(run)
        if act is ReviewAct.EDIT:
            await self._check_edit(run, outcome, factors or {}, parameters or {})
        corrected = await self._corrected(run, factors or {})
        given = await self._read(run, outcome, parameters or {})
        review = Review(
            act=act,
            codes=tuple(codes),
            reviewer=self._reviewer,
            note=note,
            outcome=outcome,
            factors=corrected,
            parameters=given,
            at=self._clock(),
        )
        if run.status is RunStatus.WAITING:
            await self.claim(case_id)
        return await self._investigator.review(case_id, review, listener=listener)

    async def _corrected(self, run: Run, factors: Mapping[str, Value]) -> dict[str, Value]:
        """The corrected facts, as values of the factors' types; ``yes`` and ``no`` are words."""
        if not factors:
            return {}
        sop = await self._investigator.sop_of(run)
        found: dict[str, Value] = {}
        for name, given in factors.items():
            domain = sop.factors[name].domain
            text = {True: "yes", False: "no"}[given] if isinstance(given, bool) else str(given)
            value = domain.read(text)
            if value is None:
                raise UsageError(f"{name} is {domain.told}, not {text!r}.")
            found[name] = value
        return found

    async def _read(
        self, run: Run, outcome: str, parameters: Mapping[str, str]
    ) -> dict[str, ParameterValue]:
        if not parameters:
            return {}
        final = outcome or (run.decision.outcome if run.decision else "")
        sop = await self._investigator.sop_of(run)
        spec = sop.spec.outcomes.get(final)
        known = spec.parameters if spec else {}
        return {name: _value(name, text, final, known) for name, text in parameters.items()}

    async def _check_edit(
        self,
        run: Run,
        outcome: str,
        factors: Mapping[str, Value],
        parameters: Mapping[str, str],
    ) -> None:
        if bool(outcome or parameters) == bool(factors):
            raise UsageError(
                "An edit changes either the outcome and its parameters or factors, so name one."
            )
        sop = await self._investigator.sop_of(run)
        if outcome and outcome not in sop.outcomes:
            raise UnknownName.among("outcome", outcome, sop.outcomes)
        for name in factors:
            if name not in sop.factors:
                raise UnknownName.among("factor", name, sop.factors)


def _check_codes(act: ReviewAct, codes: Sequence[str], note: str) -> None:
    valid = REASON_CODES[act]
    if not codes:
        told = ", ".join(f"{code} {meaning}" for code, meaning in valid.items())
        raise UsageError(f"An act needs a reason code: {told}.", remedy="Give it with --code.")
    for code in codes:
        if code not in valid:
            raise UnknownName.among(f"{act.value} code", code, valid)
        if code in NOTE_REQUIRED and not note:
            raise UsageError(f"Code {code} ({valid[code]}) needs a note.", remedy="Give --note.")


def _value(
    name: str, text: str, outcome: str, known: Mapping[str, ParameterSpec]
) -> ParameterValue:
    if name not in known:
        raise UnknownName.among(f"parameter of {outcome}", name, known)
    try:
        return known[name].read(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no value of type {known[name].type} for {name}.") from error


def _require_decides(member: Member, run: Run) -> None:
    """Refuse who may not decide a run of that route.

    Raises:
        Forbidden: they may not.
    """
    member.require(Permission.REVIEW)
    if run.decision is not None:
        member.require(ROUTES[run.decision.route])
