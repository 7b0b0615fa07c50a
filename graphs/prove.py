"""Proves an SOP's table complete and every part of it of use, or says what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import combinations
from typing import Literal

from pydantic import Field

from casewright.document import Where
from casewright.errors import SopError
from casewright.models import Model, Value
from graphs.encode import Encoding, Formula, both_hold, negated, satisfies, smallest
from graphs.logic import Expression
from graphs.sop import SOP_FILE, Sop
from graphs.table import factors_of, going_before

Severity = Literal["error", "warning"]


class Finding(Model):
    """One thing that is wrong, or doubtful, with an SOP.

    Attributes:
        severity: ``error``: the SOP may not run; ``warning``: something is of no use.
        message: What, in one sentence.
        file: The file, such as ``late_shipment_appeal/sop.yaml``.
        line: Line in it, from 1.
        column: Column, from 1.
        example: The smallest combination of factor values that shows it; factors that are not
            named do not matter.
    """

    severity: Severity
    message: str
    file: str
    line: int
    column: int
    example: dict[str, Value] = Field(default_factory=dict)


def unusable(error: SopError, name: str) -> Finding:
    """The finding that stands for an SOP which does not load."""
    place = ":".join(str(part) for part in (error.file, error.line, error.column) if part)
    return Finding(
        severity="error",
        message=str(error).removeprefix(f"{place}: "),
        file=error.file or f"{name}/{SOP_FILE}",
        line=max(error.line, 1),
        column=max(error.column, 1),
    )


def prove(sop: Sop, *, today: datetime) -> tuple[Finding, ...]:
    """Check a loaded SOP.

    Args:
        sop: The procedure.
        today: Day on which its clauses are to be in force.

    Returns:
        Errors first. Completeness and reachability are proved over every combination of factor
        values, as far as factors are independent of each other: an example may combine facts that
        no real case has.
    """
    prover = _Prover(sop)
    found = (
        *prover.complete(),
        *prover.unambiguous(),
        *prover.unreachable_rows(),
        *prover.unreachable_outcomes(),
        *prover.unused(),
        *prover.unread_parameters(),
        *prover.clauses(today),
    )
    return tuple(sorted(found, key=lambda one: (one.severity, one.file, one.line, one.column)))


class _Prover:
    def __init__(self, sop: Sop) -> None:
        self._sop = sop
        self._encoding = Encoding(sop)

    def _satisfies(self, *formulas: Formula) -> Formula | None:
        return satisfies(self._encoding.variables.values(), *formulas)

    def complete(self) -> Iterator[Finding]:
        example = smallest(self._encoding.uncovered, self._encoding.variables.values())
        if example is not None:
            told = "no row covers this case; add a row for it, or `then: escalate`"
            yield self._error(told, ("decision", "table"), example)

    def unambiguous(self) -> Iterator[Finding]:
        """Under ``unique`` no two rows may match together."""
        if self._sop.spec.decision.hit_policy != "unique":
            return
        for (one, first), (other, second) in combinations(self._encoding.rows, 2):
            both = both_hold(first, second)
            example = smallest(both, self._encoding.variables.values())
            if example is not None:
                told = f"rows {one.number} and {other.number} both match this case"
                yield self._error(told, other.where, example)

    def unreachable_rows(self) -> Iterator[Finding]:
        for row, condition in self._encoding.rows:
            where = row.where
            if self._satisfies(condition) is None:
                yield self._error(f"row {row.number} can never hold", where)
            elif self._sop.spec.decision.hit_policy == "collect":
                continue  # a row that never decides is cited all the same
            elif self._satisfies(self._encoding.hits(row.number)) is None:
                earlier = self._shadowing(row.number)
                told = f"row {row.number} is never reached: row {earlier} decides before it"
                yield self._error(told, where)

    def _shadowing(self, number: int) -> str:
        """The rows going before it that together hold whenever it does, as few as need be."""
        formulas = {row.number: condition for row, condition in self._encoding.rows}
        needed = list(going_before(self._sop, number))
        for other in list(needed):
            rest = (negated(formulas[one]) for one in needed if one != other)
            if self._satisfies(formulas[number], *rest) is None:
                needed.remove(other)
        return ", ".join(map(str, needed))

    def unreachable_outcomes(self) -> Iterator[Finding]:
        listed = isinstance(self._sop.document.value["outcomes"], list)
        for index, outcome in enumerate(self._sop.spec.outcomes):
            if self._satisfies(self._encoding.decides(outcome)) is None:
                told = f"no case can end in the outcome {outcome!r}"
                yield self._error(told, ("outcomes", index if listed else outcome))

    def unused(self) -> Iterator[Finding]:
        in_table = {name for row in self._sop.rows for name in factors_of(self._sop, row)}
        for name in self._sop.factors:
            if name not in in_table:
                yield self._warning(f"no row reads the factor {name!r}", ("factors", name))
        read = {root for factor in self._sop.factors.values() for root in factor.needs}
        read |= {root for action in self._sop.actions.values() for root in action.needs}
        for condition in (*self._sop.gated, self._sop.fact_date):
            read |= condition.node.roots if condition else frozenset()
        for follows in self._sop.consequences.values():
            read |= {root for one in follows.expressions() for root in one.node.roots}
        for expression in self._beside():
            read |= expression.node.roots
        for name in self._sop.actions:
            if name not in read:
                yield self._warning(f"nothing reads the action {name!r}", ("actions", name))

    def _beside(self) -> Iterator[Expression]:
        for effect in self._sop.side_effects:
            yield from effect.step.arguments.values()
        for measure in self._sop.measures:
            yield measure.condition
            yield from measure.step.arguments.values()
            yield from measure.undo.arguments.values()

    def unread_parameters(self) -> Iterator[Finding]:
        for outcome, follows in self._sop.consequences.items():
            for name in follows.unread:
                where = ("outcomes", outcome, "parameters", name)
                yield self._warning(f"no write of {outcome!r} is given {name!r}", where)

    def clauses(self, today: datetime) -> Iterator[Finding]:
        for row in self._sop.rows:
            for number, clause_id in enumerate(row.spec.policy):
                starts = [c.start for c in self._sop.policy.clauses if c.clause_id == clause_id]
                if min(starts) > today.date():
                    where = (*row.where, "policy", number)
                    yield self._error(f"clause {clause_id} is not yet in force", where)

    def _error(self, message: str, where: Where, example: object = None) -> Finding:
        shown = dict(example) if isinstance(example, dict) else {}
        return self._finding("error", message, where, shown)

    def _warning(self, message: str, where: Where) -> Finding:
        return self._finding("warning", message, where, {})

    def _finding(
        self, severity: Severity, message: str, where: Where, example: dict[str, Value]
    ) -> Finding:
        file, line, column = self._sop.document.place(where)
        return Finding(
            severity=severity, message=message, file=file, line=line, column=column, example=example
        )
