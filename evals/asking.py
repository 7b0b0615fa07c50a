"""Whether requests for information were appropriate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evals.measures import Measure, MetricContext
from evals.outcomes import appropriate
from evals.scored import Scored


@dataclass(frozen=True)
class RequestAppropriateness:
    """Requests for information that named a withheld record or were the right end, of all."""

    name: str = "request appropriateness"

    def measure(self, scored: Sequence[Scored], context: MetricContext) -> Measure:
        """The report's ``appropriate``."""
        return Measure.of(self.name, appropriate(scored), without="no case ended in a request")
