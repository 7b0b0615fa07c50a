"""The orders a late-dispatch violation cites, and the on-time orders around them.

How many of the cited orders are excused, and how many orders the seller had in the thirty days
under review, together decide whether the rest keeps within the limit. Both are planted as rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sandbox.casetypes.base import Stage
from sandbox.casetypes.late_dispatch.plan import Plan
from sandbox.casetypes.late_dispatch.table import TABLE
from sandbox.orders import (
    OrderBatch,
    label_times,
    moving_gaps,
    orders_in_window,
    windows,
)
from sandbox.streams import Bools, Ints, lognormal, whole
from sandbox.timeline import DAY, HOUR

_EXCUSES: Final = ("carrier_outage", "platform_fault", "buyer_changed_order")
RATE_LIMIT: Final = 0.04
REVIEW_SPAN: Final = 30 * DAY
LATE, TOGETHER, IN_TIME, CHANGED = 0, 1, 2, 3
"""How an order cited beside the main one fares: late, hit by the same event, in time, changed."""


@dataclass(frozen=True)
class Cited:
    """Orders planted for a batch of cases.

    The first ``len(plan)`` orders of ``batch`` are those named in the appeals; ``case`` gives
    each order's case, ``fate`` how it fares, and ``cited`` whether the violation names it.
    """

    batch: OrderBatch
    case: Ints
    fate: Ints
    cited: Bools


@dataclass(frozen=True)
class Counts:
    """Orders to plant a case: excused and late ones beside the main one, and on-time fillers."""

    excused: Ints
    late: Ints
    fillers: Ints


def make_cited(stage: Stage, plan: Plan, rng: np.random.Generator) -> Cited:
    """Draw the cited orders and the fillers of every case."""
    counts = _counts(stage, plan, rng)
    case = np.concatenate(
        [np.arange(len(plan))]
        + [
            np.repeat(np.arange(len(plan)), n)
            for n in (counts.excused, counts.late, counts.fillers)
        ]
    )
    together = plan.column("carrier_outage") | plan.column("platform_fault")
    apart = np.where(rng.random(len(plan)) < 0.8, IN_TIME, CHANGED)
    fate = np.concatenate(
        [
            np.full(len(plan), -1),
            np.repeat(np.where(together, TOGETHER, apart), counts.excused),
            np.full(int(counts.late.sum()), LATE),
            np.full(int(counts.fillers.sum()), IN_TIME),
        ]
    )
    cited = np.arange(len(case)) < len(case) - int(counts.fillers.sum())
    return Cited(_batch(stage, plan, case, fate, rng), case, fate, cited)


def _counts(stage: Stage, plan: Plan, rng: np.random.Generator) -> Counts:
    """Choose counts so that the rate left over falls on the drawn side of the limit."""
    rest_ok = plan.column("rest_within_limit")
    beside = rng.poisson(4.0, len(plan))
    beside = np.where(rest_ok, np.maximum(beside, 1), beside)
    excused = _excused(plan, beside, rng)
    main_late = ~_main_excused(plan)
    late = beside - excused
    lone = ~rest_ok & (beside > 0) & (late + main_late == 0)
    excused, late = excused - lone, late + lone
    base = orders_in_window(stage.background, plan.seller, plan.issued_at, REVIEW_SPAN)
    late = np.where(rest_ok, late, late + _missing_late(base, beside, late + main_late))
    unexcused = late + main_late
    fillers = _fillers(plan, base + excused + late + 1, unexcused, rest_ok, rng)
    return Counts(excused, late, fillers)


def _excused(plan: Plan, beside: Ints, rng: np.random.Generator) -> Ints:
    """Excused orders beside the main one; B(5,5) of them in a mixed batch (handbook 1, Rows)."""
    partial = np.array([cause.right == "partial" for cause in TABLE.causes])[plan.drawn.cause]
    some = rng.binomial(beside, rng.beta(5, 5, len(plan)))
    few = rng.binomial(beside, 0.15)
    return np.where(partial, some, np.where(plan.column("rest_within_limit"), beside, few)).astype(
        np.int64
    )


def _main_excused(plan: Plan) -> Bools:
    in_time = (plan.first_at <= plan.ship_by) & ~plan.scans_withheld
    named = [plan.column(name) for name in _EXCUSES]
    return in_time | named[0] | named[1] | named[2]


def _missing_late(base: Ints, beside: Ints, unexcused: Ints) -> Ints:
    """Late orders to add so that the rate left over exceeds the limit; none where one is cited."""
    total = base + beside + 1
    short = np.floor((RATE_LIMIT * total - unexcused) / (1 - RATE_LIMIT)) + 1
    return np.where(beside > 0, np.maximum(short, 0), 0).astype(np.int64)


def _fillers(
    plan: Plan, total: Ints, unexcused: Ints, rest_ok: Bools, rng: np.random.Generator
) -> Ints:
    """On-time orders that bring the rate under the limit, or close above it in a fifth."""
    count = len(plan)
    limit = np.ceil(unexcused / RATE_LIMIT)
    near = np.ceil(limit * rng.uniform(1.0, 1.1, count))
    far = np.ceil(limit * rng.uniform(1.15, 1.8, count))
    enough = np.where(plan.near, near, far)
    above = np.floor(limit * rng.uniform(0.91, 0.98, count))
    tight = plan.near & (unexcused <= 4) & (total > 1)
    wanted = np.where(rest_ok, enough, np.where(tight, above, 0))
    return np.maximum(wanted - total, 0).astype(np.int64)


def _batch(
    stage: Stage, plan: Plan, case: Ints, fate: Ints, rng: np.random.Generator
) -> OrderBatch:
    count, main = len(case), len(plan)
    seller = plan.seller[case]
    paid, ship_by = _dates(plan, case, fate, rng)
    window = ship_by - paid
    lag = np.where(
        (fate == IN_TIME),
        -rng.uniform(0.05, 0.8, count) * window,
        lognormal(rng, 12.0, 0.7, count) * HOUR,
    )
    first = ship_by + whole(np.minimum(lag, 3 * DAY))
    first[:main] = plan.first_at
    second = moving_gaps(rng, count)
    second[:main] = plan.second_after
    held_back = (fate == -1) & (first <= ship_by)
    fed = plan.issued_at[case] + rng.integers(HOUR, 12 * HOUR, count)
    return OrderBatch(
        no=stage.numbers.take("ord", count),
        seller=seller,
        paid_at=paid,
        ship_by=ship_by,
        label_at=label_times(paid, ship_by, first, rng),
        first_at=first,
        second_after=second,
        feed_after=np.where(held_back, np.minimum(fed, plan.filed_at[case]), 0),
        feed_by=plan.opened_at[case] + np.where(fate == -1, 20, 1) * HOUR,
        carrier=[plan.carrier[i] for i in case.tolist()],
        order_type=["pre_order" if u < 0.04 else "regular" for u in rng.random(count).tolist()],
    )


def _dates(plan: Plan, case: Ints, fate: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Paid and ship-by times; orders that fared otherwise lie clear of the main one's event."""
    main_paid, main_ship = plan.paid_at[case], plan.ship_by[case]
    own = windows([plan.region[i] for i in case.tolist()], rng)
    floor = plan.issued_at[case] - REVIEW_SPAN + HOUR
    latest = np.maximum(main_paid - 5 * DAY, floor + HOUR)
    apart = floor + whole(rng.random(len(case)) * (latest - floor))
    with_main = (fate == TOGETHER) | (fate == -1)
    paid = np.where(with_main, main_paid, apart - own)
    ship_by = np.where(with_main, main_ship, apart)
    jitter = np.where(fate == TOGETHER, rng.integers(-60, 61, len(case)), 0)
    return paid + jitter, ship_by + jitter
