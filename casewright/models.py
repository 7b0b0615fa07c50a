"""The words of DESIGN.md as frozen pydantic models: what enters, what is known, what is decided.

Nothing here does I/O. Times are UTC, money is integer minor units beside an ISO 4217 currency,
ids are strings, and a JSON Pointer (RFC 6901) always points into one Evidence's ``data``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Literal

from pydantic import Field

from casewright.asking import Awaiting as Awaiting
from casewright.asking import ClaimChange as ClaimChange
from casewright.asking import Question as Question
from casewright.asking import QuestionChange as QuestionChange
from casewright.asking import empty
from casewright.base import Digest as Digest
from casewright.base import Model as Model
from casewright.base import Moment as Moment
from casewright.base import Money as Money
from casewright.case import Case as Case
from casewright.case import ClosedCase as ClosedCase
from casewright.case import Precedent as Precedent
from casewright.case import Value as Value
from casewright.cost import Cost as Cost
from casewright.cost import ModelCall as ModelCall
from casewright.cost import Slip as Slip
from casewright.enforcement import Enforced, Parameter, ParameterValue, PlannedAction
from casewright.evidence import ActionRecord as ActionRecord
from casewright.evidence import Citation as Citation
from casewright.evidence import Evidence as Evidence
from casewright.evidence import EvidenceStatus as EvidenceStatus
from casewright.narrative import Narrative as Narrative
from casewright.note import Note as Note
from casewright.note import NoteScope as NoteScope
from casewright.note import NoteUse as NoteUse
from casewright.opinion import Established as Established
from casewright.opinion import Opinion as Opinion
from casewright.precedent import Comparison as Comparison
from casewright.precedent import PrecedentVote as PrecedentVote
from casewright.proposal import Proposal as Proposal

FactorValue = Value | None
"""A factor's value; None stands for ``unknown`` and always carries a reason."""


Stance = Literal["supports", "contradicts", ""]
"""How a claim stands to the outcome; empty where it tells neither way."""


class Claim(Model):
    """One plain sentence of the rationale and its proof.

    Attributes:
        sentence: The sentence.
        citations: Its proof; never empty in a verified decision.
        factor: The factor it states, or empty.
        rests: Whether the decision would have no ground without it.
        struck: Why the verifier struck it, or empty.
        stance: Whether it supports the outcome or contradicts it.
        by: The reviewer who worded it anew or struck it; empty: nobody did.
    """

    sentence: str
    citations: tuple[Citation, ...] = ()
    factor: str = ""
    rests: bool = True
    struck: str = ""
    stance: Stance = ""
    by: str = Field(default="", exclude_if=empty)


class Factor(Model):
    """One named fact the decision rests on: a value, or unknown with the reason.

    Attributes:
        name: Its name in the SOP.
        value: The value, or None.
        by: Who established it, or was the last to try.
        reason: Why it is unknown, or how it came about where that is not plain.
        citations: Its proof.
        waits_for: Actions whose missing evidence left the factor unknown.
        probability: How sure the reader is who established it, 0 to 1; None for rules and people.
        opinions: What each reader said, in the order in which they were asked.
    """

    name: str
    value: FactorValue = None
    by: Established = "rule"
    reason: str = ""
    citations: tuple[Citation, ...] = ()
    waits_for: tuple[str, ...] = ()
    probability: float | None = None
    opinions: tuple[Opinion, ...] = ()

    @property
    def known(self) -> bool:
        """Whether there is a value."""
        return self.value is not None


class Route(StrEnum):
    """Who must look. A gate can raise a route, never lower it."""

    AUTO = "auto-eligible"
    REVIEW = "review"
    SENIOR = "senior"
    LEGAL = "legal"

    @property
    def rank(self) -> int:
        """0 for ``auto-eligible`` up to 3 for ``legal``."""
        return list(Route).index(self)

    def raised_to(self, other: Route) -> Route:
        """The stricter of the two."""
        return max(self, other, key=lambda route: route.rank)


