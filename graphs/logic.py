"""Three-valued evaluation of CEL expressions, with the reads that determined each value.

CEL itself knows errors, not unknowns. An SOP needs more: a field that is absent makes what rests
on it *unknown*, never false, and every value must be able to cite the fields that made it so. So
the logic of an expression (and, or, not, ``?:``, ``exists``, ``all``, ``has``) is evaluated here
after Kleene's strong three-valued tables, while everything below it, comparisons, arithmetic, time
and functions, is an :class:`Atom` that the CEL library evaluates on the fields it names.

A value of None means unknown; CEL's null never occurs, because absent fields are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import cel
from jsonpointer import JsonPointer

from casewright.errors import ExpressionError

Path = tuple[str | int, ...]
"""Root name and then field names or indices, as in ``("scans", "first", "at")``."""


@dataclass(frozen=True)
class Gap:
    """Why something is unknown: which root (an action or a factor) lacks what."""

    root: str
    reason: str


@dataclass(frozen=True)
class Unknown:
    """Stands in a scope where a value would be."""

    gaps: tuple[Gap, ...]

    @classmethod
    def of(cls, root: str, reason: str) -> Unknown:
        """An unknown with one gap."""
        return cls((Gap(root, reason),))


@dataclass(frozen=True)
class Read:
    """A field that was read: the root's name and the JSON Pointer below it."""

    root: str
    pointer: str


@dataclass(frozen=True)
class Bound:
    """What a name stands for.

    Attributes:
        value: A Python value (datetimes for timestamps) or Unknown, possibly nested.
        root: The name that reads are reported under.
        path: Where the value lies below the root (for variables of ``exists`` and ``all``).
        complete: False where a list below may be cut, so that an absence proves nothing.
    """

    value: Any
    root: str
    path: Path = ()
    complete: bool = True


Scope = Mapping[str, Bound]


@dataclass(frozen=True)
class Result:
    """A value, or None for unknown; what determined it; and what was lacking."""

    value: Any
    reads: tuple[Read, ...] = ()
    gaps: tuple[Gap, ...] = ()

    @property
    def known(self) -> bool:
        """Whether there is a value."""
        return self.value is not None


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
        bound = _resolve(self.path, scope)
        if isinstance(bound.value, Unknown):
            return Result(None, gaps=bound.value.gaps)
        return Result(bound.value, (_read(bound),))

    def paths(self) -> frozenset[Path]:
        """The path itself."""
        return frozenset((self.path,))


@dataclass(frozen=True)
class Has(Node):
    """CEL's ``has(path)``: whether the last field is there; unknown only if its parent is."""

    path: Path

    def evaluate(self, scope: Scope) -> Result:
        """True or false where the parent is known."""
        parent = _resolve(self.path[:-1], scope)
        if isinstance(parent.value, Unknown):
            return Result(None, gaps=parent.value.gaps)
        present = self.path[-1] in parent.value
        return Result(present, (_read(_resolve(self.path, scope) if present else parent),))

    def paths(self) -> frozenset[Path]:
        """The path that is asked about."""
        return frozenset((self.path,))


@dataclass(frozen=True)
class Atom(Node):
    """A part that the CEL library evaluates: the text with each path replaced by a variable."""

    text: str
    holes: tuple[Path, ...]

    @cached_property
    def _program(self) -> cel.Program:
        return cel.compile(self.text)

    def evaluate(self, scope: Scope) -> Result:
        """Unknown where any field it names is; else CEL's value."""
        values = [Name(hole).evaluate(scope) for hole in self.holes]
        gaps = _gaps(values)
        if gaps:
            return Result(None, gaps=gaps)
        variables = {f"p{index}": value.value for index, value in enumerate(values)}
        try:
            return Result(self._program.execute(variables), _reads(values))
        except (TypeError, ValueError, KeyError, IndexError, OverflowError, RuntimeError) as error:
            named = ", ".join(".".join(map(str, hole)) for hole in self.holes)
            raise ExpressionError(f"CEL cannot evaluate this over {named}: {error}.") from error

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
        result = self.part.evaluate(scope)
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
        test = self.test.evaluate(scope)
        if test.known:
            side = (self.then if test.value else self.otherwise).evaluate(scope)
            return replace(side, reads=_merge(test.reads, side.reads))
        sides = [self.then.evaluate(scope), self.otherwise.evaluate(scope)]
        if all(side.known for side in sides) and sides[0].value == sides[1].value:
            return Result(sides[0].value, _reads(sides))
        return Result(None, gaps=test.gaps)

    def paths(self) -> frozenset[Path]:
        """The test's and both sides' paths."""
        return self.test.paths() | self.then.paths() | self.otherwise.paths()


@dataclass(frozen=True)
class Quantifier(Node):
    """``list.exists(x, body)`` or ``list.all(x, body)``.

    A deciding item is cited alone. Where none decides, the whole list is cited, provided that the
    source said it is complete; a list that may be cut leaves the value unknown.
    """

    kind: Literal["exists", "all"]
    over: Path
    variable: str
    body: Node

    def evaluate(self, scope: Scope) -> Result:
        """Kleene's junction over the items."""
        bound = _resolve(self.over, scope)
        if isinstance(bound.value, Unknown):
            return Result(None, gaps=bound.value.gaps)
        deciding = self.kind == "exists"
        result = _junction((self._at(scope, bound, i) for i in range(len(bound.value))), deciding)
        if result.value is deciding or not result.known:
            return result
        if not bound.complete:
            return Result(None, gaps=(Gap(bound.root, "the list may be cut"),))
        return Result(not deciding, (_read(bound),))

    def _at(self, scope: Scope, bound: Bound, index: int) -> Result:
        item = replace(bound, value=bound.value[index], path=(*bound.path, index))
        return self.body.evaluate({**scope, self.variable: item})

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
    for result in results:
        if result.value is deciding:
            return result
        seen.append(result)
    gaps = _gaps(seen)
    return Result(None, gaps=gaps) if gaps else Result(not deciding, _reads(seen))


def _resolve(path: Path, scope: Scope) -> Bound:
    """What lies at the path: its value or Unknown, and where it was found below the root."""
    root = str(path[0])
    bound = scope.get(root) or Bound(Unknown.of(root, f"{root} is not there"), root)
    value = bound.value
    for depth, step in enumerate(path[1:], start=1):
        if isinstance(value, Unknown):
            break
        value = _step(value, step, bound.root, path[: depth + 1])
    return replace(bound, value=value, path=(*bound.path, *path[1:]))


def _step(value: Any, step: str | int, root: str, path: Path) -> Any:
    try:
        found = value[step]
    except (KeyError, IndexError, TypeError):
        found = None
    if found is None:
        return Unknown.of(root, f"{'.'.join(map(str, path))} is absent")
    return found


def _read(bound: Bound) -> Read:
    return Read(bound.root, JsonPointer.from_parts(bound.path).path)


def _reads(results: Iterable[Result]) -> tuple[Read, ...]:
    return _merge(*(result.reads for result in results))


def _gaps(results: Iterable[Result]) -> tuple[Gap, ...]:
    return _merge(*(result.gaps for result in results if not result.known))


def _merge(*groups: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(item for group in groups for item in group))


Parser = Callable[[str], Expression]
