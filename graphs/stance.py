"""Which claims speak for a decision and which against it, so that a reader sees them apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from casewright.models import Claim, Stance, Value
from graphs.sop import Row, Sop
from graphs.table import Match, cuts, factors_of, table_scope


def taken_apart(
    sop: Sop, values: Mapping[str, Value | None], found: Match, claims: Sequence[Claim]
) -> tuple[Claim, ...]:
    """The claims, each with its stance towards the decision.

    What the decision rests on supports it. A known fact contradicts it where a row for another
    outcome asks for it, and no row for this outcome does: that row did not decide, but the fact
    points there.

    Args:
        sop: The procedure.
        values: The factors.
        found: What the table says; without a deciding row nothing is taken apart.
        claims: The rationale.
    """
    if found.row is None:
        return tuple(claims)
    outcome = found.row.spec.then
    own = [row for row in sop.rows if row.spec.then == outcome]
    others = [row for row in sop.rows if row.spec.then != outcome]
    ground = {name for row in (found.row, *found.also) for name in factors_of(sop, row)}

    def against(name: str) -> bool:
        asked = any(_asks_for(sop, row, name, values[name]) for row in others)
        return asked and not any(_asks_for(sop, row, name, values[name]) for row in own)

    def stance(claim: Claim) -> Stance:
        if claim.factor and claim.factor not in ground and against(claim.factor):
            return "contradicts"
        return "supports" if claim.rests else ""

    return tuple(claim.model_copy(update={"stance": stance(claim)}) for claim in claims)


def _asks_for(sop: Sop, row: Row, name: str, value: Value | None) -> bool:
    """Whether a row needs the factor as it is: another value alone makes it false."""
    if value is None or name not in factors_of(sop, row):
        return False
    if _alone(sop, row, name, value) is False:
        return False
    others = sop.factors[name].domain.others(value, cuts(sop, name))
    return any(_alone(sop, row, name, other) is False for other in others)


def _alone(sop: Sop, row: Row, name: str, value: Value) -> bool | None:
    """The row's condition where this factor is the only one known."""
    result = row.condition.evaluate(table_scope(sop, {name: value}))
    return bool(result.value) if result.known else None
