"""The frame of each appeal against a complaint: which right, when, what was sold and shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from sandbox.casetypes.base import Slots, Stage
from sandbox.casetypes.frame import Frame, make_frame
from sandbox.casetypes.ip_complaint.table import TABLE
from sandbox.streams import Bools, Floats, Ints, lognormal, pick, whole
from sandbox.text.offers import BRANDS
from sandbox.timeline import DAY, HOUR

CHANNELS: Final = {"appeal": 93.0, "regulatory": 4.0, "on-call": 3.0}
WITHHELD: Final = {"invoice": 0.30, "supplier": 0.25}
_COUNTER_NOTICE_REGION: Final = "US"


@dataclass(frozen=True)
class Plan(Frame):
    """Frames of a batch of appeals; times in epoch seconds.

    ``kind`` is the right that the complaint names; ``court`` marks those a court has ordered.
    ``units`` were sold in the year before removal, ``invoiced`` stand on the invoices.
    """

    kind: list[str]
    court: Bools
    brand: list[str]
    complained_at: Ints
    issued_at: Ints
    filed_at: Ints
    units: Ints
    invoiced: Ints
    invoice_withheld: Bools
    call_withheld: Bools

    @property
    def verdict(self) -> list[str]:
        """The right outcome: by cause, save that courts and patents are not ours to decide."""
        legal = self.column("court_or_patent").tolist()
        return ["escalate" if out else word for word, out in zip(self.right, legal, strict=True)]

    @property
    def asks(self) -> list[list[str]]:
        """The actions of each case whose record was withheld."""
        waiting = self.invoice_withheld | self.call_withheld
        return [["supplier"] if flag else [] for flag in waiting.tolist()]


def make_plan(stage: Stage, slots: Slots, rng: np.random.Generator) -> Plan:
    """Draw causes, columns and frames of the cases in ``slots``."""
    frame = _lawful(make_frame(stage, slots, TABLE, CHANNELS, rng))
    count = len(frame)
    court = frame.column("court_or_patent") & (rng.random(count) < 0.5)
    filed = slots.opened_at - rng.integers(60, 1800, count)
    days = np.clip(lognormal(rng, 6.0, 0.7, count), 0.5, 29.0)
    # A counter-notice follows the removal, and its wait of 14 business days is over.
    days = np.where(frame.column("counter_notice_ripe"), rng.uniform(24, 29, count), days)
    issued = filed - whole(days * DAY)
    units = np.clip(whole(lognormal(rng, 260, 1.1, count)), 10, 20_000)
    return Plan(
        **vars(frame),
        kind=_kinds(frame, court, rng),
        court=court,
        brand=pick(rng, BRANDS, (1,) * len(BRANDS), count),
        complained_at=issued - rng.integers(2 * HOUR, 3 * DAY, count),
        issued_at=issued,
        filed_at=filed,
        units=units,
        invoiced=_invoiced(frame, units, rng),
        invoice_withheld=rng.random(count) < WITHHELD["invoice"],
        call_withheld=rng.random(count) < WITHHELD["supplier"],
    )


def _lawful(frame: Frame) -> Frame:
    """Keep counter-notices where the law knows them."""
    column = "counter_notice_ripe"
    inside = np.array([name == _COUNTER_NOTICE_REGION for name in frame.region])
    columns = {**frame.drawn.columns, column: frame.drawn.columns[column] * inside}
    return replace(frame, drawn=replace(frame.drawn, columns=columns))


def _kinds(frame: Frame, court: Bools, rng: np.random.Generator) -> list[str]:
    """The right of each complaint; a lapsed one is registered, a failed test buy is of a fake."""
    count = len(frame)
    usual = pick(rng, ("counterfeit", "trademark", "copyright", "design"), (46, 30, 14, 10), count)
    registered = pick(rng, ("trademark", "counterfeit", "design"), (55, 30, 15), count)
    kinds: list[str] = []
    for i in range(count):
        kind = usual[i] if frame.column("right_live")[i] else registered[i]
        kind = "counterfeit" if frame.column("test_buy_bad")[i] else kind
        kind = "copyright" if frame.column("counter_notice_ripe")[i] else kind
        kinds.append("patent" if frame.column("court_or_patent")[i] and not court[i] else kind)
    return kinds


def _invoiced(frame: Frame, units: Ints, rng: np.random.Generator) -> Ints:
    """Units on the invoices: N(1.3, .3) of those sold where covered, else U(.05, .7).

    Four fifths are enough (handbook 3, Rows); near ones lie within a tenth of that.
    """
    count = len(frame)
    enough: Floats = np.maximum(rng.normal(1.3, 0.3, count), 0.8)
    enough = np.where(frame.near, rng.uniform(0.8, 0.88, count), enough)
    short = np.where(frame.near, rng.uniform(0.72, 0.79, count), rng.uniform(0.05, 0.7, count))
    covered = frame.column("units_covered")
    return np.where(covered, np.ceil(units * enough), np.floor(units * short)).astype(np.int64)
