"""Why a case was decided as it was, and the nearest facts that would decide otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from casewright.models import Decision, Model, Value
from graphs.sop import Row, Sop
from graphs.sums import Values
from graphs.table import factors_of, in_order, match, nearest, table_scope

Ended = Literal["matched", "did not match", "unknown", "not in force", "not reached"]


class RowTried(Model):
    """One row as this case met it.

    Attributes:
        number: The row, from 1.
        condition: Its condition.
        then: Its outcome.
        ended: Whether it matched, did not, or hangs on what is unknown; ``not in force`` where its
            clauses did not hold on the day of the fact; ``not reached`` after the deciding row.
        because: The factors that made it so, with their values (None: unknown).
    """

    number: int
    condition: str
    then: str
    ended: Ended
    because: dict[str, Value | None]


class Otherwise(Model):
    """The smallest change of known facts that leads to another outcome.

    ``changes`` are factors with the value they would need; empty with ``reachable`` false where no
    change of known facts leads there.
    """

    outcome: str
    reachable: bool
    changes: dict[str, Value] = Field(default_factory=dict)


class Explanation(Model):
    """Why a decision is what it is."""

    outcome: str
    rows: tuple[RowTried, ...]
    otherwise: tuple[Otherwise, ...]


def explain(sop: Sop, decision: Decision) -> Explanation:
    """Walk the table as the decision's factors met it, and look for the nearest other outcomes."""
    values = {factor.name: factor.value for factor in decision.factors}
    return Explanation(
        outcome=decision.outcome,
        rows=tried(sop, decision),
        otherwise=tuple(
            _nearest(sop, values, outcome)
            for outcome in sop.spec.outcomes
            if outcome != decision.outcome
        ),
    )


def tried(sop: Sop, decision: Decision) -> tuple[RowTried, ...]:
    """The rows of the table, each as the decision's factors met it."""
    values = {factor.name: factor.value for factor in decision.factors}
    return tuple(_tried(sop, values, decision))


def _tried(sop: Sop, values: Values, decision: Decision) -> Iterator[RowTried]:
    scope = table_scope(sop, values)
    matched = {decision.row, *decision.also}
    reached = _reached(sop, decision.row)
    for row in sop.rows:
        value = row.condition.evaluate(scope).value
        yield RowTried(
            number=row.number,
            condition=row.spec.condition,
            then=" or ".join(row.spec.then),
            ended=_ended(value, row.number in matched) if row.number in reached else "not reached",
            because=_because(sop, row, values),
        )


def _reached(sop: Sop, decided: int) -> frozenset[int]:
    """The rows that were asked: up to the deciding one, or all where the table asks all."""
    numbers = [row.number for row in in_order(sop)]
    asks_all = sop.spec.decision.hit_policy in ("unique", "collect")
    last = numbers.index(decided) + 1 if decided and not asks_all else len(numbers)
    return frozenset(numbers[:last])


def _ended(value: bool | None, matched: bool) -> Ended:
    if value is None:
        return "unknown"
    if not value:
        return "did not match"
    return "matched" if matched else "not in force"


def _because(sop: Sop, row: Row, values: Values) -> dict[str, Value | None]:
    return {name: values.get(name) for name in factors_of(sop, row)}


def _nearest(sop: Sop, values: Values, outcome: str) -> Otherwise:
    found = nearest(sop, values, lambda changed: _ends_in(sop, changed, outcome))
    if found is None:
        return Otherwise(outcome=outcome, reachable=False)
    return Otherwise(outcome=outcome, reachable=True, changes=found)


def _ends_in(sop: Sop, values: Values, outcome: str) -> bool:
    row = match(sop, values).row
    return row is not None and row.spec.outcome == outcome
