"""How far factor profiles agree: Gower's coefficient, each fact weighted by what it tells.

A fact that ends the same way whichever value it has tells nothing, however often two cases agree in
it. So the candidates themselves weigh the facts: each by its information gain (Quinlan 1986) on
their outcomes, less the gain that mere chance shows in so few cases (Miller 1955).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from casewright.models import ClosedCase, Value

FLOOR = 0.05
"""Bits that any fact counts for, so that none that is known on both sides is without effect."""

RANK_COST = 0.05
"""What a rank e times as far costs: the weight of one fact among twenty. Chosen on sandbox seed 301
(``benchmarks/precedents.py`` measures on others); from 0.02 to 0.1 the choice hardly matters.
"""

Profile = Mapping[str, Value]


@dataclass(frozen=True)
class Candidate:
    """A closed case on its way to being a precedent.

    Attributes:
        closed: The case.
        score: Its fused score, higher is nearer.
        agreement: How far its facts agree, see :func:`agreements`.
    """

    closed: ClosedCase
    score: float
    agreement: float | None = None


def ranked(profile: Profile, candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The candidates by agreement of their facts less ``RANK_COST`` by ln of their rank so far.

    So among cases of like facts those go first whose words are nearer. Without a fact known on both
    sides all stay as they are.

    Args:
        profile: What is known of the case that asks.
        candidates: Closed cases that the guard let pass, by falling fused score.
    """
    measured = agreements(profile, [one.closed for one in candidates])
    told = [replace(one, agreement=same) for one, same in zip(candidates, measured, strict=True)]
    costs = [RANK_COST * math.log(rank) for rank in range(1, len(told) + 1)]
    order = sorted(range(len(told)), key=lambda i: costs[i] - (told[i].agreement or 0.0))
    return tuple(told[i] for i in order)


def agreements(profile: Profile, candidates: Sequence[ClosedCase]) -> tuple[float | None, ...]:
    """How far each candidate's facts agree with a profile (Gower 1971).

    In one fact two cases agree by 1 where they are the same and 0 where not; numbers by 1 less
    their distance over the range among all that are compared. The coefficient is the mean over the
    profile's facts, weighted by :func:`weights`. A fact that the candidate does not know counts as
    the mean of those that do, so that nobody gains by knowing little.

    Args:
        profile: What is known of the case that asks; what is unknown is left out.
        candidates: Closed cases that the guard let pass.

    Returns:
        A number from 0 to 1 for each candidate, in their order; None for all of them where no fact
        is known on both sides.
    """
    known = [name for name in profile if any(name in one.facts for one in candidates)]
    if not known:
        return (None,) * len(candidates)
    weighed = weights(known, candidates)
    total = sum(weighed.values())
    columns = [
        _column(profile[name], [one.facts.get(name) for one in candidates]) for name in known
    ]
    return tuple(
        sum(weighed[name] * same for name, same in zip(known, row, strict=True)) / total
        for row in zip(*columns, strict=True)
    )


def weights(names: Iterable[str], candidates: Sequence[ClosedCase]) -> dict[str, float]:
    """What each fact tells of the candidates' outcomes, in bits; never less than ``FLOOR``."""
    return {name: FLOOR + _gain(name, candidates) for name in names}


def _column(value: Value, others: Sequence[Value | None]) -> list[float]:
    """Agreement of a value with each other one; what is unknown counts as the mean."""
    numbers = [n for n in map(_number, (value, *others)) if n is not None]
    span = max(numbers) - min(numbers) if numbers else 0.0
    same = [None if other is None else _same(value, other, span) for other in others]
    known = [one for one in same if one is not None]
    mean = sum(known) / len(known)
    return [mean if one is None else one for one in same]


def _same(value: Value, other: Value, span: float) -> float:
    here, there = _number(value), _number(other)
    if span and here is not None and there is not None:
        return 1 - abs(here - there) / span
    return float(value == other)


def _gain(name: str, candidates: Sequence[ClosedCase]) -> float:
    """The entropy of the outcomes less what is left of it once the fact is known."""
    told = [(one.facts[name], one.outcome) for one in candidates if name in one.facts]
    numbers = [n for n in (_number(value) for value, _ in told) if n is not None]
    middle = median(numbers) if numbers else 0.0
    classes = [(_class(value, middle), outcome) for value, outcome in told]
    values, ends = Counter(value for value, _ in classes), Counter(end for _, end in classes)
    gain = _entropy(values.values()) + _entropy(ends.values()) - _entropy(Counter(classes).values())
    chance = (len(values) - 1) * (len(ends) - 1) / (2 * math.log(2) * max(1, len(told)))
    return max(0.0, gain - chance)


def _class(value: Value, middle: float) -> Value:
    """The value itself, or on which side of the middle a number lies."""
    number = _number(value)
    return value if number is None else number > middle


def _entropy(counts: Iterable[int]) -> float:
    shares = [count for count in counts if count]
    total = sum(shares)
    return -sum(n / total * math.log2(n / total) for n in shares)


def _number(value: Value | None) -> float | None:
    """The value where it is a number; true and false are none."""
    return None if value is None or isinstance(value, (bool, str)) else float(value)
