"""How wrong decisions are, the fewer of them one keeps by their confidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from casewright.bootstrap import NOTHING, Ends, bca_ends, times_drawn
from evals.measures import Measure, MetricContext, Part
from evals.rates import Rate
from evals.scored import Scored
from evals.sellers import places

if TYPE_CHECKING:
    import numpy as np

    from casewright.bootstrap import Floats
    from evals.sellers import Places

POINTS: Final = 10
GROUPS: Final = 100
"""Groups of sellers that are left out in turn, for the acceleration of the interval."""

NO_CONFIDENCE: Final = "no decision has a confidence: none was calibrated"


def confident(scored: Sequence[Scored]) -> list[Scored]:
    """The decided cases that have a confidence, the highest first."""
    known = [one for one in scored if one.decided and confidence(one) is not None]
    return sorted(known, key=lambda one: -(confidence(one) or 0.0))


def confidence(one: Scored) -> float | None:
    """The confidence of a case's decision, or None."""
    return None if one.traits is None else one.traits.confidence


@dataclass(frozen=True)
class RiskCoverage:
    """Area under the risk-coverage curve: mean share of wrong decisions over all coverages.

    For every k the k most confident decisions are kept, and the share of wrong ones among them is
    the selective risk at coverage k / n (El-Yaniv and Wiener 2010); the area is the mean of the n
    risks (Geifman and El-Yaniv 2017). Decisions of the same confidence have no order: the mean
    over all their orders is taken, as if each were wrong to the extent that they are on average.
    The parts are points of the curve that lie between such ties, about every tenth of the way.
    """

    name: str = "risk-coverage area"

    def measure(self, scored: Sequence[Scored], context: MetricContext) -> Measure:
        """The area, with a BCa interval by seller; the lower the better."""
        import numpy as np

        known = confident(scored)
        if not known:
            return Measure.nothing(self.name, NO_CONFIDENCE)
        curve = _Curve(known)
        value = float(curve.areas(np.ones((1, len(known))))[0])
        ends = curve.ends(value)
        errors = Rate.over(known, lambda one: (not one.right, 1), "are wrong")
        if not errors.numerator and ends.high is not None:
            # No sample draws an error. Were there some, without order, the area were their share.
            ends = Ends(ends.low, errors.high)
        least = curve.areas(np.ones((1, len(known))), best=True)[0]
        return Measure(
            name=self.name,
            value=value,
            low=ends.low,
            high=ends.high,
            n=len(known),
            reason=f"{value:.4f} of the most confident decisions are wrong on average over all"
            f" coverages; in the best order it would be {least:.4f}",
            parts=tuple(_points(known)),
        )


class _Curve:
    """Decisions in order of confidence, with as many copies of each as a sample has."""

    def __init__(self, known: Sequence[Scored]) -> None:
        import numpy as np

        self._wrong = np.array([not one.right for one in known], dtype=np.float64)
        values = np.array([confidence(one) for one in known], dtype=np.float64)
        self._starts = np.flatnonzero(np.r_[True, values[1:] != values[:-1]])
        self._tie = np.repeat(
            np.arange(len(self._starts)), np.diff(np.r_[self._starts, len(known)])
        )
        self._sellers: Places = places(known)

    def areas(self, times: Floats, *, best: bool = False) -> Floats:
        """The area of each sample.

        Args:
            times: Shape (samples, decisions): how many copies of each decision a sample has.
            best: Whether to take the best order instead of that by confidence.

        Returns:
            Shape (samples,); NaN for a sample without any.
        """
        import numpy as np

        wrong = times * self._wrong
        if best:
            order = np.argsort(self._wrong, kind="stable")
            times, wrong = times[:, order], wrong[:, order]
        elif len(self._starts) < len(self._wrong):
            wrong = times * self._evened(times, wrong)
        kept = np.cumsum(times, axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            risks = np.where(kept > 0, np.cumsum(wrong, axis=1) / kept, 0.0)
            return np.asarray(np.sum(times * risks, axis=1) / kept[:, -1])

    def _evened(self, times: Floats, wrong: Floats) -> Floats:
        """How wrong decisions of one confidence are on average, for each of them."""
        import numpy as np

        together = np.add.reduceat(times, self._starts, axis=1)
        with np.errstate(invalid="ignore"):
            mean = np.add.reduceat(wrong, self._starts, axis=1) / np.maximum(together, 1)
        return np.asarray(mean[:, self._tie])

    def ends(self, value: float) -> Ends:
        import numpy as np

        sellers = int(self._sellers.max()) + 1
        if sellers < 2:
            return NOTHING
        samples = [self.areas(times) for times in self._samples(sellers)]
        groups = np.arange(sellers) % min(GROUPS, sellers)
        left_out = (groups[None, :] != np.arange(groups.max() + 1)[:, None]).astype(np.float64)
        without = self.areas(left_out[:, self._sellers])
        return bca_ends(value, np.concatenate(samples), without, sellers=sellers)

    def _samples(self, sellers: int) -> Iterator[np.ndarray]:
        """Copies of each decision, in blocks that stay in the processor's cache."""
        for times in times_drawn(sellers):
            for start in range(0, len(times), 50):
                yield times[start : start + 50][:, self._sellers]


def _points(known: Sequence[Scored]) -> Iterator[Part]:
    """Points between ties, the first at or beyond every tenth of the way."""
    reached = 0
    for end in range(1, len(known) + 1):
        tied = end < len(known) and confidence(known[end]) == confidence(known[end - 1])
        if tied or end * POINTS < (reached + 1) * len(known):
            continue
        reached = end * POINTS // len(known)
        rate = Rate.over(known[:end], lambda one: (not one.right, 1), "were wrong")
        lowest = confidence(known[end - 1])
        yield Part.of(f"confidence {lowest:.4f} and over", rate, at=end / len(known))
