"""Weighted sums, classes and tiers over factors, in three-valued logic.

A sum with unknown terms is a range, unless the SOP writes down what a missing component counts. A
class or a tier is known where every way in which the unknown could turn out leads to the same one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import product

from graphs.logic import Expression
from graphs.schema import ClassificationSpec, ImputeSpec, SumSpec
from graphs.scope import Gap, Scope, Unknown

Values = Mapping[str, bool | None]
"""Factor values by name; None for unknown."""

Tiers = tuple[tuple[str, tuple[Expression, ...], bool], ...]
"""Tiers in order: name, conditions, and whether all of them must hold."""

MOST_UNKNOWN = 12
"""With more unknown factors a class counts as unknown: 4,096 ways are tried at most."""

UNREACHED = "otherwise"


def met(spec: SumSpec, values: Values) -> bool | Unknown:
    """Whether the sum reaches its threshold."""
    low, high = bounds(spec, values)
    if low >= spec.threshold:
        return True
    if high < spec.threshold:
        return False
    return _unknown(_open(spec.points, values))


def bounds(spec: SumSpec, values: Values) -> tuple[int, int]:
    """The least and the most that the sum can be; equal where it is known."""
    missing = _open(spec.points, values)
    sure = sum(points for name, points in spec.points.items() if values.get(name))
    if spec.impute is not None and len(missing) <= spec.impute.at_most:
        counted = sure + len(missing) * _imputed(spec.impute, spec.points, values)
        return counted, counted
    open_points = [spec.points[name] for name in missing]
    return sure + sum(min(0, p) for p in open_points), sure + sum(max(0, p) for p in open_points)


def class_of(spec: ClassificationSpec, values: Values) -> str | Unknown:
    """The class, or unknown where the unknown factors could change it."""
    undecidable = _beyond_imputing(spec, values)
    if undecidable:
        return _unknown(undecidable)
    open_names = sorted(
        {
            name
            for one in spec.classes.values()
            if one.impute is None
            for name in _open(one.points, values)
        }
    )
    return _same(open_names, values, lambda filled: _class(spec, filled))


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


def _class(spec: ClassificationSpec, values: Values) -> str:
    reached = {
        name: bounds(one, values)[0]
        for name, one in spec.classes.items()
        if bounds(one, values)[0] >= one.threshold
    }
    if not reached:
        return spec.otherwise
    groups = (*spec.precedence, "")
    return min(
        reached,
        key=lambda name: (
            groups.index(spec.classes[name].group),
            -reached[name],
            spec.priority.index(name),
        ),
    )


def _beyond_imputing(spec: ClassificationSpec, values: Values) -> list[str]:
    """Factors missing where more are than the SOP lets be imputed."""
    return [
        name
        for one in spec.classes.values()
        if one.impute is not None and len(_open(one.points, values)) > one.impute.at_most
        for name in _open(one.points, values)
    ]


def _same(open_names: list[str], values: Values, answer: Callable[[Values], str]) -> str | Unknown:
    if len(open_names) > MOST_UNKNOWN:
        return _unknown(open_names)
    answers = {
        answer({**values, **dict(zip(open_names, filled, strict=True))})
        for filled in product((True, False), repeat=len(open_names))
    }
    return answers.pop() if len(answers) == 1 else _unknown(open_names)


def _imputed(impute: ImputeSpec, points: Mapping[str, int], values: Values) -> int:
    if impute.missing != "largest":
        return impute.missing
    known = [p if values[name] else 0 for name, p in points.items() if values.get(name) is not None]
    return max(known, default=0)


def _open(points: Mapping[str, int], values: Values) -> list[str]:
    return [name for name in points if values.get(name) is None]


def _unknown(names: Iterable[str]) -> Unknown:
    return Unknown(tuple(Gap(name, f"{name} is unknown") for name in dict.fromkeys(names)))
