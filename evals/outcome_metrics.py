"""Precision, recall and F1 over all outcomes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from casewright.bootstrap import Ends, statistic_ends
from evals.measures import Measure, MetricContext, Part
from evals.outcomes import OutcomeScore, due, outcome_scores
from evals.scored import Scored
from evals.sellers import totals

if TYPE_CHECKING:
    from casewright.bootstrap import Floats


@dataclass(frozen=True)
class MacroF1:
    """Mean F1 of the outcomes that gold cases have, with precision, recall and F1 of each.

    An outcome that no gold case has is left out; one that was never predicted has an F1 of 0.
    """

    name: str = "macro F1"

    def measure(self, scored: Sequence[Scored], context: MetricContext) -> Measure:
        """The mean, with a BCa interval by seller."""
        scores = [one for one in outcome_scores(scored) if one.recall.denominator]
        if not scores:
            return Measure.nothing(self.name, "no gold case has an outcome to be found")
        sums = _sums(scored, [one.outcome for one in scores])
        ends = statistic_ends(sums, _macro)
        value = float(_macro(sums.sum(axis=0)[None])[0])
        if value == 1:
            ends = _all_found(scores)
        return Measure(
            name=self.name,
            value=value,
            low=ends.low,
            high=ends.high,
            n=len(scored),
            reason=f"{value:.3f} is the mean F1 of {len(scores)} outcomes",
            parts=tuple(part for one in scores for part in _parts(one)),
        )


def _all_found(scores: Sequence[OutcomeScore]) -> Ends:
    """The interval where no outcome was missed, of which no sample draws a miss.

    The outcomes' own lower ends are put together (MOVER: Zou and Donner 2008).
    """
    down = math.sqrt(math.fsum((1 - one.f1.low) ** 2 for one in scores)) / len(scores)
    return Ends(max(0.0, 1 - down), 1.0)


def _parts(score: OutcomeScore) -> Iterator[Part]:
    for name in ("precision", "recall", "f1"):
        yield Part.of(f"{name} of {score.outcome}", getattr(score, name))


def _sums(scored: Sequence[Scored], outcomes: Sequence[str]) -> Floats:
    """By seller: for each outcome what was found, and what was predicted plus what was due."""
    columns: list[list[float]] = []
    for outcome in outcomes:
        said = [one.predicted == outcome for one in scored]
        wanted = [due(one) == outcome and not one.asked_rightly for one in scored]
        columns += [
            [s and one.right for s, one in zip(said, scored, strict=True)],
            [s + w for s, w in zip(said, wanted, strict=True)],
        ]
    return totals(scored, columns)


def _macro(sums: Floats) -> Floats:
    """Mean of 2·found / (predicted + due); an outcome that a sample lacks is left out of it."""
    import warnings

    import numpy as np

    found, both = sums[:, 0::2], sums[:, 1::2]
    with np.errstate(invalid="ignore", divide="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # samples without any outcome: NaN
        return np.asarray(np.nanmean(np.where(both > 0, 2 * found / both, np.nan), axis=1))
