"""What a reviewer's act does to a decision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from casewright.models import (
    Citation,
    Decision,
    Evidence,
    EvidenceStatus,
    Factor,
    Review,
    ReviewAct,
    Route,
)

LEGAL_CODE = "X2"
"""Escalation code "legal question"."""


def settled(proposal: Decision, review: Review) -> Decision:
    """The final decision: the proposal, or the outcome the reviewer put in its place."""
    if review.act is not ReviewAct.EDIT or not review.outcome:
        return proposal
    codes = ", ".join(review.codes)
    reason = f"{review.reviewer} changed {proposal.outcome} to {review.outcome} ({codes})"
    if review.note:
        reason = f"{reason}: {review.note}"
    return proposal.model_copy(
        update={"outcome": review.outcome, "reasons": (*proposal.reasons, reason)}
    )


def escalated_to(review: Review, present: Route) -> Route:
    """Where an escalation goes: to counsel with a legal question, else one step up."""
    if LEGAL_CODE in review.codes:
        return Route.LEGAL
    return Route.LEGAL if present is Route.SENIOR else Route.SENIOR.raised_to(present)


def corrected(
    factors: Sequence[Factor], review: Review, at: datetime
) -> tuple[Evidence, tuple[Factor, ...]]:
    """The factors with the reviewer's corrections, and the review frozen as their evidence."""
    frozen = Evidence.freeze(
        tool="review",
        request={"reviewer": review.reviewer},
        status=EvidenceStatus.OK,
        data=review.model_dump(mode="json"),
        source="casewright review",
        as_of=review.at,
        retrieved_at=at,
    )
    return frozen, tuple(_corrected(factor, review, frozen.digest) for factor in factors)


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
