"""Intervals for proportions. Every rate that casewright prints carries one."""

from __future__ import annotations

import math
from typing import NamedTuple

Z95 = 1.959963984540054
"""Standard normal quantile of 0.975: two-sided 95%."""


class Interval(NamedTuple):
    """Lower and upper end, both within 0 to 1."""

    low: float
    high: float


def wilson(hits: float, n: float, z: float = Z95, *, effect: float = 1.0) -> Interval:
    """Wilson's score interval for a proportion.

    With p = hits / n and q = 1 - p it is (p + z²/2n ± z·√(p·q/n + z²/4n²)) / (1 + z²/n).
    Source: Wilson (1927); recommended over the Wald interval by Brown, Cai and DasGupta (2001).

    Args:
        hits: Successes, 0 to ``n``; a sum of values within 0 to 1 will do, whose variance is less.
        n: Trials; with none nothing is known, and the interval is 0 to 1.
        z: Standard normal quantile; 95% two-sided by default.
        effect: Design effect of clusters, by which both counts are divided: the effective sample
            size (Rao and Scott 1992). See :func:`evals.sellers.effect_of`.

    Returns:
        The interval; it always holds hits / n.

    Raises:
        ValueError: ``hits`` is not within 0 to ``n``.
    """
    if not 0 <= hits <= n:
        raise ValueError(f"{hits} successes in {n} trials cannot be.")
    if n == 0:
        return Interval(0.0, 1.0)
    size = n / effect
    p, spread = hits / n, z * z / size
    centre = p + spread / 2
    half = z * math.sqrt(p * (1 - p) / size + spread / (4 * size))
    # At the ends the formula gives 0 and 1 exactly; rounding would miss them by 1e-17.
    low = 0.0 if hits == 0 else (centre - half) / (1 + spread)
    high = 1.0 if hits == n else (centre + half) / (1 + spread)
    return Interval(low, high)
