"""Statistics of two versions that judged the same cases: tests, intervals and sample sizes.

Pairs are cases; the cases of one seller are alike, so intervals and the test that counts resample
or swap whole sellers. All proportions and differences are within -1 to 1, challenger minus
champion; *lost* cases are those that the champion alone had right, *won* those of the challenger.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from casewright.bootstrap import DRAWS, SEED, drawn_sums

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Counts = NDArray[np.int64]
    Floats = NDArray[np.float64]

Z_ONE_SIDED = 1.6448536269514722
"""Standard normal quantile of 0.95."""

Z_TWO_SIDED = 1.959963984540054
"""Standard normal quantile of 0.975."""

Z_POWER = 0.8416212335729143
"""Standard normal quantile of 0.80, the power that sample sizes are for."""


def differences(counts: Counts, *, draws: int = DRAWS, seed: int = SEED) -> Floats:
    """Bootstrap samples of differences of ratios, clustered: whole sellers are drawn.

    Source: Davison and Hinkley (1997), section 3.8, resampling clusters with replacement.

    Args:
        counts: Shape (sellers, measures, 4): the champion's numerator and denominator, then the
            challenger's, summed over the seller's cases.
        draws: How many samples.
        seed: Of the random numbers.

    Returns:
        Shape (draws, measures): the challenger's ratio minus the champion's; NaN where a
        denominator came out 0.
    """
    import numpy as np

    sellers, measures, _ = counts.shape
    flat = counts.reshape(sellers, measures * 4).astype(np.float64)
    each = drawn_sums(flat, draws=draws, seed=seed).reshape(draws, measures, 4)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios = each[..., 0::2] / each[..., 1::2]
    return np.asarray(ratios[..., 1] - ratios[..., 0], dtype=np.float64)


def mcnemar(lost: int, won: int) -> float:
    """McNemar's exact two-sided p-value: the sign test on the pairs that differ.

    Source: McNemar (1947), with the binomial distribution in place of the chi-squared one.

    Args:
        lost: Pairs that the champion alone had right.
        won: Pairs that the challenger alone had right.

    Returns:
        The p-value; 1 where no pair differs.
    """
    from scipy.stats import binomtest

    if lost + won == 0:
        return 1.0
    return min(1.0, float(binomtest(lost, lost + won, 0.5).pvalue))


def swap_test(net: Sequence[int]) -> float:
    """Exact two-sided p-value of the total where versions may be swapped seller by seller.

    If both versions are equally good, a seller's net gain is as likely as the same net loss. The
    p-value is the share of all swaps whose total is at least as far from 0: Fisher's (1935)
    randomisation test on clusters, by convolution over the totals. Where no seller has more than
    one pair that differs it is McNemar's exact test.

    Args:
        net: Won minus lost cases of each seller.

    Returns:
        The p-value; 1 where every net is 0.
    """
    import numpy as np

    steps = [abs(one) for one in net if one]
    reach = sum(steps)
    chances = np.zeros(2 * reach + 1)
    chances[reach] = 1.0
    for step in steps:
        chances = (np.roll(chances, step) + np.roll(chances, -step)) / 2
    far = np.abs(np.arange(-reach, reach + 1)) >= abs(sum(net))
    return min(1.0, float(chances[far].sum()))


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Holm's (1979) step-down adjusted p-values, in the order given.

    The i-th smallest of m is multiplied by m - i + 1; none comes out under a smaller one's, or
    over 1.
    """
    adjusted = [1.0] * len(p_values)
    highest = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = highest
    return tuple(adjusted)


