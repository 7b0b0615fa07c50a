"""The frame of each refund case: the claim, how its parcel fared, and what came back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from sandbox.casetypes.base import Slots, Stage
from sandbox.casetypes.frame import Frame, make_frame
from sandbox.casetypes.refund_abuse.table import TABLE
from sandbox.orders import windows
from sandbox.places import UNCONNECTED
from sandbox.streams import Bools, Ints, lognormal, pick, whole
from sandbox.timeline import DAY

CHANNELS: Final = {"appeal": 60.0, "batch": 38.0, "on-call": 2.0}
WITHHELD: Final = {"photos": 0.25, "inspection": 0.15}
OUT_OF_TIME: Final = 0.02
RETURN_SHARE: Final = 0.45
"""Part of the claims about goods that arrived in which they are sent back without a trick."""

CHINESE_BUYERS: Final = 0.25
"""Part of the buyers in South-East Asia who write Chinese."""

_STATUTORY: Final = ("EU", "UK")


@dataclass(frozen=True)
class Plan(Frame):
    """Frames of a batch of refund cases; times in epoch seconds, money in cents.

    ``language`` is the buyer's, ``reply_language`` the seller's. ``late`` claims come too long
    after delivery, ``paid_before`` ones after another refund of the same order. ``moving`` parcels
    were still on their way, and not yet due, when the claim was opened.
    """

    reply_language: list[str]
    kind: list[str]
    claimed_at: Ints
    amount_cents: Ints
    returned: Bools
    late: Bools
    paid_before: Bools
    moving: Bools
    paid_at: Ints
    ship_by: Ints
    deliver_by: Ints
    first_at: Ints
    delivered_at: Ints
    carrier: list[str]
    photos_withheld: Bools
    inspection_withheld: Bools

    @property
    def arrived(self) -> Bools:
        """Whose parcel was scanned as delivered."""
        return ~self.column("never_sent") & ~self.column("lost") & ~self.moving

    @property
    def out_of_time(self) -> Bools:
        """Whose claim is too late, or was paid before."""
        return self.late | self.paid_before


def make_plan(stage: Stage, slots: Slots, rng: np.random.Generator) -> Plan:
    """Draw causes, columns and frames of the cases in ``slots``."""
    frame = make_frame(stage, slots, TABLE, CHANNELS, rng)
    count = len(frame)
    returned = _returned(frame, rng)
    barred = rng.random(count) < OUT_OF_TIME
    statutory = np.array([name in _STATUTORY for name in frame.region])
    moving = _moving(frame, rng)
    arrived = ~frame.column("never_sent") & ~frame.column("lost") & ~moving
    late = barred & ~statutory & arrived & (rng.random(count) < 0.6)
    back = rng.uniform(9, 20, count)
    soon = np.clip(lognormal(rng, 1.5, 0.7, count), 0.3, 6)
    claimed = frame.opened_at - whole(np.where(returned, back, soon) * DAY)
    level = stage.sellers.price_level[frame.seller]
    median = np.where(frame.fair, 3_800, 7_400)
    sigma = np.where(frame.fair, 0.9, 0.8)
    languages = _buyer_languages(frame, rng)
    return Plan(
        **vars(replace(frame, language=languages)),
        reply_language=frame.language,
        kind=_kinds(frame, returned, rng),
        claimed_at=claimed,
        amount_cents=np.maximum(whole(lognormal(rng, median, sigma, count) * level), 500),
        returned=returned,
        late=late,
        paid_before=barred & ~late,
        moving=moving,
        carrier=[_connected(stage.sellers.carriers[i]) for i in frame.seller.tolist()],
        photos_withheld=rng.random(count) < WITHHELD["photos"],
        inspection_withheld=returned & (rng.random(count) < WITHHELD["inspection"]),
        **vars(_times(frame, claimed, arrived, late, moving, rng)),
    )


def _connected(carriers: tuple[str, str]) -> str:
    return carriers[0] if carriers[0] != UNCONNECTED else carriers[1]


def _returned(frame: Frame, rng: np.random.Generator) -> Bools:
    """Which goods go back: all that come back changed, and a share of the others."""
    share = np.where(frame.column("says_missing"), 0.02, RETURN_SHARE)
    changed = frame.column("switched") | frame.column("worn")
    return np.asarray(changed | (rng.random(len(frame)) < share), dtype=np.bool_)


def _moving(frame: Frame, rng: np.random.Generator) -> Bools:
    """Parcels neither lost nor delivered at the address: some are still on their way."""
    elsewhere = frame.column("says_missing") & ~frame.column("delivered_there")
    open_end = elsewhere & ~frame.column("never_sent") & ~frame.column("lost")
    share = np.where(frame.near, 0.6, 0.2)
    return np.asarray(open_end & (rng.random(len(frame)) < share), dtype=np.bool_)


def _kinds(frame: Frame, returned: Bools, rng: np.random.Generator) -> list[str]:
    """Kinds of the claims; goods that show no fault may be a change of mind."""
    count = len(frame)
    missing = np.where(returned | (rng.random(count) < 0.15), "empty_parcel", "not_received")
    damaged = pick(rng, ("defective", "not_as_described"), (1, 1), count)
    usual = pick(rng, ("not_as_described", "defective", "wrong_item"), (4, 4, 2), count)
    unwanted = ~frame.column("fault_shown") & (rng.random(count) < 0.25)
    present = np.where(
        frame.column("transit_damage"), damaged, np.where(unwanted, "changed_mind", usual)
    )
    kinds = np.where(frame.column("says_missing"), missing, present)
    return [str(kind) for kind in kinds.tolist()]


def _buyer_languages(frame: Frame, rng: np.random.Generator) -> list[str]:
    """A Chinese seller's buyers write as their region does."""
    written: list[str] = []
    for region, seller, draw in zip(
        frame.region, frame.language, rng.random(len(frame)).tolist(), strict=True
    ):
        local = {"MX": "es" if draw < 0.8 else "en", "SEA": "zh" if draw < CHINESE_BUYERS else "en"}
        usual = local.get(region, "en")
        written.append("es" if seller == "es" else usual)
    return written


