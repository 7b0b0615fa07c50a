"""The frame of each case: its window of orders, when the notice went out, what is withheld."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sandbox.casetypes.apart import Apart
from sandbox.casetypes.base import Slots, Stage
from sandbox.casetypes.fake_shipping.table import TABLE
from sandbox.casetypes.frame import Frame, make_frame
from sandbox.notices import WINDOW, notice_times
from sandbox.orders import count_between
from sandbox.places import UNCONNECTED
from sandbox.streams import Bools, Ints, lognormal, whole
from sandbox.timeline import DAY

CHANNELS: Final = {"batch": 88, "on-call": 7, "appeal": 4, "regulatory": 1}
PROFILE: Final = 40 * DAY
FEWEST, MOST = 45, 240
"""Windows are kept within these sizes, so that a world holds about as many orders as planned."""
ANSWER_WITHHELD: Final = 0.35
WEIGHTS_WITHHELD: Final = 0.30


@dataclass(frozen=True)
class Around:
    """What already lies in each case's window, and in the forty days before its first look."""

    orders: Ints
    weighed: Ints
    weighed_40d: Ints
    empty_claims: Ints


@dataclass(frozen=True)
class Plan:
    """Cases as parallel arrays; times in epoch seconds.

    ``size`` is how many orders the window gets beside those ``around``; ``start`` and ``end`` are
    its bounds. The carrier of all of them is the seller's connected one.
    """

    frame: Frame
    carrier: list[str]
    start: Ints
    end: Ints
    issued_at: Ints
    responded_at: Ints
    size: Ints
    around: Around
    answer_withheld: Bools
    weights_withheld: Bools

    def __len__(self) -> int:
        return len(self.frame)

    def column(self, name: str) -> Bools:
        """Return a drawn yes-or-no column."""
        return self.frame.column(name)

    @property
    def near(self) -> Bools:
        """Which cases lie close to a threshold."""
        return self.frame.near

    @property
    def total(self) -> Ints:
        """Orders in each window once all are planted."""
        return self.size + self.around.orders


def make_plan(stage: Stage, slots: Slots, rng: np.random.Generator) -> Plan:
    """Draw causes, columns and frames of the cases in ``slots``."""
    frame = make_frame(stage, slots, TABLE, CHANNELS, rng, apart=_apart(stage))
    count = len(frame)
    times = notice_times(frame.opened_at, rng)
    around = _around(stage, frame, times.end)
    drawn = np.clip(whole(lognormal(rng, 120, 0.8, count)), FEWEST, MOST)
    # A template shows only where most of what the seller sent keeps to it.
    most = np.minimum(4 * around.weighed_40d, MOST)
    template = frame.column("template_weights")
    return Plan(
        frame=frame,
        carrier=[connected(stage.sellers.carriers[i]) for i in frame.seller.tolist()],
        start=times.start,
        end=times.end,
        issued_at=times.issued_at,
        responded_at=times.responded_at,
        size=np.where(template, np.maximum(drawn, most), drawn),
        around=around,
        answer_withheld=rng.random(count) < ANSWER_WITHHELD,
        weights_withheld=rng.random(count) < WEIGHTS_WITHHELD,
    )


def _apart(stage: Stage) -> Apart:
    """Late rates are over thirty days; a window of many orders there would hide them."""
    cited = stage.writer.rows(
        "SELECT DISTINCT v.seller_no - 1, v.issued_at, 1 FROM violations v "
        "JOIN violation_orders o USING (violation_no)"
    )
    return Apart.of(cited, before=55 * DAY, after=22 * DAY)


def connected(carriers: tuple[str, str]) -> str:
    """Return the first of two carriers whose feed reaches us."""
    return carriers[0] if carriers[0] != UNCONNECTED else carriers[1]


def _around(stage: Stage, frame: Frame, end: Ints) -> Around:
    orders = _events(stage, "SELECT seller_no - 1, paid_at FROM orders")
    weighed = _events(
        stage,
        "SELECT o.seller_no - 1, o.paid_at FROM orders o JOIN parcels p USING (order_no) "
        "WHERE p.first_at IS NOT NULL",
    )
    claims = _events(
        stage, "SELECT seller_no - 1, opened_at FROM claims WHERE kind = 'empty_parcel'"
    )
    look = frame.opened_at + 2 * DAY
    return Around(
        orders=_within(orders, frame.seller, end - WINDOW, end),
        weighed=_within(weighed, frame.seller, end - WINDOW, end),
        weighed_40d=_within(weighed, frame.seller, look - PROFILE, look),
        empty_claims=_within(claims, frame.seller, end - WINDOW, end),
    )


def _events(stage: Stage, sql: str) -> Ints:
    """Rows of (seller index, instant) as two arrays."""
    found = np.array(stage.writer.rows(sql), dtype=np.int64)
    return found.reshape(-1, 2).T


def _within(events: Ints, seller: Ints, start: Ints, end: Ints) -> Ints:
    """Count each seller's events in ``[start, end)``."""
    return count_between(events[0], events[1], seller, start - 1, end - 1)
