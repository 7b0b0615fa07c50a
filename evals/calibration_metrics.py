"""Whether a confidence of 0.9 is right nine times in ten."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from casewright.bootstrap import SEED, Ends, ratio_ends
from casewright.intervals import wilson
from evals.measures import Measure, MetricContext, Part
from evals.rates import Rate
from evals.risk import NO_CONFIDENCE, confidence, confident
from evals.scored import Scored
from evals.sellers import effect_of, mean_effect, sums, totals

if TYPE_CHECKING:
    from casewright.bootstrap import Floats

BINS: Final = 10
DRAWS: Final = 4_000


class Bin(NamedTuple):
    """Decisions of similar confidence, and how far the confidence is off.

    Attributes:
        cases: The decisions.
        confidence: Their mean confidence.
        right: How many are right; a share of those whose confidence lies across the bin's edge.
    """

    cases: Sequence[Scored]
    confidence: float
    right: float

    @property
    def gap(self) -> float:
        """Mean confidence less the share that is right."""
        return self.confidence - self.right / len(self.cases)


def bins_of(scored: Sequence[Scored]) -> list[Bin]:
    """Ten bins of equal mass by confidence, the lowest first; fewer with fewer than ten cases.

    Cases of one confidence that an edge parts count on both sides with their common share of right
    ones, so that their order does not matter.
    """
    import numpy as np

    known = confident(scored)[::-1]
    if not known:
        return []
    values = np.array([confidence(one) for one in known], dtype=np.float64)
    right = np.array([one.right for one in known], dtype=np.float64)
    _, tie, count = np.unique(values, return_inverse=True, return_counts=True)
    evened = (np.bincount(tie, right) / count)[tie]
    parts = np.array_split(np.arange(len(known)), min(BINS, len(known)))
    return [
        Bin([known[place] for place in part], float(values[part].mean()), float(evened[part].sum()))
        for part in parts
    ]


@dataclass(frozen=True)
class CalibrationError:
    """Expected calibration error, ten bins of equal mass, without what chance alone makes of it.

    The plain error Σ (n_b / n)·|confidence_b - right_b| (Naeini, Cooper and Hauskrecht 2015) is
    biased upwards: with few cases in a bin chance alone makes gaps (Bröcker 2012; Kumar, Liang and
    Ma 2019), and the bootstrap doubles that bias. So the value is the true error under which the
    plain one would come out higher as often as lower, and the interval are the true errors under
    which what came out lies within the middle 95%. Gaps are taken to be normal, as large in every
    bin, each with the variance p·q / n_b of p = (right_b + 1) / (n_b + 2) (Agresti and Coull
    1998), and correlated as the design effect of the sellers tells. The parts are the bins: share
    that is right, ``at`` their mean confidence; the last one is the plain error.
    """

    name: str = "calibration error"

    def measure(self, scored: Sequence[Scored], context: MetricContext) -> Measure:
        """The error; the lower the better."""
        bins = bins_of(scored)
        if not bins:
            return Measure.nothing(self.name, NO_CONFIDENCE)
        noise = _Noise(bins)
        plain = math.fsum(len(one.cases) * abs(one.gap) for one in bins) / noise.n
        low, value, high = (noise.error(plain, level) for level in (0.975, 0.5, 0.025))
        chance = noise.quantile(0.0, 0.5)
        return Measure(
            name=self.name,
            value=value,
            low=low,
            high=high,
            n=noise.n,
            reason=f"confidence is off by {value:.4f} on average; plainly counted by {plain:.4f},"
            f" of which chance alone makes {chance:.4f} were it never off",
            parts=(*_drawn(bins), Part(name="plain", value=plain, n=noise.n)),
        )


class _Noise:
    """What the plain error comes out as where confidence is off by a given amount everywhere."""

    def __init__(self, bins: Sequence[Bin]) -> None:
        import numpy as np

        sizes = np.array([len(one.cases) for one in bins], dtype=np.float64)
        share = (np.array([one.right for one in bins]) + 1) / (sizes + 2)
        cases = [one for part in bins for one in part.cases]
        gaps = [(confidence(one) or 0.0) - one.right for one in cases]
        effect = mean_effect(cases, gaps)
        # The sellers' likeness makes gaps of all bins move together: the mean of b gaps that
        # correlate by r has 1 + (b - 1)·r times the variance.
        common = min(1.0, (effect - 1) / max(1, len(bins) - 1))
        beyond = max(1.0, effect / len(bins))
        generator = np.random.default_rng(SEED)
        own = generator.standard_normal((DRAWS, len(bins)))
        shared = generator.standard_normal((DRAWS, 1))
        drawn = math.sqrt(1 - common) * own + math.sqrt(common) * shared
        self.n = len(cases)
        self._weights = sizes / self.n
        self._noise: Floats = drawn * np.sqrt(share * (1 - share) / sizes * beyond)

    def quantile(self, error: float, level: float) -> float:
        """Quantile of the plain error where the true one is ``error``."""
        import numpy as np

        return float(np.quantile(np.abs(error + self._noise) @ self._weights, level))

    def error(self, plain: float, level: float) -> float:
        """The true error whose quantile of that level is the plain one; 0 to 1, by bisection."""
        low, high = 0.0, 1.0
        if self.quantile(low, level) >= plain:
            return low
        for _ in range(30):
            middle = (low + high) / 2
            low, high = (low, middle) if self.quantile(middle, level) >= plain else (middle, high)
        return high


def _drawn(bins: Sequence[Bin]) -> Iterator[Part]:
    for number, one in enumerate(bins, start=1):
        effect = effect_of(sums(one.cases, lambda case: (case.right, 1)))
        low, high = wilson(one.right, len(one.cases), effect=effect)
        share = one.right / len(one.cases)
        yield Part(
            name=f"bin {number}",
            value=share,
            low=low,
            high=high,
            n=len(one.cases),
            at=one.confidence,
        )


@dataclass(frozen=True)
class Brier:
    """Brier score: mean squared distance of the confidence from 1 where right, 0 where wrong."""

    name: str = "Brier score"

    def measure(self, scored: Sequence[Scored], context: MetricContext) -> Measure:
        """The score (Brier 1950), with a BCa interval by seller; the lower the better."""
        known = confident(scored)
        if not known:
            return Measure.nothing(self.name, NO_CONFIDENCE)
        squares = [((confidence(one) or 0.0) - one.right) ** 2 for one in known]
        value = math.fsum(squares) / len(known)
        ends = ratio_ends(totals(known, (squares, [1.0] * len(known))))
        ends = _unseen(known, value, ends)
        return Measure(
            name=self.name,
            value=value,
            low=ends.low,
            high=ends.high,
            n=len(known),
            reason=f"{value:.4f} is the mean square by which confidence missed what came out",
        )


def _unseen(known: Sequence[Scored], value: float, ends: Ends) -> Ends:
    """Widens the interval where no decision is wrong: the bootstrap draws no error then.

    A wrong decision adds 2c - 1 to the square of its confidence c. Their share is at most Wilson's
    upper end.
    """
    errors = Rate.over(known, lambda one: (not one.right, 1), "are wrong")
    if errors.numerator or ends.high is None:
        return ends
    more = math.fsum(abs(2 * (confidence(one) or 0.0) - 1) for one in known) / len(known)
    return Ends(ends.low, max(ends.high, min(1.0, value + errors.high * more)))
