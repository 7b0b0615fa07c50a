"""What wrong and undecided cases cost, by the cost matrix of each SOP."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Final, NamedTuple

from casewright.bootstrap import Ends
from casewright.intervals import wilson
from casewright.models import ALWAYS_OUTCOMES
from evals.measures import Measure, MetricContext, Part
from evals.scored import Scored
from evals.sellers import Seller, effect_of, seller_of, sums
from graphs.costs import Borne, CostSpec

UNDECIDED: Final = "undecided"
NO_COSTS: Final = "no SOP of these cases says what wrong decisions cost (`costs:`)"


class Kind(NamedTuple):
    """A way in which cases of one type cost the same.

    Attributes:
        case_type: The type.
        name: ``too harsh``, ``too lenient``, ``partly wrong`` or ``undecided``.
        buyers: Cents that buyers bear of one such case.
        seller: Cents that the seller bears.
        platform: Cents that the platform bears.
    """

    case_type: str
    name: str
    buyers: int
    seller: int
    platform: int

    @property
    def cents(self) -> int:
        """What one such case costs."""
        return self.buyers + self.seller + self.platform


@dataclass(frozen=True)
class CostWeightedLoss:
    """Money that wrong and undecided cases cost, per case.

    A wrong decision costs what the SOP's ``costs:`` say; a case that is left undecided, rightly or
    not, costs the minutes of whoever its route names. With p_k the share of cases of kind k it is
    Σ cents_k·p_k. The interval puts the Wilson intervals of the p_k together, with their
    correlations between sellers (MOVER: Zou and Donner 2008); those of
    a type's kinds are among the cases of that type, so it holds for the mix of types that the
    cases have. Errors that nobody has made yet, and that cost much, widen it: a bootstrap never
    draws them.
    """

    name: str = "cost-weighted loss"

    def measure(self, scored: Sequence[Scored], context: MetricContext) -> Measure:
        """Hundredths of the currency's unit are its cents; the lower the better."""
        specs = {one.gold.case_type: context.costs.get(one.gold.case_type) for one in scored}
        currencies = sorted({spec.currency for spec in specs.values() if spec})
        if len(currencies) > 1:
            told = " and ".join(currencies)
            return Measure.nothing(self.name, f"costs are in {told}, which cannot be added up")
        priced = [one for one in scored if kind_of(one, context) is not None]
        if not priced:
            return Measure.nothing(self.name, NO_COSTS)
        ledger = _Ledger(priced, context)
        value, ends = ledger.loss(lambda kind: kind.cents)
        left = len(scored) - len(priced)
        return Measure(
            name=self.name,
            value=value,
            low=ends.low,
            high=ends.high,
            n=len(priced),
            reason=f"{value:.2f} {currencies[0]} a case on average"
            + f"; {left} cases have no costs and are left out" * bool(left),
            unit=currencies[0],
            parts=tuple(ledger.parts()),
        )


def kind_of(one: Scored, context: MetricContext) -> Kind | str | None:
    """How a case costs; empty where it costs nothing, None where nobody can say.

    Nobody can say where the SOP states no costs, or states none for one of the case's outcomes.
    """
    case_type, spec = one.gold.case_type, context.costs.get(one.gold.case_type)
    if spec is None:
        return None
    if not one.decided:
        cents = spec.undecided(one.traits.route if one.traits else "")
        return Kind(case_type, UNDECIDED, 0, 0, cents)
    if one.right:
        return ""
    if one.predicted not in spec.order or one.gold.outcome not in (*spec.order, *ALWAYS_OUTCOMES):
        return None
    wrong = spec.wrong(one.gold.outcome, one.predicted)
    return "" if wrong is None else _kind(case_type, wrong.kind, wrong.borne)


def _kind(case_type: str, name: str, borne: Borne) -> Kind:
    return Kind(case_type, name, borne.buyers, borne.seller, borne.platform)


def kinds(case_type: str, spec: CostSpec) -> Iterator[Kind]:
    """The ways in which a decision of that type may be wrong."""
    for name, borne in (
        ("too harsh", spec.too_harsh),
        ("too lenient", spec.too_lenient),
        ("partly wrong", spec.partly),
    ):
        if borne is not None:
            yield _kind(case_type, name, borne)


