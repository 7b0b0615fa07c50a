"""Weighted sums, classes and tiers over factors, in three-valued logic.

A sum with unknown terms is a range, unless the SOP writes down what a missing component counts. A
class or a tier is known where every way in which the unknown could turn out leads to the same one.
Sums are exact: 0.1 and 0.2 make 0.3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import product
from typing import NamedTuple

from casewright.models import Value
from graphs.kinds import Domain
from graphs.logic import Expression
from graphs.scope import Gap, Scope, Unknown
from graphs.sum_schema import ClassificationSpec, SumSpec

Values = Mapping[str, Value | None]
"""Factor values by name; None for unknown."""

Domains = Mapping[str, Domain]
"""What values each factor can have, by name."""

Tiers = tuple[tuple[str, tuple[Expression, ...], bool], ...]
"""Tiers in order: name, conditions, and whether all of them must hold."""

MOST_UNKNOWN = 12
"""With more unknown factors a class counts as unknown: 4,096 ways are tried at most."""

UNREACHED = "otherwise"


class Range(NamedTuple):
    """The least and the most that a sum can be; equal where it is known."""

    low: Decimal
    high: Decimal


def met(spec: SumSpec, values: Values, domains: Domains) -> bool | Unknown:
    """Whether the sum reaches its threshold."""
    low, high = bounds(spec, values, domains)
    if low >= spec.threshold:
        return True
    if high < spec.threshold:
        return False
    return _unknown(_open(spec, values))


def bounds(spec: SumSpec, values: Values, domains: Domains) -> Range:
    """What the sum can be, the unknown terms over all values of their factors."""
    sure = sum((term for _, term in _known_terms(spec, values)), Decimal(0))
    missing = _open(spec, values)
    if spec.impute is not None and len(missing) <= spec.impute.at_most:
        counted = sure + sum(_imputed(spec, name, values) for name in missing)
        return Range(counted, counted)
    ranges = [_range(spec, name, domains) for name in missing]
    return Range(sure + sum(one.low for one in ranges), sure + sum(one.high for one in ranges))


def class_of(spec: ClassificationSpec, values: Values, domains: Domains) -> str | Unknown:
    """The class, or unknown where the unknown factors could change it."""
    undecidable = _beyond_imputing(spec, values)
    if undecidable:
        return _unknown(undecidable)
    open_names = sorted(
        {name for one in spec.classes.values() if not one.impute for name in _open(one, values)}
    )
    if any(domains[name].numeric for name in open_names):
        return _sure_class(spec, values, domains) or _unknown(open_names)
    return _same(open_names, values, lambda filled: _class(spec, filled, domains))


def tier_of(tiers: Tiers, scope: Scope) -> str | Unknown:
    """The first tier that holds; unknown where one before it may hold."""
    gaps: tuple[Gap, ...] = ()
    for name, conditions, every in tiers:
        holds, lacking = _holds(conditions, every, scope)
        gaps += lacking
        if holds is True:
            return Unknown(gaps) if gaps else name
    return Unknown(gaps) if gaps else UNREACHED


def _holds(
    conditions: tuple[Expression, ...], every: bool, scope: Scope
) -> tuple[bool | None, tuple[Gap, ...]]:
    """Kleene's conjunction or disjunction of the conditions; no condition always holds."""
    results = [condition.evaluate(scope) for condition in conditions]
    deciding = not every
    if results and any(result.value is deciding for result in results):
        return deciding, ()
    gaps = tuple(gap for result in results for gap in result.gaps if not result.known)
    return (None, gaps) if gaps else (every or not results, ())


def _class(spec: ClassificationSpec, values: Values, domains: Domains) -> str:
    reached: dict[str, Decimal] = {}
    for name, one in spec.classes.items():
        total = bounds(one, values, domains).low
        if total >= one.threshold:
            reached[name] = total
    if not reached:
        return spec.otherwise

    def order(name: str) -> tuple[int, Decimal, int]:
        group, place = _rank(spec, name)
        return group, -reached[name], place

    return min(reached, key=order)


def _rank(spec: ClassificationSpec, name: str) -> tuple[int, int]:
    """Place of the class's group, then of the class itself among equals."""
    groups = (*spec.precedence, "")
    return groups.index(spec.classes[name].group), spec.priority.index(name)


def _sure_class(spec: ClassificationSpec, values: Values, domains: Domains) -> str | None:
    """The class that wins however unknown numbers turn out, or None."""
    ranges = {name: bounds(one, values, domains) for name, one in spec.classes.items()}
    possible = [name for name, one in ranges.items() if one.high >= spec.classes[name].threshold]
    if not possible:
        return spec.otherwise
    for name in possible:
        reached = ranges[name].low >= spec.classes[name].threshold
        others = (other for other in possible if other != name)
        if reached and all(_beats(spec, ranges, name, other) for other in others):
            return name
    return None


def _beats(spec: ClassificationSpec, ranges: Mapping[str, Range], name: str, other: str) -> bool:
    (group, place), (other_group, other_place) = _rank(spec, name), _rank(spec, other)
    if group != other_group:
        return group < other_group
    least, most = ranges[name].low, ranges[other].high
    return least >= most if place < other_place else least > most


def _beyond_imputing(spec: ClassificationSpec, values: Values) -> list[str]:
    """Factors missing where more are than the SOP lets be imputed."""
    return [
        name
        for one in spec.classes.values()
        if one.impute is not None and len(_open(one, values)) > one.impute.at_most
        for name in _open(one, values)
    ]


def _same(open_names: list[str], values: Values, answer: Callable[[Values], str]) -> str | Unknown:
    if len(open_names) > MOST_UNKNOWN:
        return _unknown(open_names)
    answers = {
        answer({**values, **dict(zip(open_names, filled, strict=True))})
        for filled in product((True, False), repeat=len(open_names))
    }
    return answers.pop() if len(answers) == 1 else _unknown(open_names)


def _known_terms(spec: SumSpec, values: Values) -> Iterator[tuple[str, Decimal]]:
    for name, points in spec.points.items():
        if values.get(name) is not None:
            yield name, Decimal(points if values[name] else 0)
    for name, weight in spec.weights.items():
        if (value := values.get(name)) is not None:
            yield name, weight * Decimal(str(value))


def _imputed(spec: SumSpec, name: str, values: Values) -> Decimal:
    """What a missing component counts, as the SOP writes it down."""
    assert spec.impute is not None  # noqa: S101 - asked only where something is imputed
    weight = spec.weights.get(name)
    if spec.impute.missing != "largest":
        return Decimal(spec.impute.missing) * (1 if weight is None else weight)
    if weight is None:
        counted = [term for other, term in _known_terms(spec, values) if other in spec.points]
        return max(counted, default=Decimal(0))
    known = [Decimal(str(values[n])) for n in spec.weights if values.get(n) is not None]
    return weight * max(known, default=Decimal(0))


def _range(spec: SumSpec, name: str, domains: Domains) -> Range:
    """What one unknown term can count."""
    if name in spec.points:
        ends = (Decimal(0), Decimal(spec.points[name]))
    else:
        domain, weight = domains[name], spec.weights[name]
        ends = (weight * Decimal(str(domain.low)), weight * Decimal(str(domain.high)))
    return Range(min(ends), max(ends))


def _open(spec: SumSpec, values: Values) -> list[str]:
    return [name for name in spec.terms if values.get(name) is None]


def _unknown(names: Iterable[str]) -> Unknown:
    return Unknown(tuple(Gap(name, f"{name} is unknown") for name in dict.fromkeys(names)))
