"""The decision table: first match in three-valued logic, and how stable its answer is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from graphs.schema import ScoreSpec
from graphs.scope import Bound, Gap, Scope, Unknown
from graphs.sop import SCORES, Row, Sop

Values = Mapping[str, bool | None]
"""Factor values by name; None for unknown."""


@dataclass(frozen=True)
class Match:
    """What the table says.

    Attributes:
        row: The row that decides, or None where none can.
        passed: Rows before it that are false: the decision rests on that as well.
        undecided: Rows before it that hang on unknown factors but would decide the same.
        blocked: Where ``row`` is None: the unknown factors that keep the table from deciding.
    """

    row: Row | None
    passed: tuple[Row, ...] = ()
    undecided: tuple[Row, ...] = ()
    blocked: tuple[str, ...] = ()


def match(sop: Sop, values: Values, *, applies: Callable[[Row], bool] = lambda row: True) -> Match:
    """Walk the rows in order, after DMN's hit policy ``first``.

    A row that hangs on an unknown factor blocks the table, unless the row that decides in the end
    has the same outcome: then the unknown cannot change anything, since the doubtful row leads
    there whether it matches or not.

    Args:
        sop: The procedure.
        values: The factors.
        applies: Whether a row's clauses are in force; rows that do not apply are passed over.
    """
    scope = table_scope(sop, values)
    passed: list[Row] = []
    doubtful: list[tuple[Row, tuple[Gap, ...]]] = []
    for row in filter(applies, sop.rows):
        result = row.condition.evaluate(scope)
        if result.value is True:
            return _decided(row, passed, doubtful)
        if result.known:
            passed.append(row)
        else:
            doubtful.append((row, result.gaps))
    return Match(None, tuple(passed), blocked=_roots(doubtful))


def _decided(row: Row, passed: list[Row], doubtful: list[tuple[Row, tuple[Gap, ...]]]) -> Match:
    differing = [(other, gaps) for other, gaps in doubtful if other.spec.then != row.spec.then]
    if differing:
        return Match(None, tuple(passed), blocked=_roots(differing))
    return Match(row, tuple(passed), undecided=tuple(other for other, _ in doubtful))


def stability(
    sop: Sop, values: Values, *, applies: Callable[[Row], bool] = lambda row: True
) -> int | None:
    """The fewest known factors that must flip to change the outcome; None where none do.

    Factors that the table does not read are left out. Sets are tried smallest first, so the cost
    is small for the fragile decisions that matter.
    """
    outcome = _outcome(match(sop, values, applies=applies))
    known = [name for name in _read_by_table(sop) if values.get(name) is not None]
    for size in range(1, len(known) + 1):
        for flipped in combinations(known, size):
            changed = {**values, **{name: not values[name] for name in flipped}}
            if _outcome(match(sop, changed, applies=applies)) != outcome:
                return size
    return None


def table_scope(sop: Sop, values: Values) -> Scope:
    """Factors and scores as the rows' conditions see them."""
    names = {name: _bound(name, values.get(name)) for name in sop.factors}
    scores = {name: {"met": _met(spec, values)} for name, spec in sop.spec.scores.items()}
    return {**names, SCORES: Bound(scores, SCORES)}


def factors_of(sop: Sop, row: Row) -> tuple[str, ...]:
    """The factors a row's condition reads, those of its scores included, in the SOP's order."""
    names: set[str] = set()
    for path in row.condition.node.paths():
        scored = path[0] == SCORES
        names |= set(sop.spec.scores[str(path[1])].points) if scored else {str(path[0])}
    return tuple(name for name in sop.factors if name in names)


def _bound(name: str, value: bool | None) -> Bound:
    return Bound(Unknown.of(name, f"{name} is unknown") if value is None else value, name)


def _met(spec: ScoreSpec, values: Values) -> bool | Unknown:
    """A score with unknown terms is a range: met from its lower end, not met below its upper."""
    sure = sum(points for name, points in spec.points.items() if values.get(name))
    open_terms = {name: p for name, p in spec.points.items() if values.get(name) is None}
    low = sure + sum(points for points in open_terms.values() if points < 0)
    high = sure + sum(points for points in open_terms.values() if points > 0)
    if low >= spec.threshold:
        return True
    if high < spec.threshold:
        return False
    return Unknown(tuple(Gap(name, f"{name} is unknown") for name in open_terms))


def _outcome(found: Match) -> str | None:
    return found.row.spec.then if found.row else None


def _roots(doubtful: list[tuple[Row, tuple[Gap, ...]]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(gap.root for _, gaps in doubtful for gap in gaps))


def _read_by_table(sop: Sop) -> Iterator[str]:
    read = {name for row in sop.rows for name in factors_of(sop, row)}
    return (name for name in sop.factors if name in read)
