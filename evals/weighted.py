"""Accuracy of all closed cases, estimated from a sample that was not drawn evenly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from casewright.intervals import wilson
from evals.measures import Measure, MetricContext
from evals.scored import Scored
from evals.sellers import effect_of, sums


@dataclass(frozen=True)
class WeightedAccuracy:
    """Right of the decided, each case counting for as many as it stands for.

    It is Σw·right / Σw over decided cases (Hájek 1971; weights are the inverse chances of being
    drawn, Horvitz and Thompson 1952). The interval is Wilson's on the effective number of cases: n
    over the larger of the design effects of unequal weights, n·Σw² / (Σw)² (Kish 1965), and of the
    weighted cases of alike sellers.
    """

    name: str = "weighted accuracy"

    def measure(self, scored: Sequence[Scored], context: MetricContext) -> Measure:
        """A value only where cases weigh differently: otherwise it is the accuracy."""
        decided = [one for one in scored if one.decided]
        weights = [one.gold.weight for one in decided]
        if len({one.gold.weight for one in scored}) < 2 or not decided:
            return Measure.nothing(self.name, "all cases weigh the same: it is the accuracy")
        n, total = len(decided), math.fsum(weights)
        unit = total / n
        by_seller = sums(
            decided, lambda one: (one.right * one.gold.weight / unit, one.gold.weight / unit)
        )
        right = math.fsum(weight for weight, one in zip(weights, decided, strict=True) if one.right)
        value = min(1.0, right / total)
        unequal = n * math.fsum(weight**2 for weight in weights) / total**2
        low, high = wilson(value * n, n, effect=max(unequal, effect_of(by_seller)))
        return Measure(
            name=self.name,
            value=value,
            low=low,
            high=high,
            n=n,
            reason=f"{n} decided cases stand for {total:,.0f}, of which {right:,.0f} are right",
        )
