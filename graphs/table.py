"""The decision table in three-valued logic: which rows decide, and how stable the answer is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, product

from casewright.models import ALWAYS_OUTCOMES, ESCALATE, REQUEST_INFORMATION, Value
from graphs.compared import measured
from graphs.scope import Bound, Gap, Path, Scope, Unknown
from graphs.sop import CLASSES, SCORES, TIERS, Row, Sop
from graphs.sums import Values, class_of, met, tier_of


@dataclass(frozen=True)
class Match:
    """What the table says.

    Attributes:
        row: The row that decides, or None where none can.
        passed: Rows that would go before it and are false: the decision rests on that as well.
        undecided: Rows that hang on unknown factors, but cannot change the outcome.
        also: Rows that match together with it, under hit policy ``collect``.
        blocked: Where ``row`` is None: the unknown factors that keep the table from deciding.
        clashing: Where ``row`` is None: rows that match together under hit policy ``unique``.
    """

    row: Row | None
    passed: tuple[Row, ...] = ()
    undecided: tuple[Row, ...] = ()
    also: tuple[Row, ...] = ()
    blocked: tuple[str, ...] = ()
    clashing: tuple[Row, ...] = ()


@dataclass(frozen=True)
class _Met:
    """The rows as they meet the factors, in the order in which they are asked."""

    true: tuple[Row, ...]
    false: tuple[Row, ...]
    doubtful: tuple[tuple[Row, tuple[Gap, ...]], ...]


def match(sop: Sop, values: Values, *, applies: Callable[[Row], bool] = lambda row: True) -> Match:
    """Find the row that decides, after the table's hit policy (DMN).

    A row that hangs on an unknown factor blocks the table, unless the row that decides in the end
    has the same outcome: then the unknown cannot change anything, since the doubtful row leads
    there whether it matches or not. Under ``unique`` it always blocks, because it might clash;
    under ``collect`` it does where its outcome would go before the collected one.

    Args:
        sop: The procedure.
        values: The factors.
        applies: Whether a row's clauses are in force; rows that do not apply are passed over.
    """
    rows = [row for row in in_order(sop) if applies(row)]
    if sop.spec.decision.hit_policy == "unique":
        return _only(_met_by(sop, rows, values))
    if sop.spec.decision.hit_policy == "collect":
        return _collected(sop, _met_by(sop, rows, values))
    return _first(_met_by(sop, rows, values, stop=True))


def in_order(sop: Sop) -> list[Row]:
    """The rows in the order in which they decide: by their outcome where that is what counts."""
    if sop.spec.decision.hit_policy not in ("priority", "collect"):
        return list(sop.rows)
    outcomes = ranked(sop)
    return sorted(sop.rows, key=lambda row: (outcomes.index(row.spec.outcome), row.number))


def ranked(sop: Sop) -> tuple[str, ...]:
    """The outcomes in the order in which one goes before another.

    Under ``collect`` a row that asks for a person or for information goes before all others, since
    no other row can speak for it; then the strictest comes first, or the mildest.
    """
    decision = sop.spec.decision
    if decision.hit_policy != "collect":
        return sop.outcomes
    own = [outcome for outcome in sop.spec.outcomes if outcome not in ALWAYS_OUTCOMES]
    ordered = own if decision.aggregate == "strictest" else reversed(own)
    return (ESCALATE, REQUEST_INFORMATION, *ordered)


def going_before(sop: Sop, number: int) -> tuple[int, ...]:
    """The numbers of the rows that keep this one from deciding where they match."""
    numbers = [row.number for row in in_order(sop)]
    if sop.spec.decision.hit_policy == "unique":
        return tuple(other for other in numbers if other != number)
    return tuple(numbers[: numbers.index(number)])


def _met_by(sop: Sop, rows: list[Row], values: Values, *, stop: bool = False) -> _Met:
    scope = table_scope(sop, values)
    true: list[Row] = []
    false: list[Row] = []
    doubtful: list[tuple[Row, tuple[Gap, ...]]] = []
    for row in rows:
        result = row.condition.evaluate(scope)
        if not result.known:
            doubtful.append((row, result.gaps))
        elif result.value:
            true.append(row)
            if stop:
                break
        else:
            false.append(row)
    return _Met(tuple(true), tuple(false), tuple(doubtful))


def _first(rows: _Met) -> Match:
    if not rows.true:
        return Match(None, rows.false, blocked=_roots(rows.doubtful))
    (row,) = rows.true
    differing = [d for d in rows.doubtful if d[0].spec.then != row.spec.then]
    if differing:
        return Match(None, rows.false, blocked=_roots(differing))
    return Match(row, rows.false, undecided=tuple(other for other, _ in rows.doubtful))


def _only(rows: _Met) -> Match:
    if len(rows.true) > 1:
        return Match(None, rows.false, clashing=rows.true)
    if rows.doubtful or not rows.true:
        return Match(None, rows.false, blocked=_roots(rows.doubtful))
    return Match(rows.true[0], rows.false)


def _collected(sop: Sop, rows: _Met) -> Match:
    """The outcome that goes before those of all other rows that match, and those rows."""
    if not rows.true:
        return Match(None, rows.false, blocked=_roots(rows.doubtful))
    row, *also = rows.true
    rank = ranked(sop).index
    before = {o for o in ranked(sop) if rank(o) < rank(row.spec.outcome)}
    differing = [
        d
        for d in rows.doubtful
        if d[0].spec.outcome in before
        or (d[0].spec.outcome == row.spec.outcome and d[0].spec.then != row.spec.then)
    ]
    passed = tuple(one for one in rows.false if one.spec.outcome in before)
    if differing:
        return Match(None, passed, blocked=_roots(differing))
    undecided = tuple(other for other, _ in rows.doubtful)
    return Match(row, passed, undecided=undecided, also=tuple(also))


def stability(
    sop: Sop, values: Values, *, applies: Callable[[Row], bool] = lambda row: True
) -> int | None:
    """The fewest known factors that must change to change the outcome; None where none do.

    Factors that the table does not read are left out. Sets are tried smallest first, so the cost
    is small for the fragile decisions that matter.
    """
    outcome = _outcome(match(sop, values, applies=applies))
    changes = nearest(
        sop, values, lambda changed: _outcome(match(sop, changed, applies=applies)) != outcome
    )
    return None if changes is None else len(changes)


def nearest(sop: Sop, values: Values, wanted: Callable[[Values], bool]) -> dict[str, Value] | None:
    """The smallest change of known factors that leads to what is wanted; None where none does.

    Sets of factors are tried smallest first, and of a number the values on both sides of whatever
    the table compares it with, the nearest first. The table reads no other factors, so others are
    left alone.
    """
    known = [name for name in read_by_table(sop) if values.get(name) is not None]
    others = {name: tuple(_others(sop, name, values[name])) for name in known}
    for size in range(1, len(known) + 1):
        for names in combinations(known, size):
            for tried in product(*(others[name] for name in names)):
                changes = dict(zip(names, tried, strict=True))
                if wanted({**values, **changes}):
                    return changes
    return None


def _others(sop: Sop, name: str, value: Value | None) -> Iterator[Value]:
    if value is not None:
        yield from sop.factors[name].domain.others(value, cuts(sop, name))


def cuts(sop: Sop, name: str) -> tuple[float, ...]:
    """The numbers that rows and tiers compare a factor with."""
    conditions = [row.condition for row in sop.rows]
    conditions += [one for tiers in sop.tiers.values() for _, listed, _ in tiers for one in listed]
    found = (measure for condition in conditions for measure in measured(condition.node))
    return tuple(sorted({m.number for m in found if m.path == (name,) and m.number is not None}))


def table_scope(sop: Sop, values: Values) -> Scope:
    """Factors, scores, classes and tiers as the rows' conditions see them."""
    names = {name: _bound(name, values.get(name)) for name in sop.factors}
    domains = {name: rule.domain for name, rule in sop.factors.items()}
    scores = {name: {"met": met(one, values, domains)} for name, one in sop.spec.scores.items()}
    classes = {
        name: class_of(one, values, domains) for name, one in sop.spec.classifications.items()
    }
    scope = {**names, SCORES: Bound(scores, SCORES), CLASSES: Bound(classes, CLASSES)}
    tiers = {name: tier_of(one, scope) for name, one in sop.tiers.items()}
    return {**scope, TIERS: Bound(tiers, TIERS)}


