"""The vote of similar closed cases, and those that speak against a proposal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from casewright.models import ALWAYS_OUTCOMES, Precedent, PrecedentVote, Value

NEAR = 0.95
"""Facts that agree this far are similar: who decides otherwise on them is in conflict."""


NOTHING: Mapping[str, Value] = MappingProxyType({})


def vote(
    precedents: Sequence[Precedent],
    contrast: Sequence[Precedent],
    outcome: str,
    since: Mapping[str, Value] = NOTHING,
) -> PrecedentVote | None:
    """How the precedents ended, weighed by how far their facts agree with the case.

    Args:
        precedents: The nearest closed cases; they vote.
        contrast: Nearest ones of other outcomes; with the others they may be in conflict.
        outcome: The proposal.
        since: What was established after they were found, such as readings of texts: who differs
            in it has no similar facts, however far the others agree.

    Returns:
        The vote; None without precedents. Where the agreement of facts is not known, all weigh the
        same; where it is 0 for all, so they do.
    """
    if not precedents:
        return None
    weights = _weights(precedents)
    held: defaultdict[str, float] = defaultdict(float)
    for one, weight in zip(precedents, weights, strict=True):
        held[one.outcome] += weight
    leading = max(held, key=lambda name: held[name])  # the first named, so the nearest, of equals
    total = sum(weights)
    expected = leading if outcome in ALWAYS_OUTCOMES else outcome
    return PrecedentVote(
        outcome=leading,
        share=held[leading] / total,
        effective=total**2 / sum(weight**2 for weight in weights),
        conflicts=tuple(
            one.case_id
            for one in (*precedents, *contrast)
            if one.outcome != expected and _similar(one, since)
        ),
    )


def _weights(precedents: Sequence[Precedent]) -> list[float]:
    """Agreements over the greatest of them, all alike where that is nothing."""
    agreed = [1.0 if one.agreement is None else one.agreement for one in precedents]
    most = max(agreed)
    return [one / most for one in agreed] if most else [1.0] * len(agreed)


def _similar(one: Precedent, since: Mapping[str, Value]) -> bool:
    near = one.agreement is not None and one.agreement >= NEAR
    return near and all(one.facts.get(name, value) == value for name, value in since.items())
