"""From which confidence on nobody need be asked: Learn then Test.

For each slice the thresholds of a grid are hypotheses "the error at or above it exceeds the
target". They are tested from strict to lenient, each by the exact binomial test on cases that the
confidence was not learned from, until one cannot be rejected (Angelopoulos, Bates, Candès, Jordan
and Lei 2021, "Learn then Test: calibrating predictive algorithms to achieve risk control": fixed
sequence testing with several starts, each of which has its part of the error rate). The chance that
any slice's threshold is wrong is at most delta in all, by Bonferroni's correction over the slices;
then the error of all that passes is within the target too.

Which slices are tested, and the grid, depend on confidences and counts alone, never on who was
right. Cases of one seller are not independent: they count as if they were one and the same, by
Kish's effective size (1965) in its worst case, (sum of m)² / (sum of m²) for m cases a seller, the
errors rounded up.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from casewright.calibration import Slice
from casewright.models import ESCALATE
from casewright.profile import Profile

STARTS: Final = (250, 800)
"""How many of the surest cases of a slice a sequence of tests starts with; where it has fewer than
the second, there is one sequence, and where it has fewer than the first, that starts with all."""
LEVELS: Final = 24
"""Into how many shares a slice is cut for the grid."""
LEAST_TESTED: Final = 100
"""With fewer reviewed cases a slice is not tested, and takes no part of the error rate."""
REGION_LEAST: Final = 400
"""With fewer a region has no slice of its own."""
POWER: Final = 0.8
"""With which probability the reviews that are said to be needed suffice."""
MOST_NEEDED: Final = 1_000_000


@dataclass(frozen=True)
class Tried:
    """A reviewed case that a threshold is tested on."""

    profile: Profile
    right: bool
    party: str
    score: float


@dataclass(frozen=True)
class Level:
    """What lies at or above one threshold of the grid: counts, and the same as independent."""

    threshold: float
    accepted: int
    errors: int
    cases: int
    wrong: int


def thresholds(
    tested: Sequence[Tried],
    grid: Callable[[str], Sequence[float]],
    *,
    target: float,
    delta: float,
    outcomes: Collection[str] | None = None,
) -> tuple[Slice, ...]:
    """The slices of an SOP with their thresholds, or with what is needed for one.

    Args:
        tested: Reviewed cases that neither the confidence nor the grid was learned from.
        grid: The confidences to try for an outcome, from strict to lenient.
        target: The greatest error among what passes, 0 to 1.
        delta: The greatest chance that a threshold is wrong, over all slices.
        outcomes: The outcomes that may ever pass; None: all but ``escalate``.
    """
    parts = _parts(tested, outcomes)
    counted = [key for key, cases in parts.items() if len(cases) >= LEAST_TESTED]
    each = delta / max(len(counted), 1)
    return tuple(
        _slice(key, cases, grid(key[0]) if key in counted else (), target, each)
        for key, cases in sorted(parts.items())
    )


def _parts(
    tested: Sequence[Tried], outcomes: Collection[str] | None
) -> dict[tuple[str, str], list[Tried]]:
    passing = [
        one
        for one in tested
        if one.profile.outcome != ESCALATE and (outcomes is None or one.profile.outcome in outcomes)
    ]
    sizes = Counter((one.profile.outcome, one.profile.region) for one in passing)
    found: dict[tuple[str, str], list[Tried]] = {}
    for one in passing:
        key = (one.profile.outcome, one.profile.region)
        found.setdefault(key if sizes[key] >= REGION_LEAST else (key[0], ""), []).append(one)
    return found


def _slice(
    key: tuple[str, str],
    cases: Sequence[Tried],
    grid: Sequence[float],
    target: float,
    delta: float,
) -> Slice:
    levels = _levels(cases, grid)
    starts = _starts(len(cases))
    each = delta / len(starts)
    passed = _passed(levels, starts, target, each)
    if passed is not None:
        found = {"threshold": passed.threshold, **_figures(passed, each)}
    else:
        best = min(levels, key=lambda one: (p_value(one, target), -one.accepted), default=None)
        found = _figures(best, each) if best else {}
        found["needed"] = _needed(best, cases, target, each)
    return Slice.model_validate(
        {"outcome": key[0], "region": key[1], "reviews": len(cases), "delta": delta, **found}
    )


def _figures(level: Level, delta: float) -> dict[str, Any]:
    upper = upper_bound(level.wrong, level.cases, delta)
    return {"accepted": level.accepted, "errors": level.errors, "upper": upper}


def _levels(cases: Sequence[Tried], grid: Sequence[float]) -> list[Level]:
    import numpy as np

    scores = np.array([one.score for one in cases])
    wrong = np.array([not one.right for one in cases])
    parties = np.unique([one.party for one in cases], return_inverse=True)[1]
    found = []
    for threshold in grid:
        taken = scores >= threshold
        sizes = np.bincount(parties[taken])
        counts = int(taken.sum()), int(wrong[taken].sum()), int((sizes**2).sum())
        found.append(_level(threshold, *counts))
    return found


def _level(threshold: float, accepted: int, errors: int, squares: int) -> Level:
    effective = accepted**2 // squares if squares else 0
    # Rounded before the ceiling: 3 · 10 / 10 must stay 3.
    wrong = math.ceil(round(errors * effective / accepted, 9)) if accepted else 0
    return Level(threshold, accepted, errors, effective, wrong)


def _starts(size: int) -> tuple[int, ...]:
    first, second = STARTS
    return STARTS if size >= second else (min(first, size),)


def _passed(
    levels: Sequence[Level], starts: Sequence[int], target: float, delta: float
) -> Level | None:
    """The most lenient level that a sequence of tests reaches from one of the starts."""
    reached = -1
    for start in starts:
        place = next((n for n, one in enumerate(levels) if one.accepted >= start), len(levels))
        while place < len(levels) and _holds(levels[place], target, delta):
            reached = max(reached, place)
            place += 1
    return levels[reached] if reached >= 0 else None


def _holds(level: Level, target: float, delta: float) -> bool:
    return level.cases > 0 and p_value(level, target) <= delta


def p_value(level: Level, target: float) -> float:
    """How likely so few errors are, were the error the target: the binomial's lower tail."""
    from scipy.stats import binom

    return float(binom.cdf(level.wrong, level.cases, target)) if level.cases else 1.0


