"""What a run shows besides its outcome, looked up again in what it froze."""

from __future__ import annotations

from typing import Any

from casewright.models import Decision, Evidence, Run
from evals.leaks_evidence import require_unanswered
from evals.scored import Traits
from graphs.facts import Facts
from graphs.passages import items_of
from graphs.profile import profile_of
from graphs.verify import sound, unproved

NOT_RUN = ("error", "not_run")


def traits_of(run: Run, facts: Facts, *, seconds: float = 0.0) -> Traits:
    """The traits of a run.

    Args:
        run: The run, at its gate or closed.
        facts: What its frozen evidence says.
        seconds: Wall time that it took.
    """
    decision = run.decision
    told = {} if decision is None else _told(decision, facts)
    actions = facts.sop.actions
    ended = {name: record.status for name, record in facts.records.items()}
    return Traits(
        actions=ended,
        unrun=tuple(n for n, end in ended.items() if end in NOT_RUN and actions[n].spec.required),
        impact=run.case.impact,
        tier=_tier(facts),
        seconds=seconds,
        **told,
    )


def unleaked(run: Run, facts: Facts | None, *, seconds: float) -> Traits | None:
    """The traits of a run, or None where its evidence did not read.

    Raises:
        LeakFound: its evidence tells how the case ended.
    """
    if facts is None:
        return None
    require_unanswered(run, facts)
    return traits_of(run, facts, seconds=seconds)


def _told(decision: Decision, facts: Facts) -> dict[str, Any]:
    standing = [claim for claim in decision.claims if not claim.struck]
    held: dict[str, Evidence] = {**facts.evidence, facts.case.digest: facts.case}
    evidence = [one for one in decision.citations if _frozen(one.reference, one.kind, held)]
    intact = sound(evidence, held)
    return {
        "profile": profile_of(decision, facts),
        "route": decision.route.value,
        "confidence": decision.confidence,
        "row": decision.row,
        "factors": {factor.name: factor.value for factor in decision.factors},
        "citations": len(evidence),
        "faulty": sum(1 for one in evidence if unproved(one, intact, facts.sop.policy)),
        "claims": len(standing),
        "struck": len(decision.claims) - len(standing),
    }


def _frozen(reference: str, kind: str, held: dict[str, Evidence]) -> bool:
    """Whether a citation rests on what actions brought, or on policy: the rest is not held here."""
    return kind == "policy" or reference in held


def _tier(facts: Facts) -> str:
    sellers = (item for _, item in items_of(facts) if item.tool == "get_seller")
    return next((str((one.data or {}).get("tier", "")) for one in sellers), "")
