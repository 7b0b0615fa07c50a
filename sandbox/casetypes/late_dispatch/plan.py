"""The frame of each late-dispatch case: who, when, in which language, and what is withheld."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sandbox.casetypes.base import Slots, Stage
from sandbox.casetypes.frame import Frame, make_frame
from sandbox.casetypes.late_dispatch.table import TABLE
from sandbox.orders import lag_floor, moving_gaps, windows
from sandbox.places import UNCONNECTED, UTC_OFFSET
from sandbox.streams import Bools, Floats, Ints, lognormal, whole
from sandbox.timeline import DAY, HOUR

LATE_FILED: Final = 0.02
SECOND_TRY: Final = 0.08
WITHHELD: Final = {"manifest": 0.20, "scans": 0.03}
CHANNELS: Final = {"appeal": 94.0, "batch": 5.0, "regulatory": 1.0}
_LONG_WINDOW: Final = ("EU", "UK")


@dataclass(frozen=True)
class Plan(Frame):
    """Frames of a batch of late-dispatch cases; times in epoch seconds.

    ``paid_at`` to ``second_after`` describe the order named in the appeal.
    """

    carrier: list[str]
    attempt: Ints
    late_filed: Bools
    issued_at: Ints
    filed_at: Ints
    prior_decided_at: Ints
    paid_at: Ints
    ship_by: Ints
    first_at: Ints
    second_after: Ints
    manifest_withheld: Bools
    scans_withheld: Bools


def make_plan(stage: Stage, slots: Slots, rng: np.random.Generator) -> Plan:
    """Draw causes, columns and frames of the cases in ``slots``."""
    frame = make_frame(stage, slots, TABLE, CHANNELS, rng, repeat="prior_false_appeals")
    count, seller, region = len(frame), frame.seller, frame.region
    window = windows(region, rng)
    lag = lag_floor(frame.amount("lag_hours") * HOUR, window)
    second_after = _second_after(frame.column("scan_stalled"), frame.near, rng)
    late_filed = rng.random(count) < LATE_FILED
    attempt = np.where(rng.random(count) < SECOND_TRY, 2, 1)
    filed = slots.opened_at - rng.integers(60, 1800, count)
    earliest = filed - whole(np.maximum(lag, 0)) - second_after - 8 * HOUR
    issued, prior = _issue_times(filed, attempt, late_filed, region, rng)
    ship_by = np.minimum(issued - whole(rng.uniform(4, 30, count) * HOUR), earliest)
    local = ship_by + whole(lag) + HOUR * np.array([UTC_OFFSET[name] for name in region])
    ship_by -= _night_shift(local, stage.sellers.rural[seller], rng)
    return Plan(
        **vars(frame),
        carrier=[_connected(stage.sellers.carriers[i]) for i in seller.tolist()],
        attempt=attempt,
        late_filed=late_filed,
        issued_at=issued,
        filed_at=filed,
        prior_decided_at=prior,
        paid_at=ship_by - window,
        ship_by=ship_by,
        first_at=ship_by + whole(lag),
        second_after=second_after,
        manifest_withheld=rng.random(count) < WITHHELD["manifest"],
        scans_withheld=rng.random(count) < WITHHELD["scans"],
    )


def _connected(carriers: tuple[str, str]) -> str:
    return carriers[0] if carriers[0] != UNCONNECTED else carriers[1]


def _second_after(stall: Bools, near: Bools, rng: np.random.Generator) -> Ints:
    """Seconds from first to second scan: LN(14 h, .6), stalled U(72, 150) (handbook 1, Rows)."""
    count = len(stall)
    still = np.where(near, rng.uniform(72.1, 79.2, count), rng.uniform(72.1, 150, count))
    moving = moving_gaps(rng, count)
    slow = near & (rng.random(count) < 0.3)
    moving = np.where(slow, whole(rng.uniform(64.8, 71.5, count) * HOUR), moving)
    return np.where(stall, whole(still * HOUR), moving)


def _issue_times(
    filed: Ints, attempt: Ints, late: Bools, region: list[str], rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Draw when the violation was issued and, for second tries, when the first was refused."""
    count = len(filed)
    long = np.array([name in _LONG_WINDOW for name in region])
    gap = np.clip(lognormal(rng, 6.0, 0.7, count), 0.5, 29.0)
    overdue = np.where(long, rng.uniform(181, 220, count), rng.uniform(31, 60, count))
    refused = np.where(late, rng.uniform(15.5, 40, count), rng.uniform(0.5, 14.5, count))
    first_round = rng.uniform(2, 13, count)
    days = np.where(attempt == 1, np.where(late, overdue, gap), refused + first_round)
    return filed - whole(days * DAY), filed - whole(refused * DAY)


def _night_shift(local: Ints, rural: Bools, rng: np.random.Generator) -> Ints:
    """Seconds to move a rural order back so that its first scan falls between 20:00 and 02:00.

    ``local`` are the first scans in seconds of local time.
    """
    wanted = 20 * HOUR + rng.integers(0, 6 * HOUR, len(local))
    return np.where(rural, (local - wanted) % DAY, 0)


def share_of_window(plan: Plan, share: Floats) -> Ints:
    """Return ``share`` of the seconds from payment to ship-by of each case."""
    return whole(share * (plan.ship_by - plan.paid_at))