class MissingInformation(Model):
    """What is needed before the case can be decided.

    Attributes:
        factor: The factor that stays unknown.
        actions: The actions that were not run, failed or found nothing.
        party: Who owes the proof; ``reviewer`` where no party can supply it.
        question: What to ask, in words for that party.
        answer_days: How long the party has; 0 for a reviewer.
    """

    factor: str
    actions: tuple[str, ...]
    party: Literal["seller", "buyer", "platform", "reviewer"]
    question: str
    answer_days: int = 0


REQUEST_INFORMATION = "request_information"
ESCALATE = "escalate"
ALWAYS_OUTCOMES = (REQUEST_INFORMATION, ESCALATE)
"""Outcomes that every SOP has."""


class Decision(Model):
    """What the SOP makes of the factors.

    Attributes:
        outcome: One of the SOP's outcomes, ``request_information`` or ``escalate``.
        options: Outcomes that a person chooses between, where the row leaves it to discretion.
        row: The decision-table row that decided, from 1; 0 where none did.
        also: Other rows that matched, where the table collects all that do.
        factors: All factors, in the SOP's order.
        flags: The factors that every SOP has; they raise the route and never change the outcome.
        claims: The rationale; struck claims stay, marked.
        precedents: Similar closed cases.
        contrast: Nearest closed cases of outcomes that none of those had.
        notes: Notes of experts that were in force for it.
        vote: How the similar closed cases ended, and which of them conflict; None without any.
        missing: What is needed where the outcome is ``request_information`` or ``escalate``.
        parameters: Amounts or ids of the outcome; where one lies outside its bounds the outcome is
            ``escalate``, and they stay to be seen.
        enforcement: The writes that the outcome asks for, once the gate has let it pass.
        confidence: Calibrated probability that a reviewer agrees; None before calibration.
        calibration: Digest of the calibration that told it, or empty.
        stability: The fewest known factors that must flip to change the outcome; None where no
            flip does.
        route: Who must look.
        reasons: Why the route, or the outcome, is what it is, in plain words.
        cost: What the run used.
        calls: The model calls in it.
        cost_by_factor: What each factor's reading took of them; see ``casewright.cost.by_factor``.
        graph_version: ``sop@number+digest`` of the graph that decided.
        narrative: The rationale as a narrator told it; None where none did.
    """

    outcome: str
    options: tuple[str, ...] = ()
    row: int
    also: tuple[int, ...] = ()
    factors: tuple[Factor, ...]
    flags: tuple[Factor, ...] = ()
    claims: tuple[Claim, ...]
    precedents: tuple[Precedent, ...] = ()
    contrast: tuple[Precedent, ...] = ()
    vote: PrecedentVote | None = None
    notes: tuple[NoteUse, ...] = ()
    missing: tuple[MissingInformation, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    enforcement: tuple[PlannedAction, ...] = ()
    confidence: float | None = None
    calibration: str = ""
    stability: int | None = None
    route: Route = Route.REVIEW
    reasons: tuple[str, ...] = ()
    cost: Cost = Cost()
    calls: tuple[ModelCall, ...] = ()
    cost_by_factor: Mapping[str, Cost] = Field(default_factory=dict)
    graph_version: str
    narrative: Narrative | None = None

    def factor(self, name: str) -> Factor:
        """The factor, or the flag, of that name; KeyError where there is none."""
        for factor in (*self.factors, *self.flags):
            if factor.name == name:
                return factor
        raise KeyError(name)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """All citations of claims that stand, first use first, each once."""
        seen: dict[str, Citation] = {}
        for claim in self.claims:
            for citation in () if claim.struck else claim.citations:
                seen.setdefault(citation.model_dump_json(), citation)
        return tuple(seen.values())


class ReviewAct(StrEnum):
    """What a reviewer did."""

    APPROVE = "approve"
    EDIT = "edit"
    REJECT = "reject"
    ESCALATE = "escalate"
    REQUEST_INFORMATION = "request_information"


REASON_CODES: Mapping[ReviewAct, Mapping[str, str]] = {
    ReviewAct.APPROVE: {
        "A1": "evidence and clause support it",
        "A2": "right, for another reason",
        "A3": "right, wording improved",
    },
    ReviewAct.EDIT: {
        "E1": "outcome too harsh",
        "E2": "outcome too mild",
        "E3": "wrong clause",
        "E4": "factor misread",
        "E5": "amount or scope",
        "E6": "wrong payer or party",
    },
    ReviewAct.REJECT: {
        "R1": "evidence stale or missing",
        "R2": "wrong subject or order",
        "R3": "quote does not say that",
        "R4": "translation wrong",
        "R5": "tool fault",
        "R6": "precedent does not fit",
    },
    ReviewAct.ESCALATE: {
        "X1": "beyond my limit",
        "X2": "legal question",
        "X3": "pattern across cases",
        "X4": "safety",
        "X5": "possible insider or bribery",
        "X6": "policy gap",
    },
    ReviewAct.REQUEST_INFORMATION: {
        "Q1": "party document",
        "Q2": "party explanation",
        "Q3": "carrier, brand, laboratory or provider",
        "Q4": "other team",
    },
}
"""Reason codes of the reviewer's handbook, by act."""

NOTE_REQUIRED = frozenset({"A2", "E1", "E2", "R6", "X3", "X5", "X6"})
"""Codes that need free text beside them."""


class Review(Model):
    """What a reviewer did with a decision, and why.

    Attributes:
        act: The act.
        codes: One or more reason codes that belong to the act.
        reviewer: Who, as they are known to the team.
        note: Free text; required beside some codes.
        outcome: The outcome a reviewer put in place of the proposed one (``edit``), or empty.
        factors: Facts that the reviewer corrected (``edit``); the SOP decides again with them.
        parameters: Parameters of the outcome that the reviewer gave (``approve``, ``edit``).
        asked: What the reviewer asks (``request_information``).
        claims: Claims that they worded anew or struck (``approve``, ``edit``).
        questions: Questions of the proposal that they worded anew (likewise).
        at: When.
    """

    act: ReviewAct
    codes: tuple[str, ...] = Field(min_length=1)
    reviewer: str = Field(min_length=1)
    note: str = ""
    outcome: str = ""
    factors: dict[str, Value] = Field(default_factory=dict)
    parameters: dict[str, ParameterValue] = Field(default_factory=dict)
    asked: Question | None = Field(default=None, exclude_if=empty)
    claims: tuple[ClaimChange, ...] = Field(default=(), exclude_if=empty)
    questions: tuple[QuestionChange, ...] = Field(default=(), exclude_if=empty)
    at: Moment


GoldTruth = Literal["", "simulation", "review", "second look", "appeal", "settled", "expert"]
"""Whence a gold outcome is known: a simulation's hidden cause, a review, a second reader, an
appeal, the final settled outcome, or an expert who wrote the case; empty where nobody says."""


class GoldCase(Model):
    """A case whose right outcome is known and never shown to the graph.

    Attributes:
        case_id: Its id at the source.
        case_type: Which SOP family decides it.
        outcome: The right outcome.
        ask: Actions whose record was withheld; asking for one of them is right at the first look.
        as_of: The moment at which the case is judged.
        seller_id: For intervals clustered by seller.
        region: Region of the seller.
        channel: How the case came in.
        language: Language of what the party wrote (BCP 47).
        facts: What was there, by factor name; the readings of questions are taken from here when
            the procedure is tested without a reader.
        tags: Slices it belongs to, such as ``looks-bad``: honest, but looks bad.
        seed: The small simulated world it lies in; None: the source that is set.
        decided: What the procedure decides instead of the right outcome today: a miss that is
            known, written down and still counted as one; empty where it decides rightly.
        accept: Further outcomes that are as right.
        key_factors: Factors that a right decision has to know, and know rightly as ``facts`` say.
        actions: Actions that a right investigation has to run.
        truth: Where the right outcome comes from.
        agreement: Share of the reviewers who read the case that agree with it; None where one or
            none has.
        tier: The seller's tier (``new``, ``standard``, ``top``), or empty where nobody says.
        weight: How many closed cases it stands for: the inverse of the chance with which it was
            drawn (Horvitz and Thompson 1952); 1 where nothing was drawn, or all was taken.
    """

    case_id: str
    case_type: str
    outcome: str
    ask: tuple[str, ...] = ()
    as_of: Moment
    seller_id: str
    region: str
    channel: str
    language: str = "en"
    facts: Mapping[str, Value] = Field(default_factory=dict)
    tags: tuple[str, ...] = ()
    seed: int | None = Field(default=None, ge=0)
    decided: str = ""
    accept: tuple[str, ...] = ()
    key_factors: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    truth: GoldTruth = ""
    agreement: float | None = Field(default=None, ge=0, le=1)
    tier: str = ""
    weight: float = Field(default=1.0, gt=0, allow_inf_nan=False)


class Undone(Model):
    """That a decision was undone.

    Attributes:
        by: Who did it, as the team knows them.
        why: In their words.
        reviews: How many reviews the run had; the last of them, if any, counts no longer.
        at: When.
    """

    by: str = Field(min_length=1)
    why: str = Field(min_length=1)
    reviews: int = Field(ge=0)
    at: Moment


class RunStatus(StrEnum):
    """Where a case stands; one record for every case that entered."""

    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


class Run(Model):
    """The record of one case taken through one graph version.

    Attributes:
        run_id: Also the LangGraph thread id.
        case: The case as it entered.
        sop: Name of the SOP.
        graph_version: ``sop@number+digest``; pinned for the life of the run.
        as_of: The moment whose knowledge every read asked for.
        status: Where it stands.
        decision: The proposal, or the final decision once ``done``.
        proposed: What the graph proposed before anybody acted; None before it is routed.
        reviews: What reviewers did, oldest first.
        undone: How often, by whom and why its decision was undone, oldest first.
        due_at: By when it is to be decided; None before it is routed.
        stake_cents: What a wrong decision is expected to cost, in the SOP's currency.
        automatic: Whether it passed without a person.
        second_look: Whether it was drawn for a second reader.
        enforced: The log of writes, oldest first: interim measures, and what followed the gate.
        asked: Factors that a party was asked for, with the moment of its asking, by the source's
            clock.
        answer_by: When the window of such a factor closes, where it is not the SOP's own.
        awaiting: The question of a reviewer that is out while the run waits.
        awaited: Questions that are over, oldest first.
        paused: For how long the time to decide has stood still.
        error: Why it failed, or empty.
        started_at: When the case entered.
        updated_at: Last change.
    """

    run_id: str
    case: Case
    sop: str
    graph_version: str
    as_of: Moment
    status: RunStatus
    decision: Decision | None = None
    proposed: Proposal | None = None
    reviews: tuple[Review, ...] = ()
    undone: tuple[Undone, ...] = ()
    due_at: Moment | None = None
    stake_cents: int = 0
    automatic: bool = False
    second_look: bool = False
    enforced: tuple[Enforced, ...] = ()
    asked: dict[str, Moment] = Field(default_factory=dict)
    answer_by: dict[str, Moment] = Field(default_factory=dict, exclude_if=empty)
    awaiting: Awaiting | None = Field(default=None, exclude_if=empty)
    awaited: tuple[Awaiting, ...] = Field(default=(), exclude_if=empty)
    paused: timedelta = Field(default=timedelta(0), exclude_if=empty)
    error: str = ""
    started_at: Moment
    updated_at: Moment

    @property
    def standing(self) -> tuple[Review, ...]:
        """The reviews that count: without those that closed the run and were undone."""
        gone = {one.reviews - 1 for one in self.undone}
        return tuple(one for number, one in enumerate(self.reviews) if number not in gone)

    @property
    def reopening(self) -> bool:
        """Whether its decision was undone, and it is still on its way back to the gate."""
        on_its_way = self.status in (RunStatus.RUNNING, RunStatus.FAILED)
        return on_its_way and bool(self.undone) and self.undone[-1].reviews == len(self.reviews)

    @property
    def appeal_of(self) -> str:
        """The case whose decision this one contests, or empty."""
        return self.case.appeal_of

    @property
    def pause(self) -> timedelta:
        """For how long the time to decide stands still, an open window counted whole."""
        return self.paused + (self.awaiting.waited if self.awaiting else timedelta(0))
