"""The orders of each window, with what went wrong with their tracking and their weight."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from sandbox.casetypes.base import Stage
from sandbox.casetypes.fake_shipping.counts import Counts
from sandbox.casetypes.fake_shipping.plan import Plan
from sandbox.casetypes.fake_shipping.weights import Weights
from sandbox.network import Alerts, alert_lateness, write_alerts
from sandbox.notices import WINDOW
from sandbox.orders import Details, OrderBatch, label_times, moving_gaps, tracking_numbers, windows
from sandbox.streams import Bools, Ints, whole
from sandbox.timeline import DAY, HOUR

BORROWED: Final = 0.6
"""Share of the numbers used twice that another seller's parcel had; the rest are recycled."""
SOURCE_SPAN: Final = HOUR


@dataclass(frozen=True)
class Window:
    """The orders of all windows: each one's case, and its place among its case's orders."""

    batch: OrderBatch
    case: Ints
    place: Ints
    flagged: Bools

    def numbers(self, case: int) -> Ints:
        """Order numbers of one case, those with something wrong first."""
        return np.asarray(self.batch.no[self.case == case], dtype=np.int64)


def make_window(
    stage: Stage, plan: Plan, counts: Counts, weights: Weights, rng: np.random.Generator
) -> tuple[Window, Details]:
    """Draw the orders of every window."""
    case = np.repeat(np.arange(len(plan)), plan.size)
    place = np.arange(len(case)) - (np.cumsum(plan.size) - plan.size)[case]
    wrong = place < counts.impossible[case]
    early = wrong & (rng.random(len(case)) < 0.5)
    batch = _batch(stage, plan, (case, place, early), rng)
    flagged = place < counts.flagged[case]
    used = np.maximum(counts.impossible, counts.reused)[case]
    unweighed = plan.size - np.rint((plan.size - counts.flagged) * counts.weighed).astype(np.int64)
    light = place >= (plan.size - counts.light)[case]
    details = replace(
        Details.drawn(len(case), rng),
        declared_g=weights.declared(case, rng),
        ratio=np.where(place >= unweighed[case], weights.ratio(case, light, rng), np.nan),
        scanned=~(flagged & (place >= used)),
        elsewhere=wrong & ~early,
        tracking_no=_tracking(stage, batch, place < counts.reused[case], plan.size, rng),
    )
    return Window(batch, case, place, flagged), details


def _batch(
    stage: Stage, plan: Plan, parts: tuple[Ints, Ints, Bools], rng: np.random.Generator
) -> OrderBatch:
    case, place, early = parts
    count, seller = len(case), plan.frame.seller[case]
    # Orders with something wrong lie clear of the end, so that their parcels have arrived.
    span = np.where(place < plan.size[case] // 2, 0.8, 0.999)
    later = whole(rng.uniform(0.01, 1.0, count) * span * WINDOW)
    # The last order of each case is its first in time: its number may be used again.
    last = place == plan.size[case] - 1
    paid = plan.start[case] + np.where(last, rng.integers(0, SOURCE_SPAN, count), later)
    allowed = windows([stage.sellers.region[i] for i in seller.tolist()], rng)
    first = paid + allowed - whole(rng.uniform(0.05, 0.8, count) * allowed)
    label = label_times(paid, paid + allowed, first, rng)
    return OrderBatch(
        no=stage.numbers.take("ord", count),
        seller=seller,
        paid_at=paid,
        ship_by=paid + allowed,
        label_at=label,
        first_at=np.where(early, paid - rng.integers(6 * HOUR, 60 * HOUR, count), first),
        second_after=moving_gaps(rng, count),
        feed_after=np.zeros(count, dtype=np.int64),
        feed_by=plan.issued_at[case] - HOUR,
        carrier=[plan.carrier[i] for i in case.tolist()],
        order_type=["regular"] * count,
    )


def _tracking(
    stage: Stage, batch: OrderBatch, reused: Bools, size: Ints, rng: np.random.Generator
) -> list[str]:
    """Numbers of the reused ones: another seller's earlier parcel's, or of the case's first."""
    given = [""] * len(batch)
    rows = np.flatnonzero(reused)
    usual = tracking_numbers(batch.carrier, batch.no)
    source = np.repeat(np.cumsum(size) - 1, size)[rows]
    older = np.searchsorted(stage.background.paid_at, batch.paid_at[rows] - 5 * DAY)
    lent = (rng.random(len(rows)) < BORROWED) & (older > 0)
    chosen = whole(np.floor(rng.random(len(rows)) * older))
    owners = stage.background.part(0, int(older.max(initial=0)))
    numbers = tracking_numbers(owners.carrier, owners.no)
    for row, own, far, borrowed in zip(
        rows.tolist(), source.tolist(), chosen.tolist(), lent.tolist(), strict=True
    ):
        given[row] = numbers[far] if borrowed else usual[own]
    return given


def plant_corrections(
    stage: Stage, plan: Plan, counts: Counts, window: Window, rng: np.random.Generator
) -> None:
    """Write the better numbers that sellers sent for some of the flagged orders, in 72 hours."""
    rank = np.full(len(window.case), len(window.case))
    flagged = np.flatnonzero(window.flagged)
    mixed = flagged[np.lexsort((rng.random(len(flagged)), window.case[flagged]))]
    first = np.searchsorted(window.case[mixed], np.arange(len(plan)))
    rank[mixed] = np.arange(len(mixed)) - first[window.case[mixed]]
    rows = np.flatnonzero(rank < counts.mended[window.case])
    at = window.batch.ship_by[rows] + rng.integers(2 * HOUR, 70 * HOUR, len(rows))
    stage.writer.add(
        "tracking_changes",
        {
            "order_no": window.batch.no[rows],
            "at": at,
            "tracking_no": [f"RE{no:09d}" for no in rng.integers(0, 10**9, len(rows)).tolist()],
            "recorded_at": at + 60,
        },
    )


def plant_notices(stage: Stage, plan: Plan, rng: np.random.Generator) -> None:
    """Write carriers' notices of trouble with scans: at the origin where one is to blame.

    Elsewhere close cases have one over fewer than five silent parcels, and some others one that
    names other places.
    """
    blamed = plan.column("carrier_gap")
    at_origin = blamed | plan.near
    rows = np.flatnonzero(at_origin | (rng.random(len(plan)) < 0.25))
    start = plan.start[rows] - rng.integers(HOUR, 2 * DAY, len(rows))
    regions = [plan.frame.region[i] for i in rows.tolist()]
    write_alerts(
        stage.writer,
        Alerts(
            carrier=[plan.carrier[i] for i in rows.tolist()],
            region=regions,
            kind=["capacity"] * len(rows),
            start=start,
            end=plan.end[rows] + rng.integers(HOUR, 2 * DAY, len(rows)),
            postcodes=[
                _postcodes(stage, plan, row, bool(at_origin[row]), rng) for row in rows.tolist()
            ],
            recorded=start + np.minimum(alert_lateness(rng, len(rows)), 5 * DAY),
        ),
        stage.numbers,
    )


def _postcodes(
    stage: Stage, plan: Plan, case: int, at_origin: bool, rng: np.random.Generator
) -> list[str]:
    others = stage.places.others(plan.frame.region[case], rng, int(rng.integers(1, 40)))
    return [*others, stage.sellers.postcode[int(plan.frame.seller[case])]] if at_origin else others
