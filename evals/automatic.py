"""Cases that could pass without a person: how many there are, and how many of them are right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from evals.measures import Measure, MetricContext
from evals.rates import Rate
from evals.scored import Scored

AUTO: Final = "auto-eligible"


def automatic(one: Scored) -> bool:
    """Whether a case was decided and its route lets it pass without a person."""
    return one.decided and one.traits is not None and one.traits.route == AUTO


@dataclass(frozen=True)
class AutoPrecision:
    """Right decisions, of those that could pass without a person."""

    name: str = "auto precision"

    def measure(self, scored: Sequence[Scored], context: MetricContext) -> Measure:
        """A rate over the cases whose route is auto-eligible."""
        words = "decisions that could pass without a person were right"
        rate = Rate.over(scored, lambda one: (automatic(one) and one.right, automatic(one)), words)
        return Measure.of(self.name, rate, without="no case could pass without a person")


@dataclass(frozen=True)
class AutoCoverage:
    """Decisions that could pass without a person, of all cases that entered."""

    name: str = "auto coverage"

    def measure(self, scored: Sequence[Scored], context: MetricContext) -> Measure:
        """A rate over the cases of which it is known how they were routed."""
        rate = Rate.over(
            scored,
            lambda one: (automatic(one), one.traits is not None),
            "cases could pass without a person",
        )
        return Measure.of(self.name, rate, without="no case tells how it was routed")
