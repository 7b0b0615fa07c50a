"""Whether the same case ends the same when it is run again."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from casewright.intervals import wilson
from evals.measures import Measure, MetricContext, Part
from evals.rates import Rate
from evals.scored import ERROR, Scored
from evals.sellers import effect_of, sums

NO_REPEATS = "no case was run more than once"


def runs_of(one: Scored) -> tuple[str, ...]:
    """The outcomes of all runs of a case; empty where it was run but once."""
    repeats = one.traits.repeats if one.traits else ()
    return (one.predicted, *(outcome or ERROR for outcome in repeats)) if repeats else ()


def all_right(one: Scored, k: int) -> float:
    """Chance that k runs, drawn from those of a case, are all right: C(c, k) / C(n, k)."""
    runs = runs_of(one)
    right = sum(run == one.gold.outcome or run in one.gold.accept for run in runs)
    return math.comb(right, k) / math.comb(len(runs), k)


@dataclass(frozen=True)
class PassHatK:
    """Chance that k runs of a case all have the gold outcome (pass^k).

    With c of n runs right it is C(c, k) / C(n, k), without bias, and the mean of that over cases
    (Yao et al. 2024, tau-bench). k is as many runs as every repeated case has; the parts are
    pass^1 to pass^k.
    """

    name: str = "pass^k"

    def measure(self, scored: Sequence[Scored], context: MetricContext) -> Measure:
        """The mean, with Wilson's interval by seller: a case adds between 0 and 1."""
        known = [one for one in scored if runs_of(one)]
        if not known:
            return Measure.nothing(self.name, NO_REPEATS)
        most = min(len(runs_of(one)) for one in known)
        parts = tuple(
            _mean(known, partial(all_right, k=k), f"pass^{k}") for k in range(1, most + 1)
        )
        last = parts[-1]
        return Measure(
            name=self.name,
            value=last.value,
            low=last.low,
            high=last.high,
            n=last.n,
            reason=f"{last.value:.3f} of {len(known)} cases would be right in all of {most} runs",
            parts=parts,
        )


def _mean(known: Sequence[Scored], share: Callable[[Scored], float], name: str) -> Part:
    by_seller = sums(known, lambda one: (share(one), 1))
    total = math.fsum(one.hits for one in by_seller)
    low, high = wilson(min(total, len(known)), len(known), effect=effect_of(by_seller))
    return Part(name=name, value=total / len(known), low=low, high=high, n=len(known))


@dataclass(frozen=True)
class SameOutcome:
    """Cases whose outcome is the same in all of their runs, right or wrong, of those repeated."""

    name: str = "same outcome"

    def measure(self, scored: Sequence[Scored], context: MetricContext) -> Measure:
        """A rate over the cases that were run more than once."""
        rate = Rate.over(
            scored,
            lambda one: (len(set(runs_of(one))) == 1, bool(runs_of(one))),
            "repeated cases ended the same in all their runs",
        )
        return Measure.of(self.name, rate, without=NO_REPEATS)
