"""The sellers that cases belong to: the cases of one are alike, so statistics go by seller."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from casewright.intervals import Z95
from casewright.models import GoldCase
from evals.scored import Scored

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Places = NDArray[np.int64]

Seller = tuple[int, str]


class Sum(NamedTuple):
    """What counts in a seller's cases, and out of what."""

    hits: float
    n: float


def seller_of(gold: GoldCase) -> Seller:
    """The seller of a gold case; every simulated world has sellers of its own."""
    return (-1 if gold.seed is None else gold.seed), gold.seller_id


def sums(scored: Iterable[Scored], share: Callable[[Scored], tuple[float, float]]) -> list[Sum]:
    """The sums of each seller's cases, without sellers of whom nothing counts.

    Args:
        scored: The cases.
        share: What a case adds to the numerator and to the denominator.
    """
    found: dict[Seller, Sum] = {}
    for one in scored:
        hits, n = share(one)
        if n:
            before = found.get(seller_of(one.gold), Sum(0, 0))
            found[seller_of(one.gold)] = Sum(before.hits + hits, before.n + n)
    return list(found.values())


def places(scored: Sequence[Scored]) -> Places:
    """The number of each case's seller, counted from 0 in the order in which they first appear."""
    import numpy as np

    known: dict[Seller, int] = {}
    numbers = [known.setdefault(seller_of(one.gold), len(known)) for one in scored]
    return np.array(numbers, dtype=np.int64)


def totals(scored: Sequence[Scored], columns: Sequence[Sequence[float]]) -> Floats:
    """Sums of each seller's cases, of shape (sellers, columns).

    Args:
        scored: The cases.
        columns: What each case adds, one sequence as long as ``scored`` a column.
    """
    import numpy as np

    at = places(scored)
    size = int(at.max(initial=-1)) + 1
    each = [np.bincount(at, np.asarray(one, dtype=np.float64), size) for one in columns]
    return np.stack(each, axis=1).astype(np.float64)


def effect_of(by_seller: Sequence[Sum]) -> float:
    """Design effect of a proportion: how many times the variance is that of independent cases.

    The variance is that of a ratio between clusters, v = m / (m - 1) · Σ(yᵢ - p·xᵢ)² / (Σxᵢ)²,
    over p·q / Σxᵢ (Kish 1965; dividing counts by it: Rao and Scott 1992). As v rests on m sellers
    only, it is multiplied by (t / z)² with m - 1 degrees of freedom (Korn and Graubard 1998). It
    is at least 1, and at most Σxᵢ² / Σxᵢ, which is reached where a seller's cases are all alike:
    with one case a seller it is 1. Where p is 0 or 1, which tells nothing of likeness, the ratio
    of variances is taken to be 1.

    Args:
        by_seller: yᵢ of xᵢ for each seller.
    """
    total = sum(one.n for one in by_seller)
    if total == 0:
        return 1.0
    most = sum(one.n**2 for one in by_seller) / total
    p, m = math.fsum(one.hits for one in by_seller) / total, len(by_seller)
    if m == 1 or most == 1:
        return most
    ratio = 1.0
    if 0 < p < 1:
        # Exactly summed, so that the order of the cases does not matter.
        between = m / (m - 1) * math.fsum((one.hits - p * one.n) ** 2 for one in by_seller)
        ratio = between / total / (p * (1 - p))
    return max(1.0, min(most, ratio * (t95(m - 1) / Z95) ** 2))


def mean_effect(scored: Sequence[Scored], values: Sequence[float]) -> float:
    """Design effect of the mean of a value of each case; see :func:`effect_of`."""
    found: dict[Seller, Sum] = {}
    mean = math.fsum(values) / len(values)
    for one, value in zip(scored, values, strict=True):
        before = found.get(seller_of(one.gold), Sum(0, 0))
        found[seller_of(one.gold)] = Sum(before.hits + value - mean, before.n + 1)
    m, most = len(found), sum(one.n**2 for one in found.values()) / len(values)
    within = math.fsum((value - mean) ** 2 for value in values)
    if m == 1 or most == 1 or not within:
        return most if m == 1 else 1.0
    ratio = m / (m - 1) * math.fsum(one.hits**2 for one in found.values()) / within
    return max(1.0, min(most, ratio * (t95(m - 1) / Z95) ** 2))


def t95(freedom: int) -> float:
    """Student's t quantile of 0.975."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.975))
