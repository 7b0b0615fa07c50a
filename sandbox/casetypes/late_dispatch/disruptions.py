"""Carrier alerts and platform incidents around the orders of late-dispatch cases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sandbox.casetypes.base import Stage
from sandbox.casetypes.late_dispatch.cited import REVIEW_SPAN
from sandbox.casetypes.late_dispatch.plan import Plan, share_of_window
from sandbox.network import (
    INCIDENT_KINDS,
    SERIOUS,
    Alerts,
    Incidents,
    Watches,
    alert_lateness,
    alert_lengths,
    incident_lengths,
    touched_sellers,
    write_alerts,
    write_incidents,
)
from sandbox.streams import Bools, Ints, lognormal, pick, whole
from sandbox.timeline import DAY, HOUR


@dataclass(frozen=True)
class Spans:
    """Start and end of an event beside each case's window from payment to ship-by."""

    start: Ints
    end: Ints


def watches(plan: Plan) -> Watches:
    """Return the windows in which the cases look at their sellers and carriers."""
    return Watches(
        seller=plan.seller,
        carrier=plan.carrier,
        region=plan.region,
        since=plan.issued_at - REVIEW_SPAN - 10 * DAY,
        start=plan.paid_at - DAY,
        end=plan.ship_by + DAY,
        calm=plan.column("scan_stalled"),
    )


def overlapping(plan: Plan, length: Ints, rng: np.random.Generator) -> Spans:
    """Spans that touch the window; in near cases only its first or last tenth."""
    count = len(plan)
    middle = plan.paid_at + share_of_window(plan, rng.uniform(0.15, 0.85, count))
    start = middle - whole(rng.uniform(0.2, 0.8, count) * length)
    sliver = share_of_window(plan, rng.uniform(0.005, 0.1, count))
    early, late = plan.near & (rng.random(count) < 0.5), plan.near
    start = np.where(late, plan.ship_by - sliver, start)
    start = np.where(early, plan.paid_at + sliver - length, start)
    end = start + length
    return Spans(np.maximum(start, plan.paid_at - 3 * DAY), end)


def missing(plan: Plan, length: Ints, rng: np.random.Generator) -> Spans:
    """Spans that end just before the window or begin just after it."""
    count = len(plan)
    sliver = share_of_window(plan, rng.uniform(0.005, 0.1, count))
    before = rng.random(count) < 0.5
    end = np.where(before, plan.paid_at - sliver, plan.ship_by + sliver + length)
    start = np.where(before, plan.paid_at - sliver - length, plan.ship_by + sliver)
    return Spans(np.maximum(start, plan.paid_at - 3 * DAY), end)


def plant_alerts(stage: Stage, plan: Plan, rng: np.random.Generator) -> None:
    """Write the alerts of the cases.

    An alert that excuses names the origin and touches the window. Where none does, some cases
    have one at the origin just outside the window, one elsewhere within it, or one at the origin
    of a kind that stops nobody.
    """
    alert = plan.column("carrier_outage")
    roll = rng.random(len(plan))
    hit = overlapping(plan, alert_lengths(rng, len(plan)), rng)
    off = missing(plan, alert_lengths(rng, len(plan)), rng)
    _write(stage, plan, alert, hit, True, SERIOUS, rng)
    _write(stage, plan, ~alert & plan.near, off, True, SERIOUS, rng)
    _write(stage, plan, ~alert & (roll < 0.25), hit, False, SERIOUS, rng)
    _write(stage, plan, ~alert & (roll > 0.92), hit, True, ("capacity",), rng)


def _write(
    stage: Stage,
    plan: Plan,
    chosen: Bools,
    spans: Spans,
    at_origin: bool,
    kinds: tuple[str, ...],
    rng: np.random.Generator,
) -> None:
    rows = np.flatnonzero(chosen)
    regions = [plan.region[i] for i in rows.tolist()]
    start = spans.start[rows]
    known = np.minimum(start + alert_lateness(rng, len(rows)), plan.opened_at[rows])
    write_alerts(
        stage.writer,
        Alerts(
            carrier=[plan.carrier[i] for i in rows.tolist()],
            region=regions,
            kind=pick(rng, kinds, (1,) * len(kinds), len(rows)),
            start=start,
            end=spans.end[rows],
            postcodes=[
                _postcodes(stage, region, int(plan.seller[row]) if at_origin else None, rng)
                for row, region in zip(rows.tolist(), regions, strict=True)
            ],
            recorded=np.maximum(known, start),
        ),
        stage.numbers,
    )


def _postcodes(
    stage: Stage, region: str, seller: int | None, rng: np.random.Generator
) -> list[str]:
    """Name 1 to 40 postcodes, with the seller's warehouse among them where one is given."""
    count = int(rng.integers(1, 41))
    if seller is None:
        return stage.places.others(region, rng, count)
    return [*stage.places.others(region, rng, count - 1), stage.sellers.postcode[seller]]


def plant_incidents(stage: Stage, plan: Plan, rng: np.random.Generator) -> None:
    """Write the platform incidents of the cases, and near misses for some others."""
    count = len(plan)
    incident = plan.column("platform_fault")
    near_miss = ~incident & plan.near & (rng.random(count) < 0.15)
    hit = overlapping(plan, incident_lengths(rng, count), rng)
    off = missing(plan, incident_lengths(rng, count), rng)
    rows = np.flatnonzero(incident | near_miss)
    start = np.where(incident, hit.start, off.start)[rows]
    end = np.where(incident, hit.end, off.end)[rows]
    regions = [plan.region[i] for i in rows.tolist()]
    watched = watches(plan)
    write_incidents(
        stage.writer,
        Incidents(
            region=regions,
            kind=pick(rng, INCIDENT_KINDS, (4, 3, 2, 1), len(rows)),
            start=start,
            end=end,
            sellers=[
                [
                    int(plan.seller[row]) + 1,
                    *touched_sellers(
                        stage.sellers, region, watched.sellers_between(first, last), rng
                    ),
                ]
                for row, region, first, last in zip(
                    rows.tolist(), regions, start.tolist(), end.tolist(), strict=True
                )
            ],
            recorded=start + whole(lognormal(rng, 1.0, 0.8, len(rows)) * HOUR),
        ),
        stage.numbers,
    )