def score_low(lost: int, won: int, n: int, *, effect: float = 1.0, z: float = Z_ONE_SIDED) -> float:
    """Lower end of Tango's (1998) score interval for a difference of paired proportions.

    It holds where the bootstrap says nothing: with few or no pairs that differ. With none it is
    -z² / (n + z²).

    Args:
        lost: Pairs that the champion alone had right.
        won: Pairs that the challenger alone had right.
        n: All pairs, at least 1.
        effect: Design effect of the clusters: all counts are divided by it, as effective sample
            sizes are (Rao and Scott 1992).
        z: Standard normal quantile; one-sided 95% by default.

    Raises:
        ValueError: there are more pairs that differ than pairs, or no pair.
    """
    if n < 1 or lost < 0 or won < 0 or lost + won > n:
        raise ValueError(f"{lost} lost and {won} won of {n} pairs cannot be.")
    low, high = -1.0, (won - lost) / n
    for _ in range(60):  # halves an interval of 2 to less than a float can tell
        middle = (low + high) / 2
        above = _score(lost / effect, won / effect, n / effect, middle) > z
        low, high = (middle, high) if above else (low, middle)
    return (low + high) / 2


def _score(lost: float, won: float, n: float, difference: float) -> float:
    """Tango's statistic: how far, in standard errors, the data lie above a true difference."""
    b = -won - lost + (2 * n - won + lost) * difference
    c = -lost * difference * (1 - difference)
    losing = (math.sqrt(max(0.0, b * b - 8 * n * c)) - b) / (4 * n)  # likeliest share of lost pairs
    variance = n * (2 * losing + difference * (1 - difference))
    if variance <= 0:
        return math.inf if won - lost > n * difference else 0.0
    return (won - lost - n * difference) / math.sqrt(variance)


def design_effect(samples: Floats, lost: int, won: int, n: int) -> float:
    """How many times the variance is that of independent cases, at least 1 (Kish 1965).

    Args:
        samples: Shape (draws,): bootstrap samples of the difference, clustered.
        lost: Pairs that the champion alone had right.
        won: Pairs that the challenger alone had right.
        n: All pairs.
    """
    import numpy as np

    independent = ((lost + won) / n - ((won - lost) / n) ** 2) / n
    return max(1.0, float(np.nanvar(samples)) / independent) if independent > 0 else 1.0


def cases_to_tell(difference: float, differing: float, *, effect: float = 1.0) -> int | None:
    """Cases with which McNemar's two-sided test at 5% finds a difference, 8 times in 10.

    n = (z₀.₉₇₅·√ψ + z₀.₈₀·√(ψ - δ²))² / δ², δ being the difference and ψ the share of pairs that
    differ. Source: Connor (1987), close to Miettinen (1968).

    Args:
        difference: δ, as it is believed to be.
        differing: ψ, at least abs(δ).
        effect: Design effect of the clusters, by which n is multiplied.

    Returns:
        The number of pairs, or None where there is no difference to find.
    """
    if not difference:
        return None
    spread = math.sqrt(max(0.0, differing - difference**2))
    root = Z_TWO_SIDED * math.sqrt(differing) + Z_POWER * spread
    return math.ceil(effect * (root / difference) ** 2)


def cases_to_accept(
    difference: float, differing: float, margin: float, *, effect: float = 1.0
) -> int | None:
    """Cases with which non-inferiority is shown one-sided at 5%, 8 times in 10.

    n = (z₀.₉₅ + z₀.₈₀)²·(ψ - δ²) / (δ + margin)²: the sample size of the Wald test of paired
    proportions (Lu and Bean 1995; Nam 1997). ψ is taken to be no less than the margin: were fewer
    pairs to differ, no loss of that size could be.

    Args:
        difference: δ, as it is believed to be.
        differing: ψ, the share of pairs that differ.
        margin: The greatest loss that does not matter, over 0.
        effect: Design effect of the clusters, by which n is multiplied.

    Returns:
        The number of pairs, or None where the difference itself is beyond the margin.
    """
    if difference + margin <= 0:
        return None
    variance = max(differing, margin) - difference**2
    return math.ceil(effect * (Z_ONE_SIDED + Z_POWER) ** 2 * variance / (difference + margin) ** 2)
