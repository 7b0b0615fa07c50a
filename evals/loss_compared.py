"""What wrong and undecided cases cost under two versions that judged the same cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from casewright.base import Model
from casewright.bootstrap import Ends, percentile_ends
from evals.loss import Kind, kind_of
from evals.measures import MetricContext
from evals.paired import differences
from evals.scored import Scored
from evals.sellers import Seller, seller_of

if TYPE_CHECKING:
    from evals.paired import Counts

Pair = tuple[Scored, Scored]


class LossDifference(Model):
    """Money that wrong and undecided cases cost, per case, of both versions on the shared cases.

    Attributes:
        slice: Which cases, such as ``region US``; empty for all of them.
        n: Cases that the SOP's costs speak of, under both versions.
        champion: The champion's loss per case, in hundredths of the currency's unit.
        challenger: The challenger's.
        value: Challenger minus champion: below 0 the challenger costs less.
        low: Lower end of the 95% percentile bootstrap interval by seller; None with one seller.
        high: Its upper end.
        currency: ISO 4217 code.
    """

    slice: str
    n: int
    champion: float
    challenger: float
    value: float
    low: float | None
    high: float | None
    currency: str


def loss_differences(
    parts: Mapping[str, Sequence[Pair]], context: MetricContext
) -> tuple[LossDifference, ...]:
    """Compare losses in each part; see ``evals.loss.CostWeightedLoss`` for what a case costs.

    Args:
        parts: Pairs by the slice's name; the empty name stands for all of them.
        context: The costs of each case type.

    Returns:
        One difference for each part in which a case has costs; none at all where the costs are in
        several currencies.
    """
    currencies = {spec.currency for spec in context.costs.values()}
    priced = {name: _priced(pairs, context) for name, pairs in parts.items()}
    known = {name: rows for name, rows in priced.items() if rows}
    if not known or len(currencies) != 1:
        return ()
    samples = differences(_counts(list(known.values())))
    ends = percentile_ends(samples, 0.95)
    (currency,) = currencies
    return tuple(
        _difference(name, rows, end, currency)
        for (name, rows), end in zip(known.items(), ends, strict=True)
    )


_Row = tuple[Seller, int, int]
"""The seller of a pair, and what it costs under the champion and under the challenger."""


def _priced(pairs: Sequence[Pair], context: MetricContext) -> list[_Row]:
    rows = []
    for one, other in pairs:
        before, after = kind_of(one, context), kind_of(other, context)
        if before is not None and after is not None:
            rows.append((seller_of(one.gold), _cents(before), _cents(after)))
    return rows


def _cents(kind: Kind | str) -> int:
    return kind.cents if isinstance(kind, Kind) else 0


def _counts(parts: Sequence[Sequence[_Row]]) -> Counts:
    import numpy as np

    sellers = sorted({seller for rows in parts for seller, _, _ in rows})
    places = {seller: place for place, seller in enumerate(sellers)}
    counts = np.zeros((len(sellers), len(parts), 4), dtype=np.int64)
    for number, rows in enumerate(parts):
        for seller, before, after in rows:
            counts[places[seller], number] += (before, 1, after, 1)
    return counts


def _difference(name: str, rows: Sequence[_Row], ends: Ends, currency: str) -> LossDifference:
    n = len(rows)
    champion = sum(before for _, before, _ in rows) / n
    challenger = sum(after for _, _, after in rows) / n
    alone = len({seller for seller, _, _ in rows}) < 2
    return LossDifference(
        slice=name,
        n=n,
        champion=champion,
        challenger=challenger,
        value=challenger - champion,
        low=None if alone else ends.low,
        high=None if alone else ends.high,
        currency=currency,
    )
