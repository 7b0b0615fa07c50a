"""A decision table as formulas for an SMT solver (z3).

Factors become variables of their type within their bounds, scores sums of them, and a row's
condition a formula. So the solver speaks of every combination of factor values at once, where
running cases could only sample.
Unknown factors are left out: a table that decides rightly for every combination of known values
decides rightly however the unknown ones turn out, and blocks where that would differ.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

import z3

from casewright.errors import ExpressionError
from casewright.models import Value
from graphs.compared import comparison, measure
from graphs.kinds import Domain
from graphs.logic import Atom, Choice, Junction, Name, Node, Not
from graphs.scope import Path
from graphs.sop import CLASSES, SCORES, TIERS, Row, Sop
from graphs.sum_schema import ClassificationSpec, SumSpec
from graphs.table import going_before

NOT_LOGIC = "A row's condition may hold factors, scores, classes, tiers and logic only."

Formula = Any
"""A z3 expression, or a model of some; z3 carries no types."""

Assignment = Mapping[str, Value]
"""Factor values by name; factors that do not matter are left out."""


COMPARE: Mapping[str, Callable[[Formula, Formula], Formula]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


@dataclass(frozen=True)
class Variable:
    """A factor as the solver sees it: words are the numbers of their places."""

    name: str
    domain: Domain

    @cached_property
    def term(self) -> Formula:
        """The variable itself."""
        match self.domain.kind:
            case "bool":
                return z3.Bool(self.name)
            case "number":
                return z3.Real(self.name)
            case "integer":
                return z3.Int(self.name)
            case "enum":
                return z3.Int(f"{self.name} among {', '.join(self.domain.values)}")

    @property
    def within(self) -> Formula:
        """That its value is one that the factor can have."""
        match self.domain.kind:
            case "bool":
                return z3.BoolVal(True)
            case "enum":
                return z3.And(self.term >= 0, self.term < len(self.domain.values))
            case _:
                low, high = exact(self.domain.low), exact(self.domain.high)
                return z3.And(self.term >= low, self.term <= high)

    def equals(self, value: Value) -> Formula:
        """That it has this value."""
        if self.domain.kind == "bool":
            return self.term if value else z3.Not(self.term)
        if self.domain.kind == "enum":
            return self.term == self.domain.values.index(str(value))
        return self.term == exact(value)

    def value_in(self, model: Formula) -> Value:
        """Its value in a model."""
        found = model.eval(self.term, model_completion=True)
        match self.domain.kind:
            case "bool":
                return bool(z3.is_true(found))
            case "enum":
                return self.domain.values[int(str(found))]
            case "integer":
                return int(str(found))
            case "number":
                value = Fraction(str(found.as_fraction()))
                return int(value) if value.denominator == 1 else float(value)


def exact(number: Decimal | Value | None) -> Formula:
    """A number as the solver's rational, without rounding."""
    return z3.RealVal(str(number))


