"""How far proposals agree with what reviewers decided, beyond chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from casewright.bootstrap import NOTHING, Ends, statistic_ends
from evals.measures import Measure, MetricContext, Part
from evals.outcomes import due
from evals.rates import Rate
from evals.scored import Scored
from evals.sellers import totals

if TYPE_CHECKING:
    from casewright.bootstrap import Floats

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
        value, ends = kappa([(due(one), one.predicted) for one in reviewed], reviewed)
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
    """The interval where all agree: no sample of them disagrees, yet another case may.

    The lower end is kappa at the lower end of Wilson's interval for the plain share.
    """
    counts = Counter(one.predicted for one in reviewed)
    chance = sum((count / len(reviewed)) ** 2 for count in counts.values())
    return Ends((same.low - chance) / (1 - chance), 1.0)


def kappa(pairs: Sequence[tuple[str, str]], scored: Sequence[Scored]) -> tuple[float | None, Ends]:
    """Cohen's kappa and its interval; None where both always say one and the same.

    Args:
        pairs: What both say of each case.
        scored: The cases, for their sellers.
    """
    import numpy as np

    said = sorted({one for pair in pairs for one in pair})
    columns = [[pair[0] == pair[1] for pair in pairs]]
    columns += [[pair[side] == name for pair in pairs] for side in (0, 1) for name in said]
    by_seller = totals(scored, columns)
    value = float(_kappa(by_seller.sum(axis=0)[None])[0])
    if np.isnan(value):
        return None, NOTHING
    ends = statistic_ends(by_seller, _kappa)
    if ends.low is None or ends.high is None:
        return value, ends
    return value, Ends(max(-1.0, ends.low), min(1.0, ends.high))


def _kappa(sums: Floats) -> Floats:
    """Kappa of counts: agreements, then what one says, then what the other says."""
    import numpy as np

    half = (sums.shape[1] - 1) // 2
    one, other = sums[:, 1 : half + 1], sums[:, half + 1 :]
    n = one.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        chance = (one * other).sum(axis=1) / n**2
        return np.where(chance < 1, (sums[:, 0] / n - chance) / (1 - chance), np.nan)
