"""The profile of a decision: what its confidence is learned from, and later told by."""

from __future__ import annotations

from casewright.models import Decision
from casewright.profile import Profile
from graphs.facts import Facts


def profile_of(decision: Decision, facts: Facts) -> Profile:
    """How the decision came about; see :class:`casewright.profile.Profile`."""
    known = [factor for factor in decision.factors if factor.known]
    vote = decision.vote
    share = None
    if vote is not None:
        share = vote.share if vote.outcome == decision.outcome else 1 - vote.share
    actions = facts.sop.actions
    return Profile(
        outcome=decision.outcome,
        row=decision.row,
        stability=decision.stability,
        by={factor.name: factor.by for factor in known},
        sureness={f.name: f.probability for f in known if f.probability is not None},
        unknown=tuple(factor.name for factor in decision.factors if not factor.known),
        vote=share,
        effective=vote.effective if vote else 0.0,
        conflicts=len(vote.conflicts) if vote else 0,
        lacking=tuple(
            name
            for name, record in facts.records.items()
            if record.status in ("no_data", "not_run") and not actions[name].spec.required
        ),
        region=str((facts.case.data or {}).get("region", "")),
    )
