"""Three-valued evaluation of CEL expressions, with the reads that determined each value.

CEL itself knows errors, not unknowns. An SOP needs more: a field that is absent makes what rests
on it *unknown*, never false, and every value must be able to cite the fields that made it so. So
the logic of an expression (and, or, not, ``?:``, ``exists``, ``all``, ``has``) is evaluated here
after Kleene's strong three-valued tables, while everything below it, comparisons, arithmetic, time
and functions, is an :class:`Atom` that the CEL library evaluates on the fields it names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from casewright.errors import ExpressionError
from graphs.cel_engine import CelProgram, compile_cel
from graphs.scope import (
    Bound,
    Gap,
    Path,
    Result,
    Scope,
    Unknown,
    cut_lists,
    found,
    gaps_of,
    merged,
    read_of,
    reads_of,
    resolve,
    spelled,
    within,
)

CEL_COMPLAINT = re.compile(r"ERROR: <input>:\d+:\d+: (.+)")
HOLE = "__hole"
"""Prefix of the variables that stand for paths in an atom's text; no SOP has such a name."""


class Node:
    """An expression's node; ``evaluate`` never raises for missing data."""

    def evaluate(self, scope: Scope) -> Result:
        """The value in this scope.

        Raises:
            ExpressionError: types that do not go together; a fault of the SOP, not of the data.
        """
        raise NotImplementedError

    def paths(self) -> frozenset[Path]:
        """Every path the expression can read, below the names that are free in it."""
        raise NotImplementedError

    @property
    def roots(self) -> frozenset[str]:
        """The free names of the expression."""
        return frozenset(str(path[0]) for path in self.paths())


@dataclass(frozen=True)
class Name(Node):
    """A plain path; its value is what lies there."""

    path: Path

    def evaluate(self, scope: Scope) -> Result:
        """The value at the path; unknown where it, or something above it, is absent."""
        return found(resolve(self.path, scope))

    def paths(self) -> frozenset[Path]:
        """The path itself."""
        return frozenset((self.path,))


@dataclass(frozen=True)
class Has(Node):
    """CEL's ``has(path)``: whether the last field is there; unknown only if its parent is."""

    path: Path

    def evaluate(self, scope: Scope) -> Result:
        """True or false where the parent is known."""
        parent = resolve(self.path[:-1], scope)
        if isinstance(parent.value, Unknown):
            return Result(None, gaps=parent.value.gaps)
        if not isinstance(parent.value, Mapping):
            raise ExpressionError(f"{spelled(self.path[:-1])} is no record, so it has no fields.")
        present = parent.value.get(self.path[-1]) is not None
        return Result(present, (read_of(resolve(self.path, scope) if present else parent),))

    def paths(self) -> frozenset[Path]:
        """The path that is asked about."""
        return frozenset((self.path,))


@dataclass(frozen=True)
class Atom(Node):
    """A part that the CEL library evaluates: the text with each path replaced by a variable.

    The variables are ``__hole0``, ``__hole1``, … in the order of ``holes``.
    """

    text: str
    holes: tuple[Path, ...]

    def compile(self) -> None:
        """Compile now, so that a text that CEL refuses is told before a case meets it.

        Raises:
            ExpressionError: the CEL library refuses it.
        """
        _ = self._program

    @cached_property
    def _program(self) -> CelProgram:
        try:
            return compile_cel(self.text)
        except ValueError as error:
            told = CEL_COMPLAINT.search(str(error))
            raise ExpressionError(f"CEL says: {told[1] if told else error}.") from error

    def evaluate(self, scope: Scope) -> Result:
        """Unknown where any field it names is, or a list it names may be cut; else CEL's value."""
        bounds = [resolve(hole, scope) for hole in self.holes]
        values = [found(bound) for bound in bounds]
        gaps = merged(gaps_of(values), cut_lists(bounds))
        if gaps:
            return Result(None, gaps=gaps)
        try:
            value = self._program.execute(
                {f"{HOLE}{index}": known.value for index, known in enumerate(values)}
            )
        except (KeyError, IndexError) as error:
            return self._lacking(bounds, error)
        except (TypeError, ValueError, ArithmeticError, RuntimeError) as error:
            raise ExpressionError(f"CEL cannot evaluate this{self._over}: {error}.") from error
        if value is None:
            raise ExpressionError(f"This is null{self._over}, which says nothing.")
        return Result(value, reads_of(values))

    def _lacking(self, bounds: Iterable[Bound], error: KeyError | IndexError) -> Result:
        """What a comprehension or an index asked for is absent; what is literal is no data."""
        if not self.holes:
            raise ExpressionError(f"CEL says: there is no {error}.") from error
        told = f"{', '.join(map(spelled, self.holes))} lacks {error}"
        return Result(None, gaps=merged(tuple(Gap(bound.root, told) for bound in bounds)))

    @property
    def _over(self) -> str:
        return f" over {', '.join(map(spelled, self.holes))}" if self.holes else ""

    def paths(self) -> frozenset[Path]:
        """Its holes."""
        return frozenset(self.holes)


