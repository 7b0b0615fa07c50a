"""How far proposals agree with what reviewers decided, beyond chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from casewright.agreement import if_one_differed, kappa
from casewright.bootstrap import NOTHING, Ends
from evals.measures import Measure, MetricContext, Part
from evals.outcomes import due
from evals.rates import Rate
from evals.scored import Scored
from evals.sellers import seller_of

REVIEWED: Final = ("review", "second look", "appeal")
"""Sources of gold in which a person decided the case itself."""


@dataclass(frozen=True)
class ReviewerAgreement:
    """Cohen's kappa between proposals and what reviewers decided, beyond chance.

    κ = (p_o - p_e) / (1 - p_e), with p_o the share on which both agree and p_e that on which they
    would by chance (Cohen 1960). Only cases whose gold outcome a reviewer set count; an outcome
    that gold accepts as well is agreement. The part is the plain share p_o.
    """

    name: str = "reviewer agreement"

    def measure(self, scored: Sequence[Scored], context: MetricContext) -> Measure:
        """Kappa, with a BCa interval by seller."""
        reviewed = [one for one in scored if one.gold.truth in REVIEWED]
        if not reviewed:
            return Measure.nothing(self.name, "no gold outcome comes from a reviewer")
        same = Rate.over(reviewed, lambda one: (one.right, 1), "proposals agree with the reviewer")
        pairs = [(due(one), one.predicted) for one in reviewed]
        value, ends = kappa(pairs, [seller_of(one.gold) for one in reviewed])
        told = same.reason
        if len({due(one) for one in reviewed}) == 1 or len({o.predicted for o in reviewed}) == 1:
            told += "; one of both always says the same, so that kappa tells nothing"
            ends = NOTHING
        elif value == 1:
            ends = _if_one_differed(same, reviewed)
        return Measure(
            name=self.name,
            value=value,
            low=ends.low,
            high=ends.high,
            n=len(reviewed),
            reason=told,
            parts=(Part.of("plain agreement", same),),
        )


def _if_one_differed(same: Rate, reviewed: Sequence[Scored]) -> Ends:
    counts = Counter(one.predicted for one in reviewed)
    return if_one_differed(same.low, [count / len(reviewed) for count in counts.values()])
