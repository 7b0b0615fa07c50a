"""The bootstrap by seller: whole sellers are drawn with replacement, since their cases are alike.

Source: Davison and Hinkley (1997), section 3.8. The random numbers start from one seed, so that
the same cases give the same intervals.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

DRAWS = 2_000
"""Bootstrap samples."""

AT_ONCE = 2_000_000
"""Sellers drawn at a time, 16 bytes each."""

SEED = 20_240_229
"""Of the random numbers."""


class Ends(NamedTuple):
    """Lower and upper end of an interval; None where nothing can be said."""

    low: float | None
    high: float | None


NOTHING = Ends(None, None)


def times_drawn(sellers: int, *, draws: int = DRAWS, seed: int = SEED) -> Iterator[Floats]:
    """How often each seller is drawn, in blocks of shape (some of the draws, sellers)."""
    import numpy as np

    generator = np.random.default_rng(seed)
    block = max(1, AT_ONCE // sellers)
    for done in range(0, draws, block):
        rows = min(block, draws - done)
        drawn = generator.integers(sellers, size=(rows, sellers))
        drawn += sellers * np.arange(rows)[:, None]  # a range of its own for every sample
        times = np.bincount(drawn.ravel(), minlength=rows * sellers)
        # Floats, as integer matrices are multiplied without BLAS; the sums are exact all the same.
        yield times.reshape(rows, sellers).astype(np.float64)


def drawn_sums(by_seller: Floats, *, draws: int = DRAWS, seed: int = SEED) -> Floats:
    """Sums over the sellers of each sample.

    Args:
        by_seller: Shape (sellers, columns).
        draws: How many samples.
        seed: Of the random numbers.

    Returns:
        Shape (draws, columns).
    """
    import numpy as np

    blocks = times_drawn(len(by_seller), draws=draws, seed=seed)
    return np.concatenate([times @ by_seller for times in blocks])


def percentile_ends(samples: Floats, level: float) -> tuple[Ends, ...]:
    """Two-sided percentile intervals (Efron 1979) of every column.

    Args:
        samples: Shape (draws, measures), NaN where a sample says nothing.
        level: Such as 0.95.

    Returns:
        One interval a measure; without ends where every sample is NaN.
    """
    import numpy as np

    tail = (1 - level) / 2
    found = []
    for column in samples.T:
        known = column[~np.isnan(column)]
        if not known.size:
            found.append(NOTHING)
            continue
        low, high = np.quantile(known, (tail, 1 - tail))
        found.append(Ends(float(low), float(high)))
    return tuple(found)


def bca_ends(value: float, samples: Floats, without: Floats, *, sellers: int | None = None) -> Ends:
    """95% interval by the bias-corrected and accelerated bootstrap, BCa (Efron 1987).

    Percentiles are moved by z₀, from the share of samples under the value, and by the acceleration
    a, from the skewness of the values that leave one seller out (Efron and Tibshirani 1993,
    section 14.3). As percentiles are too narrow with few sellers m, the normal quantile is taken
    to be √(m / (m - 1)) times Student's t with m - 1 degrees of freedom (Hesterberg 2015).

    Args:
        value: What all cases give.
        samples: Shape (draws,), NaN where a sample says nothing.
        without: Shape (sellers or groups of them,): what is left without each, NaN where nothing
            is.
        sellers: How many sellers there are; None: as many as ``without`` has.
    """
    import numpy as np
    from scipy.special import ndtr, ndtri, stdtrit

    known, left = samples[~np.isnan(samples)], without[~np.isnan(without)]
    if left.size < 2 or not known.size:
        return NOTHING
    m = sellers or left.size
    tail = math.sqrt(m / (m - 1)) * stdtrit(m - 1, 0.975)
    under = (np.mean(known < value) + np.mean(known <= value)) / 2
    shift = ndtri(np.clip(under, 1 / known.size, 1 - 1 / known.size))
    gaps = left.mean() - left
    spread = np.sum(gaps**2) ** 1.5
    bend = np.sum(gaps**3) / (6 * spread) if spread > 0 else 0.0
    moved = shift + tail * np.array((-1, 1))
    low, high = np.quantile(known, ndtr(shift + moved / (1 - bend * moved)))
    return Ends(float(min(low, value)), float(max(high, value)))


def statistic_ends(by_seller: Floats, statistic: Callable[[Floats], Floats]) -> Ends:
    """BCa interval of a statistic of sums, with whole sellers drawn.

    Args:
        by_seller: Shape (sellers, columns): each seller's sums.
        statistic: From sums of shape (some, columns) to values of shape (some,), NaN where there
            is none.

    Returns:
        The ends; none with fewer than two sellers, who say nothing about others.
    """
    if len(by_seller) < 2:
        return NOTHING
    whole = by_seller.sum(axis=0)
    samples = statistic(drawn_sums(by_seller))
    return bca_ends(float(statistic(whole[None])[0]), samples, statistic(whole - by_seller))


def ratio_ends(by_seller: Floats) -> Ends:
    """BCa interval of a ratio of sums; ``by_seller`` has numerators and denominators."""
    return statistic_ends(by_seller, ratios)


def ratios(sums: Floats) -> Floats:
    """First column over second, NaN where that is 0."""
    import numpy as np

    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(sums[:, 1] > 0, sums[:, 0] / sums[:, 1], np.nan)
