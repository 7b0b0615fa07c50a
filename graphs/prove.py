"""Proves an SOP's table complete and every part of it of use, or says what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from itertools import combinations
from typing import Literal

from pydantic import Field

from casewright.document import Document, Where
from casewright.errors import SopError
from casewright.models import Model, Value
from graphs.encode import Encoding, Formula, both_hold, negated, satisfies, smallest
from graphs.epochs import distinct, epochs
from graphs.policy import CLAUSES
from graphs.scope import Path
from graphs.sop import POLICY, SOP_FILE, Sop
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
    prover = _Prover(sop, today.date())
    found = (
        *prover.complete(),
        *prover.complete_in_every_epoch(),
        *prover.unambiguous(),
        *prover.unreachable_rows(),
        *prover.unreachable_outcomes(),
        *prover.unused(),
        *prover.unread_parameters(),
        *prover.clauses(),
        *prover.unused_policy(),
    )
    return tuple(sorted(found, key=lambda one: (one.severity, one.file, one.line, one.column)))


class _Prover:
    def __init__(self, sop: Sop, today: date) -> None:
        self._sop = sop
        self._today = today
        self._encoding = Encoding(sop)
        self._whole = frozenset(row.number for row in sop.rows)
        self._epochs = distinct(epochs(sop, today=today))
        self._tables = {self._whole, *(one.rows for one in self._epochs)}

    def _satisfies(self, *formulas: Formula) -> Formula | None:
        return satisfies(self._encoding.variables.values(), *formulas)

    def complete(self) -> Iterator[Finding]:
        example = smallest(self._encoding.uncovered, self._encoding.variables.values())
        if example is not None:
            told = "no row covers this case; add a row for it, or `then: escalate`"
            yield self._error(told, ("decision", "table"), example)

    def complete_in_every_epoch(self) -> Iterator[Finding]:
        """Where clauses were not in force yet, or are not in force everywhere, rows are lacking."""
        variables = self._encoding.variables.values()
        if smallest(self._encoding.uncovered, variables) is not None:
            return
        told_of: list[frozenset[int]] = []
        for epoch in sorted(self._epochs, key=lambda one: -len(one.rows)):
            if any(epoch.rows <= rows for rows in told_of):
                continue  # with fewer rows still the same case is left
            example = smallest(self._encoding.uncovered_by(epoch.rows), variables)
            if example is not None:
                told_of.append(epoch.rows)
                without = [row for row in self._sop.rows if row.number not in epoch.rows]
                numbers = ", ".join(str(row.number) for row in without)
                lacking = f"row {numbers} does" if len(without) == 1 else f"rows {numbers} do"
                told = f"on facts {epoch.told} {lacking} not apply, and no other covers this"
                severity: Severity = "error" if epoch.last is None else "warning"
                where = (*without[0].where, "policy")
                yield self._finding(severity, f"{told} case", where, dict(example))

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
            elif not self._ever(row.number, self._encoding.hits):
                earlier = self._shadowing(row.number)
                told = f"row {row.number} is never reached: row {earlier} decides before it"
                yield self._error(told, where)

    def _ever(self, number: int, hits: Callable[[int, frozenset[int]], Formula]) -> bool:
        """Whether a row decides in any of the tables in which it applies."""
        tables = (rows for rows in self._tables if number in rows)
        return any(self._satisfies(hits(number, rows)) is not None for rows in tables)

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
            decides = (self._encoding.decides(outcome, rows) for rows in self._tables)
            if all(self._satisfies(formula) is None for formula in decides):
                told = f"no case can end in the outcome {outcome!r}"
                yield self._error(told, ("outcomes", index if listed else outcome))

    def unused(self) -> Iterator[Finding]:
        in_table = {name for row in self._sop.rows for name in factors_of(self._sop, row)}
        for name, factor in self._sop.factors.items():
            if name not in in_table and not factor.spec.informs:
                yield self._warning(f"no row reads the factor {name!r}", ("factors", name))
        read = {root for one in self._sop.expressions() for root in one.node.roots}
        for name, action in self._sop.actions.items():
            if name not in read and not action.spec.informs:
                yield self._warning(f"nothing reads the action {name!r}", ("actions", name))

    def unread_parameters(self) -> Iterator[Finding]:
        for outcome, follows in self._sop.consequences.items():
            for name in follows.unread:
                where = ("outcomes", outcome, "parameters", name)
                yield self._warning(f"no write of {outcome!r} is given {name!r}", where)

    def clauses(self) -> Iterator[Finding]:
        for row in self._sop.rows:
            for number, clause_id in enumerate(row.spec.policy):
                starts = [c.start for c in self._sop.policy.clauses if c.clause_id == clause_id]
                if min(starts) > self._today:
                    where = (*row.where, "policy", number)
                    yield self._error(f"clause {clause_id} is not yet in force", where)

    def unused_policy(self) -> Iterator[Finding]:
        """Clauses and values of the SOP's own pack that nothing cites or reads."""
        policy, pack = self._sop.policy, self._sop.pack
        read = {path[1] for path in self._paths() if path[0] == POLICY}
        cited = {clause for row in self._sop.rows for clause in row.spec.policy}
        cited |= {value.clause for value in policy.values.values()}
        unused: dict[str, Where] = {}
        for name in policy.values:
            if name not in read:
                unused[f"nothing reads the policy value {name!r}"] = ("values", name)
        for clause in policy.clauses:
            if clause.clause_id not in cited:
                told = f"no row and no value cites the clause {clause.clause_id}"
                unused.setdefault(told, (CLAUSES, clause.reference))
        for told, where in unused.items():
            if pack.place(where).file == pack.file:
                yield self._finding("warning", told, where, {}, document=pack)

    def _paths(self) -> Iterator[Path]:
        for expression in self._sop.expressions():
            yield from expression.node.paths()
        for factor in self._sop.factors.values():
            yield from (path for said in factor.says.values() for one in said for path in one.holes)

    def _error(self, message: str, where: Where, example: object = None) -> Finding:
        shown = dict(example) if isinstance(example, dict) else {}
        return self._finding("error", message, where, shown)

    def _warning(self, message: str, where: Where) -> Finding:
        return self._finding("warning", message, where, {})

    def _finding(
        self,
        severity: Severity,
        message: str,
        where: Where,
        example: dict[str, Value],
        *,
        document: Document | None = None,
    ) -> Finding:
        file, line, column = (document or self._sop.document).place(where)
        return Finding(
            severity=severity, message=message, file=file, line=line, column=column, example=example
        )