def upper_bound(errors: int, cases: int, delta: float) -> float:
    """The error that is not exceeded, with confidence 1 - delta (Clopper and Pearson 1934)."""
    from scipy.stats import beta

    return float(beta.ppf(1 - delta, errors + 1, cases - errors)) if errors < cases else 1.0


def errorless(target: float, delta: float) -> int:
    """How many cases without an error show that the error is within the target."""
    return math.ceil(math.log(delta) / math.log(1 - target))


def _needed(best: Level | None, cases: Sequence[Tried], target: float, delta: float) -> int | None:
    """How many more reviews of the slice; None where the surest err too often for any number."""
    wrong, seen = (best.wrong, best.cases) if best is not None else (0, 0)
    enough = _enough((wrong + 0.5) / (seen + 1) if seen else 0.0, target, delta)
    if enough is None:
        return None
    share = best.cases / len(cases) if best is not None and best.cases else 1.0
    return max(1, math.ceil(enough / share) - len(cases), LEAST_TESTED - len(cases))


def _enough(error: float, target: float, delta: float) -> int | None:
    """The accepted cases with which the test succeeds with probability ``POWER``, exactly."""
    import numpy as np
    from scipy.stats import binom

    if error >= target:
        return None
    count = errorless(target, delta)
    while count <= MOST_NEEDED:
        allowed = binom.ppf(delta, count, target)
        allowed -= binom.cdf(allowed, count, target) > delta
        if allowed >= 0 and float(np.asarray(binom.cdf(allowed, count, error))) >= POWER:
            return count
        count = math.ceil(count * 1.02) + 1
    return None