class Encoding:
    """One SOP's table as formulas.

    Args:
        sop: The procedure.
    """

    def __init__(self, sop: Sop) -> None:
        self._sop = sop
        self.variables = {name: Variable(name, rule.domain) for name, rule in sop.factors.items()}

    @cached_property
    def rows(self) -> tuple[tuple[Row, Formula], ...]:
        """Every row with its condition.

        Raises:
            ExpressionError: a condition uses what is not encoded.
        """
        return tuple((row, self.formula(row.condition.node)) for row in self._sop.rows)

    def hits(self, number: int, among: frozenset[int] | None = None) -> Formula:
        """That the row of this number, from 1, decides: it matches, and none that goes before.

        ``among`` are the rows that apply; None: all.
        """
        before = (
            self.rows[other - 1][1]
            for other in going_before(self._sop, number)
            if among is None or other in among
        )
        return z3.And(*(z3.Not(condition) for condition in before), self.rows[number - 1][1])

    def decides(self, outcome: str, among: frozenset[int] | None = None) -> Formula:
        """That the table decides for this outcome, with ``among`` as in :meth:`hits`."""
        return z3.Or(
            *(
                self.hits(row.number, among)
                for row, _ in self.rows
                if outcome in row.spec.then and (among is None or row.number in among)
            )
        )

    def uncovered_by(self, among: frozenset[int]) -> Formula:
        """That none of these rows matches."""
        conditions = (condition for row, condition in self.rows if row.number in among)
        return z3.Not(z3.Or(*conditions))

    @cached_property
    def uncovered(self) -> Formula:
        """That no row matches."""
        return z3.Not(z3.Or(*(condition for _, condition in self.rows)))

    def formula(self, node: Node) -> Formula:
        """A condition over factors, scores, classes and tiers as a formula.

        Raises:
            ExpressionError: the condition compares or computes anything else.
        """
        match node:
            case Name(path) if path[0] == SCORES:
                return self._reached(self._sop.spec.scores[str(path[1])])
            case Name(path) if self.variables[str(path[0])].domain.kind == "bool":
                return self.variables[str(path[0])].term
            case Not(part):
                return z3.Not(self.formula(part))
            case Junction(parts, deciding):
                joined = [self.formula(part) for part in parts]
                return z3.Or(*joined) if deciding else z3.And(*joined)
            case Choice(test, then, otherwise):
                return z3.If(self.formula(test), self.formula(then), self.formula(otherwise))
            case Atom(text, ()) if text in ("true", "false"):
                return z3.BoolVal(text == "true")
            case Atom():
                return self._compared(node)
            case _:
                raise ExpressionError(NOT_LOGIC)

    def _compared(self, atom: Atom) -> Formula:
        found = comparison(atom)
        if found is None:
            return self._measured(atom)
        among = z3.Or(*(self._is(found.path, value) for value in found.values))
        return z3.Not(among) if found.negated else among

    def _is(self, path: Path, value: str) -> Formula:
        """That a class, a tier or an enum is this one."""
        if path[0] == CLASSES:
            return self._is_class(str(path[1]), value)
        if path[0] == TIERS:
            return self._is_tier(str(path[1]), value)
        variable = self.variables[str(path[0])]
        return variable.equals(value)

    def _measured(self, atom: Atom) -> Formula:
        found = measure(atom)
        if found is None:
            raise ExpressionError(NOT_LOGIC)
        left = self.variables[str(found.path[0])].term
        right = self.variables[str(found.other[0])].term if found.other else exact(found.number)
        return COMPARE[found.sign](left, right)

    def _is_class(self, name: str, value: str) -> Formula:
        """That the class is this one: it reaches its threshold, and no better one does."""
        spec = self._sop.spec.classifications[name]
        if value == spec.otherwise:
            return z3.And(*(z3.Not(self._reached(one)) for one in spec.classes.values()))
        groups = (*spec.precedence, "")
        mine = spec.classes[value]
        better = [
            z3.And(self._reached(other), self._goes_before(spec, groups, other_name, value))
            for other_name, other in spec.classes.items()
            if other_name != value
        ]
        return z3.And(self._reached(mine), *(z3.Not(one) for one in better))

    def _goes_before(
        self, spec: ClassificationSpec, groups: tuple[str, ...], first: str, second: str
    ) -> Formula:
        """Earlier group, else more points, else earlier in the priority."""
        one, two = spec.classes[first], spec.classes[second]
        ranks = groups.index(one.group), groups.index(two.group)
        if ranks[0] != ranks[1]:
            return z3.BoolVal(ranks[0] < ranks[1])
        tie_wins = spec.priority.index(first) < spec.priority.index(second)
        mine, other = self._sum(one), self._sum(two)
        return mine >= other if tie_wins else mine > other

    def _is_tier(self, name: str, value: str) -> Formula:
        """That the tier is this one: it holds and none before it does."""
        before: list[Formula] = []
        for tier, conditions, every in self._sop.tiers[name]:
            parts = [self.formula(condition.node) for condition in conditions]
            holds = z3.And(*parts) if every or not parts else z3.Or(*parts)
            if tier == value:
                return z3.And(*before, holds)
            before.append(z3.Not(holds))
        return z3.And(*before)

    def _reached(self, spec: SumSpec) -> Formula:
        return self._sum(spec) >= exact(spec.threshold)

    def _sum(self, spec: SumSpec) -> Formula:
        points = (z3.If(self.variables[f].term, p, 0) for f, p in spec.points.items())
        weighted = (exact(w) * self.variables[f].term for f, w in spec.weights.items())
        return z3.Sum(*points, *weighted)


def negated(formula: Formula) -> Formula:
    """That the formula does not hold."""
    return z3.Not(formula)


def both_hold(one: Formula, other: Formula) -> Formula:
    """That both formulas hold."""
    return z3.And(one, other)


def satisfies(variables: Iterable[Variable], *formulas: Formula) -> Formula | None:
    """A model of all formulas together within the variables' domains, or None."""
    solver = z3.Solver()
    solver.add(*(one.within for one in variables), *formulas)
    return solver.model() if solver.check() == z3.sat else None


def smallest(formula: Formula, variables: Iterable[Variable]) -> Assignment | None:
    """A short assignment under which the formula holds whatever the other factors are.

    A model is shortened one variable at a time while it still implies the formula, so that no
    factor in it is there without need (a prime implicant). None where the formula cannot hold.
    """
    known = {one.name: one for one in variables}
    model = satisfies(known.values(), formula)
    if model is None:
        return None
    kept = {name: one.value_in(model) for name, one in known.items()}
    for name in list(kept):
        rest = [known[other].equals(value) for other, value in kept.items() if other != name]
        if satisfies(known.values(), *rest, z3.Not(formula)) is None:
            del kept[name]
    return kept