@dataclass(frozen=True)
class _Times:
    """When each order was paid, due, sent and delivered."""

    paid_at: Ints
    ship_by: Ints
    deliver_by: Ints
    first_at: Ints
    delivered_at: Ints


def _times(
    frame: Frame,
    claimed: Ints,
    arrived: Bools,
    late: Bools,
    moving: Bools,
    rng: np.random.Generator,
) -> _Times:
    """Count the times of each order back from the claim."""
    count, near = len(frame), frame.near
    window = windows(frame.region, rng)
    days = rng.integers(3, 9, count) * DAY
    spare = whole(rng.uniform(0.1, 0.9, count) * window)
    delivered = claimed - _age(frame, late, rng)
    sent = delivered - whole(rng.uniform(1.5, 6, count) * DAY)
    overdue = np.where(near, rng.uniform(0.02, 0.3, count), lognormal(rng, 3.0, 0.8, count))
    wait = np.where(moving, -rng.uniform(0.1, 2, count), np.clip(overdue, 0.02, 20))
    due = np.where(arrived, sent + spare + days, claimed - whole(wait * DAY))
    ship_by = due - days
    return _Times(ship_by - window, ship_by, due, ship_by - spare, delivered)


def _age(frame: Frame, late: Bools, rng: np.random.Generator) -> Ints:
    """Seconds from delivery to the claim; a fifth of the claims come close to the window's end."""
    count = len(frame)
    usual = np.clip(lognormal(rng, 4.0, 0.8, count), 0.5, 26)
    close = np.where(frame.near, rng.uniform(27.2, 29.8, count), usual)
    overdue = np.where(frame.near, rng.uniform(30.2, 32.8, count), rng.uniform(33, 60, count))
    return whole(np.where(late, overdue, close) * DAY)
