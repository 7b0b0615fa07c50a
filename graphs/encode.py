"""A decision table as formulas for an SMT solver (z3).

Factors become boolean variables, scores sums of them, and a row's condition a formula. So the
solver speaks of every combination of factor values at once, where running cases could only sample.
Unknown factors are left out: a table that decides rightly for every combination of known values
decides rightly however the unknown ones turn out, and blocks where that would differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import z3

from casewright.errors import ExpressionError
from graphs.logic import Atom, Choice, Junction, Name, Node, Not
from graphs.sop import SCORES, Row, Sop

Assignment = Mapping[str, bool]
"""Factor values by name; factors that do not matter are left out."""


class Encoding:
    """One SOP's table as formulas.

    Args:
        sop: The procedure.
    """

    def __init__(self, sop: Sop) -> None:
        self._sop = sop
        self.variables = {name: z3.Bool(name) for name in sop.factors}

    @cached_property
    def rows(self) -> tuple[tuple[Row, z3.BoolRef], ...]:
        """Every row with its condition.

        Raises:
            ExpressionError: a condition uses what is not encoded.
        """
        return tuple((row, self.formula(row.condition.node)) for row in self._sop.rows)

    def hits(self, number: int) -> z3.BoolRef:
        """That the row of this number, from 1, decides: it matches and none before it does."""
        earlier = [z3.Not(condition) for _, condition in self.rows[: number - 1]]
        return z3.And(*earlier, self.rows[number - 1][1])

    def decides(self, outcome: str) -> z3.BoolRef:
        """That the table decides for this outcome."""
        return z3.Or(*(self.hits(row.number) for row, _ in self.rows if row.spec.then == outcome))

    @cached_property
    def uncovered(self) -> z3.BoolRef:
        """That no row matches."""
        return z3.Not(z3.Or(*(condition for _, condition in self.rows)))

    def formula(self, node: Node) -> z3.BoolRef:
        """A condition over factors and scores as a formula.

        Raises:
            ExpressionError: the condition compares or computes; only logic is encoded.
        """
        match node:
            case Name(path) if path[0] == SCORES:
                return self._score(str(path[1]))
            case Name(path):
                return self.variables[str(path[0])]
            case Not(part):
                return z3.Not(self.formula(part))
            case Junction(parts, deciding):
                joined = [self.formula(part) for part in parts]
                return z3.Or(*joined) if deciding else z3.And(*joined)
            case Choice(test, then, otherwise):
                return z3.If(self.formula(test), self.formula(then), self.formula(otherwise))
            case Atom(text, ()) if text in ("true", "false"):
                return z3.BoolVal(text == "true")
            case _:
                raise ExpressionError("A row's condition may hold factors, scores and logic only.")

    def _score(self, name: str) -> z3.BoolRef:
        spec = self._sop.spec.scores[name]
        terms = (z3.If(self.variables[factor], p, 0) for factor, p in spec.points.items())
        return z3.Sum(*terms) >= spec.threshold


def negated(formula: z3.BoolRef) -> z3.BoolRef:
    """That the formula does not hold."""
    return z3.Not(formula)


def satisfies(*formulas: z3.BoolRef) -> z3.ModelRef | None:
    """A model of all formulas together, or None where there is none."""
    solver = z3.Solver()
    solver.add(*formulas)
    return solver.model() if solver.check() == z3.sat else None


def smallest(formula: z3.BoolRef, variables: Iterable[z3.BoolRef]) -> Assignment | None:
    """A short assignment under which the formula holds whatever the other factors are.

    A model is shortened one variable at a time while it still implies the formula, so that no
    factor in it is there without need (a prime implicant). None where the formula cannot hold.
    """
    model = satisfies(formula)
    if model is None:
        return None
    literals: dict[str, Any] = {
        str(v): v if z3.is_true(model.eval(v, model_completion=True)) else z3.Not(v)
        for v in variables
    }
    for name in list(literals):
        rest = [literal for other, literal in literals.items() if other != name]
        if satisfies(*rest, z3.Not(formula)) is None:
            del literals[name]
    return {name: not z3.is_not(literal) for name, literal in literals.items()}