def factors_of(sop: Sop, row: Row) -> tuple[str, ...]:
    """The factors a row's condition reads, directly or through sums, classes and tiers."""
    names = factors_behind(sop, row.condition.node.paths())
    return tuple(name for name in sop.factors if name in names)


def factors_behind(sop: Sop, paths: Iterable[Path]) -> frozenset[str]:
    """The factors that stand behind paths over factors, scores, classes and tiers."""
    names: set[str] = set()
    for path in paths:
        match path:
            case (root, name, *_) if root == SCORES:
                names |= set(sop.spec.scores[str(name)].terms)
            case (root, name, *_) if root == CLASSES:
                classes = sop.spec.classifications[str(name)].classes.values()
                names |= {factor for one in classes for factor in one.terms}
            case (root, name, *_) if root == TIERS:
                inner = (c.node.paths() for _, listed, _ in sop.tiers[str(name)] for c in listed)
                names |= factors_behind(sop, [path for paths in inner for path in paths])
            case (root, *_):
                names.add(str(root))
    return frozenset(names)


def _bound(name: str, value: Value | None) -> Bound:
    return Bound(Unknown.of(name, f"{name} is unknown") if value is None else value, name)


def _outcome(found: Match) -> str | None:
    return found.row.spec.outcome if found.row else None


def _roots(doubtful: Iterable[tuple[Row, tuple[Gap, ...]]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(gap.root for _, gaps in doubtful for gap in gaps))


def read_by_table(sop: Sop) -> Iterator[str]:
    """The factors that some row reads, in the SOP's order."""
    read = {name for row in sop.rows for name in factors_of(sop, row)}
    return (name for name in sop.factors if name in read)
