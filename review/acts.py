"""What one member of the team does with a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from casewright.enforcement import ParameterValue
from casewright.errors import UnknownName, UsageError
from casewright.models import (
    NOTE_REQUIRED,
    REASON_CODES,
    Question,
    QuestionChange,
    Review,
    ReviewAct,
    Run,
    RunStatus,
    Undone,
    Value,
)
from casewright.store.opened import OpenedCase
from casewright.store.outbox import Waits
from casewright.team import Permission
from casewright.telemetry import Listener, ignore
from casewright.undoing import Undoing
from graphs.answers import answered
from graphs.outcomes import ParameterSpec
from graphs.undo import require_decided, undoing
from review.asking import check_asked, check_worded, claim_changes
from review.may import require_may_undo
from review.opening import MOST_WORDS, Opening, Party
from review.turns import Turns


class Acts(Turns):
    """Reviews, what takes them back, answers and appeals."""

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
        await self._require_case(case_id)
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
        await self._require_case(case_id)
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
        await self._require_case(case_id)
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