@dataclass(frozen=True)
class Junction(Node):
    """``&&`` (decided by the first false part) or ``||`` (decided by the first true one)."""

    parts: tuple[Node, ...]
    deciding: bool

    def evaluate(self, scope: Scope) -> Result:
        """Kleene's conjunction or disjunction; a deciding part is cited alone."""
        return _junction((part.evaluate(scope) for part in self.parts), self.deciding)

    def paths(self) -> frozenset[Path]:
        """All parts' paths."""
        return frozenset().union(*(part.paths() for part in self.parts))


@dataclass(frozen=True)
class Not(Node):
    """``!``: unknown stays unknown."""

    part: Node

    def evaluate(self, scope: Scope) -> Result:
        """Kleene's negation."""
        result = _boolean(self.part.evaluate(scope))
        return replace(result, value=not result.value) if result.known else result

    def paths(self) -> frozenset[Path]:
        """The part's paths."""
        return self.part.paths()


@dataclass(frozen=True)
class Choice(Node):
    """``test ? then : otherwise``; with an unknown test, known only where both sides agree."""

    test: Node
    then: Node
    otherwise: Node

    def evaluate(self, scope: Scope) -> Result:
        """The chosen side's value, citing the test as well."""
        test = _boolean(self.test.evaluate(scope))
        if test.known:
            side = (self.then if test.value else self.otherwise).evaluate(scope)
            return replace(side, reads=merged(test.reads, side.reads))
        sides = [self.then.evaluate(scope), self.otherwise.evaluate(scope)]
        if all(side.known for side in sides) and _same(sides[0].value, sides[1].value):
            return Result(sides[0].value, reads_of(sides))
        return Result(None, gaps=test.gaps)

    def paths(self) -> frozenset[Path]:
        """The test's and both sides' paths."""
        return self.test.paths() | self.then.paths() | self.otherwise.paths()


@dataclass(frozen=True)
class Quantifier(Node):
    """``list.exists(x, body)`` or ``list.all(x, body)``.

    A deciding item is cited alone. Where none decides, the whole list is cited and what the body
    read outside it, provided that the source said it is complete; a list that may be cut leaves
    the value unknown. What lies below an item is never cut: sources cut the outermost list.
    """

    kind: Literal["exists", "all"]
    over: Path
    variable: str
    body: Node

    def evaluate(self, scope: Scope) -> Result:
        """Kleene's junction over the items."""
        bound = resolve(self.over, scope)
        if isinstance(bound.value, Unknown):
            return Result(None, gaps=bound.value.gaps)
        if not isinstance(bound.value, list | tuple):
            raise ExpressionError(f"{spelled(self.over)} is no list, so it has no items.")
        deciding = self.kind == "exists"
        result = _junction((self._at(scope, bound, i) for i in range(len(bound.value))), deciding)
        if result.value is deciding or not result.known:
            return result
        if gaps := cut_lists([bound]):
            return Result(None, gaps=gaps)
        whole = read_of(bound)
        outside = tuple(read for read in result.reads if not within(read, whole))
        return Result(not deciding, (whole, *outside))

    def _at(self, scope: Scope, bound: Bound, index: int) -> Result:
        path = (*bound.path, index)
        item = Bound(bound.value[index], bound.root, path, cut=bound.cut)
        result = self.body.evaluate({**scope, self.variable: item})
        own = read_of(item)
        if any(within(read, own) for read in result.reads):
            return result
        # A body that does not look at its item still rests on there being one.
        return Result(result.value, (own, *result.reads), result.gaps)

    def paths(self) -> frozenset[Path]:
        """The list and what the body reads outside it."""
        outer = {path for path in self.body.paths() if path[0] != self.variable}
        return frozenset({self.over} | outer)


@dataclass(frozen=True)
class Expression:
    """A parsed expression with its text and the line it stands on."""

    text: str
    node: Node
    line: int = field(default=0, compare=False)

    def evaluate(self, scope: Scope) -> Result:
        """Evaluate; errors name the expression.

        Raises:
            ExpressionError: types that do not go together.
        """
        try:
            return self.node.evaluate(scope)
        except ExpressionError as error:
            raise ExpressionError(
                f"{error.message} In the expression `{self.text}`.", line=self.line
            ) from error


def _junction(results: Iterable[Result], deciding: bool) -> Result:
    seen: list[Result] = []
    for result in map(_boolean, results):
        if result.value is deciding:
            return result
        seen.append(result)
    gaps = gaps_of(seen)
    return Result(None, gaps=gaps) if gaps else Result(not deciding, reads_of(seen))


def _boolean(result: Result) -> Result:
    """The result itself, where it can take part in logic: CEL knows no other truth values."""
    if result.known and not isinstance(result.value, bool):
        kind = type(result.value).__name__
        raise ExpressionError(f"A condition is true or false, but this is of type {kind}.")
    return result


def _same(left: Any, right: Any) -> bool:
    return type(left) is type(right) and bool(left == right)
