"""The frame of each safety case: which product and batch, when it was asked about, what is late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np

from sandbox.casetypes.base import Slots, Stage
from sandbox.casetypes.frame import Frame, make_frame
from sandbox.casetypes.product_safety.table import TABLE
from sandbox.streams import Bools, Ints, lognormal, pick, whole
from sandbox.text.goods import BANNED, BRANDS, GOODS, Banned, Good
from sandbox.timeline import DAY, HOUR

CHANNELS: Final = {"batch": 84.0, "on-call": 8.0, "regulatory": 5.0, "appeal": 3.0}
WITHHELD: Final = {"cert": 0.30, "notice": 0.25}
CERTIFICATE_ELSE: Final = 0.4
"""Share of the certificates that neither hold nor are forged among those not shown to hold."""


@dataclass(frozen=True)
class Plan(Frame):
    """Frames of a batch of safety cases; times in epoch seconds.

    ``batch`` is the month in which the goods were made, counted from year 0. ``filed`` marks
    listings with a certificate, whatever it is worth.
    """

    good: list[Good]
    banned: list[Banned]
    brand: list[str]
    batch: Ints
    asked_at: Ints
    answered_at: Ints
    units: Ints
    filed: Bools
    answer_withheld: Bools
    lab_withheld: Bools

    @property
    def model(self) -> list[str]:
        """Model numbers; no other listing has the same."""
        return [f"K{no:06d}" for no in self.slots.case_no.tolist()]

    @property
    def asks(self) -> list[list[str]]:
        """The actions of each case whose record was withheld."""
        flags = {"cert": self.lab_withheld, "notice": self.answer_withheld}
        return [
            [action for action, hidden in flags.items() if hidden[case]]
            for case in range(len(self))
        ]


def make_plan(stage: Stage, slots: Slots, rng: np.random.Generator) -> Plan:
    """Draw causes, columns and frames of the cases in ``slots``."""
    frame = make_frame(stage, slots, TABLE, CHANNELS, rng)
    count = len(frame)
    good, banned = (rng.integers(0, len(each), count) for each in (GOODS, BANNED))
    shown = frame.column("cert_valid") | frame.column("cert_forged")
    filed = shown | (rng.random(count) < np.where(frame.near, 1.0, CERTIFICATE_ELSE))
    return Plan(
        **vars(frame),
        good=[GOODS[i] for i in good.tolist()],
        banned=[BANNED[i] for i in banned.tolist()],
        brand=pick(rng, BRANDS, (1,) * len(BRANDS), count),
        batch=_months(slots.opened_at) - rng.integers(2, 15, count),
        asked_at=slots.opened_at - whole(rng.uniform(2, 6, count) * DAY),
        answered_at=slots.opened_at - rng.integers(HOUR, 40 * HOUR, count),
        units=np.clip(whole(lognormal(rng, 180, 1.2, count)), 5, 20_000),
        filed=filed,
        answer_withheld=rng.random(count) < WITHHELD["notice"],
        lab_withheld=filed & (rng.random(count) < WITHHELD["cert"]),
    )


def _months(seconds: Ints) -> Ints:
    days = [datetime.fromtimestamp(second, UTC) for second in seconds.tolist()]
    return np.array([day.year * 12 + day.month - 1 for day in days], dtype=np.int64)


def month(number: int) -> str:
    """Write a month counted from year 0, such as ``2025-11``."""
    return f"{number // 12}-{number % 12 + 1:02d}"
