"""What a reviewer's act does to a decision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from casewright.errors import UnknownName, UsageError
from casewright.models import (
    Citation,
    Claim,
    ClaimChange,
    Decision,
    Evidence,
    EvidenceStatus,
    Factor,
    Review,
    ReviewAct,
    Route,
    Run,
)
from graphs.consequences import NOTHING
from graphs.facts import Facts
from graphs.plan import ReviewerValues, planned

LEGAL_CODE = "X2"
"""Escalation code "legal question"."""

Conclusion = tuple[Decision, tuple[Evidence, ...]]
"""A final decision, and what was frozen for it."""


def concluded(facts: Facts, run: Run, review: Review, at: datetime) -> Conclusion:
    """The final decision with its plan, and the review frozen where it gave parameters.

    Raises:
        UnknownName: the outcome has no such parameter.
        UsageError: a parameter is unknown, or lies outside its bounds.
    """
    if run.decision is None:
        raise UsageError(f"Run {run.run_id} has no decision yet.")
    final = settled(run.decision, review)
    follows = facts.sop.consequences.get(final.outcome, NOTHING)
    for name in review.parameters:
        if name not in follows.parameters:
            raise UnknownName.among(f"parameter of {final.outcome}", name, follows.parameters)
    frozen = frozen_review(review, at)
    if review.parameters or review.questions or final.outcome != run.decision.outcome:
        given = ReviewerValues(review.parameters, review.reviewer, frozen)
        final = planned(facts, final, run.run_id, given)
    if follows.parameters:
        _require_usable(final)
    final = reworded(final, review)
    return final, (frozen,) if review.parameters else ()


def _require_usable(decision: Decision) -> None:
    for one in decision.parameters:
        if not one.usable:
            raise UsageError(
                f"The parameter {one.name} cannot be used: {one.reason}.",
                remedy=f"Give a value within its bounds with --set {one.name}=VALUE.",
            )


def settled(proposal: Decision, review: Review) -> Decision:
    """The proposal, or what the reviewer put in its place; without the plan of that."""
    asked = _asked(proposal, review)
    if review.act is not ReviewAct.EDIT or review.outcome in ("", proposal.outcome):
        return asked
    codes = ", ".join(review.codes)
    reason = f"{review.reviewer} changed {proposal.outcome} to {review.outcome} ({codes})"
    if review.note:
        reason = f"{reason}: {review.note}"
    return asked.model_copy(
        update={"outcome": review.outcome, "reasons": (*proposal.reasons, reason)}
    )


def _asked(proposal: Decision, review: Review) -> Decision:
    """The proposal, its questions to parties as the reviewer words them."""
    missing = list(proposal.missing)
    for change in review.questions:
        if change.number > len(missing):
            raise UsageError(f"The decision has no question {change.number}.")
        one = missing[change.number - 1]
        days = one.answer_days if change.days is None else change.days
        update = {"question": change.question or one.question, "answer_days": days}
        missing[change.number - 1] = one.model_copy(update=update)
    return proposal.model_copy(update={"missing": tuple(missing)}) if review.questions else proposal


def reworded(decision: Decision, review: Review) -> Decision:
    """The decision, its claims as the reviewer words them; what they cite stays.

    Raises:
        UsageError: there is no such claim, it says something else by now, or the decision would
            have no ground without it.
    """
    claims = list(decision.claims)
    for change in review.claims:
        index = change.number - 1
        if index >= len(claims) or claims[index].sentence != change.was:
            raise UsageError(
                f"Claim {change.number} is not what it was when it was changed.",
                remedy="Look at the decision again.",
            )
        claims[index] = _reworded(claims[index], change, review.reviewer)
    return decision.model_copy(update={"claims": tuple(claims)}) if review.claims else decision


def _reworded(claim: Claim, change: ClaimChange, reviewer: str) -> Claim:
    if claim.struck:
        raise UsageError(f"Claim {change.number} is struck already ({claim.struck}).")
    if change.sentence:
        return claim.model_copy(update={"sentence": change.sentence, "by": reviewer})
    if claim.rests:
        raise UsageError(
            f"The decision rests on claim {change.number}, so it cannot be struck.",
            remedy="Correct the fact that it states (E4), or change the outcome.",
        )
    return claim.model_copy(update={"struck": f"struck by {reviewer}", "by": reviewer})


def closes(review: Review) -> bool:
    """Whether the run ends with this review: it decides, and corrects no factor."""
    return review.act in (ReviewAct.APPROVE, ReviewAct.EDIT) and not review.factors


def escalated_to(review: Review, present: Route) -> Route:
    """Where an escalation goes: to counsel with a legal question, else one step up."""
    if LEGAL_CODE in review.codes:
        return Route.LEGAL
    return Route.LEGAL if present is Route.SENIOR else Route.SENIOR.raised_to(present)


def corrected(
    factors: Sequence[Factor], review: Review, at: datetime
) -> tuple[Evidence, tuple[Factor, ...]]:
    """The factors with the reviewer's corrections, and the review frozen as their evidence."""
    frozen = frozen_review(review, at)
    return frozen, tuple(_corrected(factor, review, frozen.digest) for factor in factors)


def frozen_review(review: Review, at: datetime) -> Evidence:
    """The review as evidence, so that what a reviewer established can be cited."""
    return Evidence.freeze(
        tool="review",
        request={"reviewer": review.reviewer},
        status=EvidenceStatus.OK,
        data=review.model_dump(mode="json"),
        source="casewright review",
        as_of=review.at,
        retrieved_at=at,
    )


def _corrected(factor: Factor, review: Review, digest: str) -> Factor:
    if factor.name not in review.factors:
        return factor
    value = review.factors[factor.name]
    citation = Citation(
        kind="evidence",
        reference=digest,
        pointer=f"/factors/{factor.name}",
        quote=value,
        label=f"review by {review.reviewer}",
    )
    return Factor(
        name=factor.name, value=value, by="human", reason=review.note, citations=(citation,)
    )
