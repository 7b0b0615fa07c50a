"""What the API answers with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Literal

from casewright.audit import Event
from casewright.base import Model, Moment
from casewright.enforcement import Purpose
from casewright.hits import Hit
from casewright.models import Citation, Evidence, Review, ReviewAct, Run
from casewright.store.submissions import Submitted
from casewright.undoing import Effect, How
from casewright.undoing import Undoing as Told
from casewright.waiting import Group, Waiting
from review.submitting import ATTEMPTS

Status = Literal["accepted", "running", "waiting", "done", "failed"]
"""Where a case stands; ``accepted``: it was submitted and is not begun."""


class Counts(Model):
    """How many cases wait, by facet and value.

    Attributes:
        sop: By SOP.
        region: By region.
        language: By language.
        route: By route.
        channel: By channel.
    """

    sop: Mapping[str, int]
    region: Mapping[str, int]
    language: Mapping[str, int]
    route: Mapping[str, int]
    channel: Mapping[str, int]

    @classmethod
    def of(cls, groups: Iterable[Group]) -> Counts:
        """The counts of these groups, the most first."""
        found: dict[str, Counter[str]] = {name: Counter() for name in cls.model_fields}
        for group in groups:
            for name, counted in found.items():
                counted[getattr(group, name)] += group.count
        return cls.model_validate({name: dict(one.most_common()) for name, one in found.items()})


class Reviewed(Model):
    """A review in short: the words of the reviewer stay with the case.

    Attributes:
        act: What was done.
        codes: Why.
        reviewer: By whom.
        outcome: The outcome that was put in place of the proposed one, or empty.
        factors: Names of the facts that were corrected.
        at: When.
    """

    act: ReviewAct
    codes: tuple[str, ...]
    reviewer: str
    outcome: str
    factors: tuple[str, ...]
    at: Moment

    @classmethod
    def of(cls, review: Review) -> Reviewed:
        """A review, in short."""
        return cls(
            act=review.act,
            codes=review.codes,
            reviewer=review.reviewer,
            outcome=review.outcome,
            factors=tuple(sorted(review.factors)),
            at=review.at,
        )


class Standing(Model):
    """Where a case stands, without a word that a party wrote.

    Attributes:
        case_id: The case.
        status: Where it stands.
        run_id: Its newest run; empty before it is begun.
        case_type: Type of the case; likewise.
        region: Region of the case; likewise.
        sop: Name of its SOP; likewise.
        graph_version: The version that it is pinned to; likewise.
        outcome: What is proposed or, once it is done, decided; empty before that, and where you
            are to say first what you would decide.
        route: Who must look; likewise.
        automatic: Whether it passed without a person.
        reviews: What reviewers did, oldest first; none where you are to read it first.
        place: How it waits, and who has it; None where it does not wait.
        due_at: By when it is to be decided.
        error: Why it failed, or why it is not begun yet.
        started_at: When it entered.
        updated_at: Last change.
    """

    case_id: str
    status: Status
    run_id: str = ""
    case_type: str = ""
    region: str = ""
    sop: str = ""
    graph_version: str = ""
    outcome: str = ""
    route: str = ""
    automatic: bool = False
    reviews: tuple[Reviewed, ...] = ()
    place: Waiting | None = None
    due_at: Moment | None = None
    error: str = ""
    started_at: Moment | None = None
    updated_at: Moment | None = None

    @classmethod
    def of(cls, run: Run, place: Waiting | None) -> Standing:
        """Where a run stands.

        Args:
            run: The run.
            place: How it waits: what is proposed is told as the queue tells it.
        """
        outcome, route = (place.outcome, place.route) if place else ("", "")
        if run.decision is not None and place is None:
            outcome, route = run.decision.outcome, run.decision.route.value
        return cls(
            case_id=run.case.case_id,
            status=run.status.value,
            run_id=run.run_id,
            case_type=run.case.case_type,
            region=run.case.region,
            sop=run.sop,
            graph_version=run.graph_version,
            outcome=outcome,
            route=route,
            automatic=run.automatic,
            reviews=tuple(map(Reviewed.of, run.reviews)),
            place=place,
            due_at=run.due_at,
            error=run.error,
            started_at=run.started_at,
            updated_at=run.updated_at,
        )

    @classmethod
    def accepted(cls, one: Submitted) -> Standing:
        """Where a case stands that was submitted and has no run."""
        status: Status = "failed" if one.failures >= ATTEMPTS else "accepted"
        return cls(case_id=one.case_id, status=status, error=one.error)


class Followed(Model):
    """A citation and what is behind it.

    Attributes:
        number: Its number in the decision.
        citation: The citation.
        evidence: The frozen record; None for a clause, whose words the citation quotes.
    """

    number: int
    citation: Citation
    evidence: Evidence | None


class Undone(Model):
    """What would become of one write.

    Attributes:
        do: Name of the write tool.
        purpose: Why it was asked for.
        name: The side effect, the interim measure or the factor that it belongs to, or empty.
        key: Its idempotency key.
        how: ``withdrawn``: it is not sent. ``compensated``: another one takes it back.
            ``awaited``: it may have been done; it is sent until that is known, and then taken
            back. ``restored``: an interim measure is taken again. ``stays``: nothing takes it back.
        by: Name of the write tool that takes it back, or empty.
        why: Why nothing does, or empty.
    """

    do: str
    purpose: Purpose
    name: str
    key: str
    how: How
    by: str
    why: str

    @classmethod
    def of(cls, effect: Effect) -> Undone:
        """What becomes of a write, without what it was called with."""
        write = effect.write
        return cls(
            do=write.do,
            purpose=write.purpose,
            name=write.name,
            key=write.key,
            how=effect.how,
            by=effect.by.do if effect.by else "",
            why=effect.why,
        )


class Undoing(Model):
    """What undoing a decision would do.

    Attributes:
        case_id: The case.
        outcome: What was decided.
        sent: Whether anything was sent, or may have been: then an undo has to say ``sent``.
        effects: What becomes of each write, in the order in which they were asked for.
    """

    case_id: str
    outcome: str
    sent: bool
    effects: tuple[Undone, ...]

    @classmethod
    def of(cls, found: Told) -> Undoing:
        """The same, without what writes were called with: the decision tells that."""
        return cls(
            case_id=found.case_id,
            outcome=found.outcome,
            sent=found.sent,
            effects=tuple(map(Undone.of, found.effects)),
        )


class Runs(Model):
    """A page of runs.

    Attributes:
        items: The runs, newest first. What you are to read first has no outcome.
        total: How many there are on all pages.
        next_offset: Where the next page begins; None: there is none.
    """

    items: tuple[Hit, ...]
    total: int
    next_offset: int | None


class Events(Model):
    """A part of a case's log.

    Attributes:
        items: The events, oldest first.
        total: How many the case has.
    """

    items: tuple[Event, ...]
    total: int
