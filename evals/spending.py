"""What a case takes: time, tokens and money of the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from casewright.bootstrap import NOTHING, Ends, ratio_ends, times_drawn
from evals.measures import Measure, MetricContext, Part
from evals.scored import Scored
from evals.sellers import places, totals

if TYPE_CHECKING:
    from casewright.bootstrap import Floats

MICROS: Final = 1_000_000
LEVELS: Final = {"median": 0.5, "90th percentile": 0.9}


@dataclass(frozen=True)
class TimePerCase:
    """Median seconds from entering to the gate, with the 90th percentile."""

    name: str = "time per case"

    def measure(self, scored: Sequence[Scored], context: MetricContext) -> Measure:
        """The median; both quantiles with percentile intervals by seller."""
        known = sorted((one for one in scored if _seconds(one) > 0), key=_seconds)
        if not known:
            return Measure.nothing(self.name, "nobody measured how long the cases took")
        median, ninth = _quantiles(known)
        return Measure(
            name=self.name,
            value=median.value,
            low=median.low,
            high=median.high,
            n=len(known),
            reason=f"half of {len(known)} cases took at most {median.value:.3g} seconds,"
            f" nine in ten at most {ninth.value:.3g}",
            unit="seconds",
            parts=(median, ninth),
        )


def _seconds(one: Scored) -> float:
    return one.traits.seconds if one.traits else 0.0


def _quantiles(known: Sequence[Scored]) -> list[Part]:
    """The smallest time that at least this share of the cases does not exceed."""
    import numpy as np

    times = np.array([_seconds(one) for one in known])
    whole = _at(np.ones((1, len(known))), times)[0]
    at = places(known)
    ends = [NOTHING, NOTHING]
    if at.max() > 0:
        blocks = [_at(drawn[:, at], times) for drawn in times_drawn(int(at.max()) + 1)]
        low, high = np.quantile(np.concatenate(blocks), (0.025, 0.975), axis=0)
        ends = [Ends(float(one), float(other)) for one, other in zip(low, high, strict=True)]
    return [
        Part(name=name, value=float(value), low=one.low, high=one.high, n=len(known))
        for name, value, one in zip(LEVELS, whole, ends, strict=True)
    ]


def _at(drawn: Floats, times: Floats) -> Floats:
    """Quantiles of each sample of cases, which are sorted by time: shape (samples, levels)."""
    import numpy as np

    upto = np.cumsum(drawn, axis=1)
    found = [
        times[np.argmax(upto >= level * upto[:, -1:] - 1e-9, axis=1)] for level in LEVELS.values()
    ]
    return np.stack(found, axis=1)


@dataclass(frozen=True)
class TokensPerCase:
    """Tokens of the model per case, sent and received."""

    name: str = "tokens per case"

    def measure(self, scored: Sequence[Scored], context: MetricContext) -> Measure:
        """The mean, with a BCa interval by seller."""
        if not any(one.cost.model_calls for one in scored):
            return Measure.nothing(self.name, "no model was called")
        tokens = [one.cost.tokens_in + one.cost.tokens_out for one in scored]
        return _mean(self.name, scored, tokens, "tokens")


@dataclass(frozen=True)
class MoneyPerCase:
    """Money for the model per case, by the price table of the settings."""

    name: str = "money per case"

    def measure(self, scored: Sequence[Scored], context: MetricContext) -> Measure:
        """The mean, with a BCa interval by seller; None where calls are not priced."""
        currencies = sorted({one.currency for one in scored if one.currency})
        if not any(one.cost.model_calls for one in scored):
            return Measure.nothing(self.name, "no model was called")
        unpriced = sum(one.cost.unpriced for one in scored)
        if unpriced or len(currencies) != 1:
            told = f"{unpriced} model calls have no price" if unpriced else "prices differ in money"
            return Measure.nothing(self.name, told)
        money = [one.cost.micros / MICROS for one in scored]
        return _mean(self.name, scored, money, currencies[0])


def _mean(name: str, scored: Sequence[Scored], values: Sequence[float], unit: str) -> Measure:
    by_seller = totals(scored, (values, [1.0] * len(scored)))
    value, ends = float(by_seller[:, 0].sum()) / len(scored), ratio_ends(by_seller)
    return Measure(
        name=name,
        value=value,
        low=ends.low,
        high=ends.high,
        n=len(scored),
        reason=f"{value:,.4g} {unit} a case on average",
        unit=unit,
    )