class _Share(NamedTuple):
    """A kind's cases, and the interval of its share of all cases."""

    kind: Kind
    cases: int
    value: float
    low: float
    high: float
    by_seller: Mapping[Seller, float]
    """How many more cases of the kind each seller of the type has than the average."""


def _beyond(mine: Sequence[Scored], flags: Sequence[bool]) -> dict[Seller, float]:
    mean = sum(flags) / len(mine)
    found: dict[Seller, float] = {}
    for one, flag in zip(mine, flags, strict=True):
        found[seller_of(one.gold)] = found.get(seller_of(one.gold), 0.0) + flag - mean
    return found


def _together(offs: Sequence[float], shares: Sequence[_Share]) -> float:
    """Root of Σ r_jk·off_j·off_k, with r the correlation of two kinds between sellers.

    Sellers who are alike make errors of several kinds rise together. A negative correlation, as
    kinds that exclude each other have, is left out: the interval is no narrower for it.
    """
    squares = math.fsum(off**2 for off in offs)
    known = [place for place, off in enumerate(offs) if off]
    for at, j in enumerate(known):
        for k in known[:at]:
            squares += 2 * max(0.0, _correlation(shares[j], shares[k])) * offs[j] * offs[k]
    return math.sqrt(squares)


def _correlation(one: _Share, other: _Share) -> float:
    both = one.by_seller.keys() & other.by_seller.keys()
    between = math.fsum(one.by_seller[seller] * other.by_seller[seller] for seller in both)
    spread = [math.fsum(off**2 for off in share.by_seller.values()) for share in (one, other)]
    return between / math.sqrt(spread[0] * spread[1]) if all(spread) else 0.0


def _is(kind: Kind, context: MetricContext, one: Scored) -> tuple[int, int]:
    return kind_of(one, context) == kind, 1


class _Ledger:
    """Cases by the kind in which they cost."""

    def __init__(self, priced: Sequence[Scored], context: MetricContext) -> None:
        self._n = len(priced)
        self._shares: list[_Share] = []
        for case_type in sorted({one.gold.case_type for one in priced}):
            mine = [one for one in priced if one.gold.case_type == case_type]
            self._add(mine, context, kinds(case_type, context.costs[case_type]))

    def _add(self, mine: Sequence[Scored], context: MetricContext, may: Iterable[Kind]) -> None:
        found = [kind_of(one, context) for one in mine]
        counts = Counter(kind for kind in found if isinstance(kind, Kind))
        for kind in sorted({*may, *counts}):
            effect = effect_of(sums(mine, partial(_is, kind, context)))
            ends = wilson(counts[kind], len(mine), effect=effect)
            low, high = (end * len(mine) / self._n for end in ends)
            value = counts[kind] / self._n
            by_seller = _beyond(mine, [one == kind for one in found])
            self._shares.append(_Share(kind, counts[kind], value, low, high, by_seller))

    def loss(self, cents: Callable[[Kind], int], name: str = "") -> tuple[float, Ends]:
        """Money per case, of one kind or all, in whole units of the currency."""
        mine = [one for one in self._shares if name in ("", one.kind.name)]
        amounts = [cents(one.kind) / 100 for one in mine]
        value = math.fsum(a * one.value for a, one in zip(amounts, mine, strict=True))
        down = [a * (one.value - one.low) for a, one in zip(amounts, mine, strict=True)]
        up = [a * (one.high - one.value) for a, one in zip(amounts, mine, strict=True)]
        return value, Ends(max(0.0, value - _together(down, mine)), value + _together(up, mine))

    def parts(self) -> Iterator[Part]:
        """Money per case by kind, and by who bears it."""
        for name in dict.fromkeys(one.kind.name for one in self._shares):
            count = sum(one.cases for one in self._shares if one.kind.name == name)
            yield self._part(name, count, self.loss(lambda kind: kind.cents, name))
        for who in ("buyers", "seller", "platform"):
            yield self._part(f"borne by {who}", self._n, self.loss(attrgetter(who)))

    def _part(self, name: str, n: int, loss: tuple[float, Ends]) -> Part:
        value, ends = loss
        return Part(name=name, value=value, low=ends.low, high=ends.high, n=n)
