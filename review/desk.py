"""The reviewer's desk: what waits, and the acts that move it on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from casewright.audit import Actor, Event, reviewer
from casewright.clock import Clock
from casewright.enforcement import ParameterValue
from casewright.errors import UnknownCase, UnknownCitation, UnknownName, UsageError
from casewright.first_read import FirstRead
from casewright.happenings import digest_of_model
from casewright.models import (
    NOTE_REQUIRED,
    REASON_CODES,
    Citation,
    Evidence,
    Question,
    QuestionChange,
    Review,
    ReviewAct,
    Run,
    RunStatus,
    Undone,
    Value,
)
from casewright.reveal import Reveal
from casewright.second_look import SecondLook
from casewright.store.listing import Brief
from casewright.store.opened import OpenedCase
from casewright.store.outbox import Waits
from casewright.store.queue import Queue
from casewright.team import ROUTES, Member, Permission, Team
from casewright.telemetry import Listener, ignore
from casewright.undoing import Undoing
from casewright.waiting import Group, Listed, Waiting, Wanted
from graphs.answers import answered
from graphs.outcomes import ParameterSpec
from graphs.run import Investigator
from graphs.undo import require_decided, undoing
from review.agreement import Agreements, agreements
from review.asking import check_asked, check_worded, claim_changes
from review.checks import Overlay, Planted
from review.figures import Figures, figures
from review.first_read import FirstReading
from review.foureyes import require_other_eyes
from review.may import require_may_undo
from review.opening import MOST_WORDS, Opening, Party
from review.register import Register, require_sees
from review.second import (
    Blind,
    Disputed,
    Verdict,
    blind,
    disputes,
    had_part,
    require_drawn,
    require_looked,
    write_down,
)
from review.showing import Showing, Shown
from review.veil import Veil

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

    @property
    def register(self) -> Register:
        """The runs of the cases that this member sees."""
        return Register(self._investigator.store, self.member, self._clock, self._first)

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

    async def events(self, case_id: str) -> tuple[Event, ...]:
        """The log of a case as this member may see it beside the case, oldest first.

        Raises:
            FirstReadOwed: they have to say what they would decide before.
        """
        run = await self.show(case_id)
        return await self._checks.events(run)

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

    async def _linked(self, run: Run) -> frozenset[str]:
        check = await self._checks.check(run.case.case_id)
        return await self._investigator.store.linked(check.source_id if check else run.run_id)

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

    async def runs(
        self,
        *,
        case_id: str = "",
        sop: str = "",
        status: RunStatus | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[Brief, ...]:
        """A page of the runs that this member sees; see ``Listing.page``.

        One that they have to read first is without its outcome.
        """
        self.member.require(Permission.READ)
        listing = self._investigator.store.listing
        place = {"limit": limit, "offset": offset}
        found = await listing.page(self.member, case_id=case_id, sop=sop, status=status, **place)
        return await self._first.unsaid(found)

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
        asked: Question | None = None,
        claims: Mapping[int, str] | None = None,
        questions: Sequence[QuestionChange] = (),
        listener: Listener = ignore,
    ) -> Run:
        """Bring an act to the case and return where that leaves it.

        A case that nobody has is claimed by acting on it.

        Args:
            case_id: The case.
            act: What is done.
            codes: Why.
            note: Free text beside the codes.
            outcome: The outcome in place of the proposed one.
            factors: Corrected facts by name.
            parameters: Parameters of the outcome by name.
            asked: What is asked (``request_information``).
            claims: Claims by their number in the decision, from 1, worded anew; empty: struck.
            questions: Questions of the proposal, worded anew.
            listener: Told of each step.

        Raises:
            Taken: somebody else has it.
            FirstReadOwed: they have to say what they would decide before.
            NotWaiting: the case does not wait.
            UsageError: a code does not belong to the act, a note is
                wanting, the outcome, a factor or a parameter is not the SOP's, or a parameter is
                unknown or outside its bounds.
        """
        _check_codes(act, codes, note)
        run = await self._run(case_id)
        await self._require_decides(run)
        await self._first.require(run)
        changes = claim_changes(run, claims or {})
        if act is ReviewAct.EDIT:
            worded = bool(changes or questions)
            await self._check_edit(run, outcome, factors or {}, parameters or {}, worded=worded)
        check_worded(run, act, codes, changes, questions)
        check_asked(act, codes, asked, (await self._investigator.sop_of(run)).factors)
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
            asked=asked,
            claims=changes,
            questions=tuple(questions),
            at=self._clock(),
        )
        if run.status is RunStatus.WAITING:
            await self.claim(case_id)
        if check := await self._checks.check(case_id):
            return await self._checks.settle(check, review)
        found = await self._investigator.review(case_id, review, listener=listener)
        if act is ReviewAct.ESCALATE:  # who hands it on is not who decides it
            await self._give_back(found)
        return found

    async def _give_back(self, run: Run) -> None:
        queue, at = self._investigator.store.queue, self._clock()
        place = await queue.of(run.case.case_id, at)
        if place and self._reviewer in (place.claimed_by, place.assigned_to):
            await queue.release(run.case.case_id, self._who, at)

    async def undoing(self, case_id: str) -> Undoing:
        """What undoing the decision of a case would do: what is withdrawn, what stays.

        Raises:
            UsageError: the case is not decided.
            Forbidden: this member may not undo it.
        """
        run = require_decided(await self.show(case_id), case_id)
        require_may_undo(self.member, run)
        return await undoing(run, self._investigator.services)

    async def undo(
        self, case_id: str, why: str, *, sent: bool = False, listener: Listener = ignore
    ) -> Run:
        """Undo the decision of a case: it waits at its gate again, as before the act.

        Args:
            case_id: The case.
            why: Why, in words of this member's own.
            sent: Whether it is undone also where something was sent already; what can be taken
                back is, and ``undoing`` tells what stays.
            listener: Told each step.

        Raises:
            UsageError: the case is not decided, no reason is given, or something was sent.
            Forbidden: this member decided otherwise and may not undo what others did.
        """
        run = await self.show(case_id)
        if not why.strip():
            raise UsageError("An undo needs a reason.", remedy="Give it with --why.")
        if not run.reopening:
            require_decided(run, case_id)
        require_may_undo(self.member, run)
        undone = Undone(by=self._reviewer, why=why.strip(), reviews=0, at=self._clock())
        return await self._investigator.undo(case_id, undone, sent=sent, listener=listener)

    async def waiting_writes(self, case_id: str) -> tuple[Waits, ...]:
        """What a case's decision still has to send to the marketplace, whatever is due first."""
        await self.show(case_id)
        return await self._investigator.store.outbox.all(case_id)

    async def answered(self, case_id: str, words: str = "") -> Run:
        """Say that the answer to what was asked is there; the case goes on with new evidence.

        Args:
            case_id: The case.
            words: What the answer says, where it came to us and not to the source.

        Raises:
            UsageError: the case waits for no answer, or the words are too long.
        """
        run = await self.show(case_id)
        if not self.member.may(Permission.SUBMIT):
            self.member.require(Permission.REVIEW)
        if len(words) > MOST_WORDS:
            raise UsageError(f"An answer has at most {MOST_WORDS:,} characters.")
        return await answered(self._investigator, run, self._reviewer, words)

    @property
    def opening(self) -> Opening:
        """Where cases are submitted and appealed."""
        return Opening(self._investigator, self.member, self._clock)

    async def submit(self, record: str) -> OpenedCase:
        """Submit a case; see ``Opening.submit``."""
        return await self.opening.submit(record)

    async def appeal(
        self, case_id: str, by: Party, statement: str, *, language: str = ""
    ) -> OpenedCase:
        """Open an appeal against the decision of a closed case; see ``Opening.appeal``."""
        run = await self.show(case_id)
        return await self.opening.appeal(run, by, statement, language=language)

    async def appeals(self, case_id: str) -> tuple[str, ...]:
        """Ids of the cases that contest decisions of a case, oldest first."""
        await self.show(case_id)
        return await self._investigator.store.opened.appeals(case_id)

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
        *,
        worded: bool,
    ) -> None:
        if sum(map(bool, (outcome or parameters, factors, worded))) != 1:
            raise UsageError(
                "An edit changes either the outcome and its parameters, or factors, or the words"
                " of claims and questions, so name one."
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
