"""The frame of each case: its window, its seller's usual day, and how far the peak lies above."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sandbox.casetypes.apart import Apart
from sandbox.casetypes.base import Slots, Stage
from sandbox.casetypes.fake_orders.table import TABLE
from sandbox.casetypes.frame import Frame, make_frame
from sandbox.notices import NoticeTimes, notice_times
from sandbox.streams import Bools, Ints
from sandbox.timeline import DAY

CHANNELS: Final = {"batch": 92, "on-call": 4, "appeal": 3, "regulatory": 1}
DAYS: Final = 14
WEEKS_BEFORE: Final = 28
ANSWER_WITHHELD: Final = 0.40
MONEY_WITHHELD: Final = 0.08
BURST: Final = 4.0
LATE_SHARE: Final = (0.5, 0.25)
"""What of a burst is left on the two days after its peak."""


@dataclass(frozen=True)
class Plan:
    """Cases as parallel arrays; times in epoch seconds.

    ``usual`` is the median day before the window, ``days`` the orders planted on each day of the
    window (one row a case), ``listing`` the listing that all of them are for.
    """

    frame: Frame
    times: NoticeTimes
    usual: Ints
    days: Ints
    around: Ints
    listing: Ints
    answer_withheld: Bools
    money_withheld: Bools

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
    def size(self) -> Ints:
        """Orders planted in each window."""
        return np.asarray(self.days.sum(axis=1), dtype=np.int64)

    @property
    def total(self) -> Ints:
        """All orders of each window."""
        return self.size + np.asarray(self.around.sum(axis=1), dtype=np.int64)


def make_plan(stage: Stage, slots: Slots, rng: np.random.Generator) -> Plan:
    """Draw causes, columns and frames of the cases in ``slots``."""
    frame = make_frame(stage, slots, TABLE, CHANNELS, rng, apart=_apart(stage))
    count = len(frame)
    times = notice_times(frame.opened_at, rng)
    # Fewer orders a day than the handbook's LN(9, .9): every one of four weeks is a row.
    usual = np.where(rng.random(count) < 0.5, 1, 2)
    around = _around(stage, frame, times)
    return Plan(
        frame=frame,
        times=times,
        usual=usual,
        days=_days(frame, usual, around, rng),
        around=around,
        listing=stage.sellers.first_listing[frame.seller],
        answer_withheld=rng.random(count) < ANSWER_WITHHELD,
        money_withheld=rng.random(count) < MONEY_WITHHELD,
    )


def _apart(stage: Stage) -> Apart:
    """Keep clear of the thirty days of late rates, and of the windows of other notices."""
    cited = stage.writer.rows(
        "SELECT DISTINCT v.seller_no - 1, v.issued_at, 1 FROM violations v "
        "JOIN violation_orders o USING (violation_no) "
        "UNION SELECT seller_no - 1, window_to, CASE kind WHEN 'tracking' THEN 10 ELSE 2 END "
        "FROM notices"
    )
    return Apart.of(cited, before=62 * DAY, after=21 * DAY)


def _around(stage: Stage, frame: Frame, times: NoticeTimes) -> Ints:
    """Orders that already lie on each day of each window."""
    found = np.zeros((len(frame), DAYS), dtype=np.int64)
    case_of = {seller: case for case, seller in enumerate(frame.seller.tolist())}
    for seller, paid in stage.writer.rows("SELECT seller_no - 1, paid_at FROM orders"):
        case = case_of.get(int(seller))
        if case is not None and times.start[case] <= int(paid) < times.end[case]:
            found[case, (int(paid) - int(times.start[case])) // DAY] += 1
    return found


def _days(frame: Frame, usual: Ints, around: Ints, rng: np.random.Generator) -> Ints:
    """Orders to plant on each day: the usual number, and a burst on and after one quiet day."""
    count = len(frame)
    days = np.repeat(usual[:, None], DAYS, axis=1)
    peak = _peak(frame, usual)
    quiet = around[:, 1 : DAYS - 3] + rng.random((count, DAYS - 4))
    day = 1 + np.argmin(quiet, axis=1)
    rows = np.arange(count)
    days[rows, day] = peak
    for after, share in enumerate(LATE_SHARE, start=1):
        extra = np.floor(share * (peak - usual)).astype(np.int64)
        days[rows, day + after] = usual + np.maximum(extra, 0)
    return days


def _peak(frame: Frame, usual: Ints) -> Ints:
    """The busiest day that lies the drawn number of deviations above the usual one."""
    drawn, spread = frame.amount("burst_z"), np.sqrt(usual)
    edge = np.ceil(usual + BURST * spread)
    burst = drawn >= BURST
    peak = np.rint(usual + np.maximum(drawn, 0.0) * spread)
    peak = np.where(burst, np.maximum(peak, edge), np.minimum(peak, edge - 1))
    tight = frame.near & (np.abs(drawn - BURST) < 1.0)
    peak = np.where(tight, np.where(burst, edge, edge - 1), peak)
    return np.asarray(np.maximum(peak, usual), dtype=np.int64)
