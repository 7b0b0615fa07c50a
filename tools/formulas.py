"""The built-in statistics, each with the source of its formula."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist, fmean, stdev

from tools.statistic import statistic


@statistic(
    name="ratio",
    description="The part of a whole, as a fraction; none of nothing.",
    source="arithmetic",
)
def ratio(part: float, whole: float) -> float | None:
    """``part / whole``."""
    return part / whole if whole else None


@statistic(
    name="wilson_lower",
    description="The least that a rate can be, at the given confidence, after hits in total.",
    source="Wilson (1927), J. Am. Stat. Assoc. 22, 209-212: score interval, two-sided",
)
def wilson_lower(hits: int, total: int, confidence: float = 0.95) -> float | None:
    """The lower end of Wilson's score interval."""
    return _wilson(hits, total, confidence, -1)


@statistic(
    name="wilson_upper",
    description="The most that a rate can be, at the given confidence, after hits in total.",
    source="Wilson (1927), J. Am. Stat. Assoc. 22, 209-212: score interval, two-sided",
)
def wilson_upper(hits: int, total: int, confidence: float = 0.95) -> float | None:
    """The upper end of Wilson's score interval."""
    return _wilson(hits, total, confidence, +1)


def _wilson(hits: int, total: int, confidence: float, side: int) -> float | None:
    """(p + z²/2n ± z·√(p·q/n + z²/4n²)) / (1 + z²/n); None without trials."""
    if not 0 <= hits <= total:
        raise ValueError(f"{hits} of {total} cannot be")
    if not 0 < confidence < 1:
        raise ValueError(f"a confidence lies between 0 and 1, not at {confidence}")
    if total == 0:
        return None
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    p, spread = hits / total, z * z / total
    half = z * math.sqrt(p * (1 - p) / total + spread / (4 * total))
    if hits == (0 if side < 0 else total):  # the formula gives the very end, rounding would not
        return float(hits > 0)
    return (p + spread / 2 + side * half) / (1 + spread)


@statistic(
    name="burst_z",
    description="By how many standard deviations a count lies above what came before it.",
    source="standard score, with the sample standard deviation (n - 1) of the earlier counts",
)
def burst_z(count: float, earlier: Sequence[float]) -> float | None:
    """``(count - mean) / deviation``; none after fewer than two counts, or where all are equal."""
    if len(earlier) < 2:
        return None
    deviation = stdev(earlier)
    return (count - fmean(earlier)) / deviation if deviation else None


@statistic(
    name="poisson_z",
    description="By how many standard deviations a count lies above the one that is expected.",
    source="standard score of a Poisson count, whose variance is its mean",
)
def poisson_z(count: float, expected: float) -> float | None:
    """``(count - expected) / √expected``; none where nothing is expected."""
    return (count - expected) / math.sqrt(expected) if expected > 0 else None


STATISTICS = (ratio, wilson_lower, wilson_upper, burst_z, poisson_z)
