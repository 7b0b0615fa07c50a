"""The frame of each linked-accounts case: two accounts, when they opened, what they share.

Both accounts are the case's own. Nothing of the background refers to them, so that whatever links
them is what was planted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from sandbox.accounts import Sellers, region_quotas
from sandbox.casetypes.base import Slots, Stage
from sandbox.casetypes.frame import Frame, make_frame
from sandbox.casetypes.linked_accounts.table import TABLE
from sandbox.places import REGIONS
from sandbox.streams import Bools, Floats, Ints, lognormal, whole
from sandbox.timeline import DAY, HOUR

CHANNELS: Final = {"batch": 80.0, "appeal": 16.0, "on-call": 3.0, "regulatory": 1.0}
WITHHELD: Final = {"notice": 0.30, "overlap": 0.10}
CHINESE: Final = 0.115


@dataclass(frozen=True)
class Plan(Frame):
    """Frames of a batch of linked-accounts cases; times in epoch seconds.

    ``seller`` are indices in ``sellers``, which holds the accounts under suspicion behind those of
    the world; ``peer_no`` the numbers of the other accounts. ``sanctioned_at`` counts where the
    column says that the peer is sanctioned.
    """

    sellers: Sellers
    peer_no: Ints
    issued_at: Ints
    responded_at: Ints
    registered_at: Ints
    peer_registered_at: Ints
    sanctioned_at: Ints
    notice_withheld: Bools
    overlap_withheld: Bools


def make_plan(stage: Stage, slots: Slots, rng: np.random.Generator) -> Plan:
    """Draw causes, columns and frames of the cases in ``slots``."""
    count = len(slots)
    before = stage.numbers.used("sel")
    fresh = _accounts(stage, count, rng)
    frame = make_frame(replace(stage, sellers=fresh), slots, TABLE, CHANNELS, rng)
    issued = slots.opened_at - whole(rng.uniform(2.5, 6, count) * DAY)
    withheld = rng.random(count) < WITHHELD["notice"]
    answered = issued + whole(rng.uniform(0.1, 0.9, count) * (slots.opened_at - issued - HOUR))
    times = _times(frame, issued, rng)
    older = np.where(frame.column("peer_sanctioned"), times.sanctioned_at, times.registered_at)
    return Plan(
        **vars(replace(frame, seller=frame.seller + before)),
        sellers=_behind(stage.sellers, before, fresh),
        peer_no=stage.numbers.take("sel", count),
        issued_at=issued,
        responded_at=answered,
        registered_at=times.registered_at,
        peer_registered_at=older - whole(np.clip(lognormal(rng, 300, 0.7, count), 40, 2_000) * DAY),
        sanctioned_at=times.sanctioned_at,
        notice_withheld=withheld,
        overlap_withheld=rng.random(count) < WITHHELD["overlap"],
    )


def _accounts(stage: Stage, count: int, rng: np.random.Generator) -> Sellers:
    regions = region_quotas(count, rng)
    china = (rng.random(count) < CHINESE).tolist()
    zero = np.zeros(count, dtype=np.int64)
    return Sellers(
        no=stage.numbers.take("sel", count),
        region=regions,
        home_country=[
            "CN" if cn else stage.places.country(region, rng)
            for region, cn in zip(regions, china, strict=True)
        ],
        postcode=[stage.places.warehouse(region) for region in regions],
        rural=np.zeros(count, dtype=bool),
        carriers=[stage.places.two_carriers(region, rng) for region in regions],
        weight=np.zeros(count),
        first_listing=zero,
        n_listings=zero,
        token_owner={},
    )


def _behind(sellers: Sellers, before: int, fresh: Sellers) -> Sellers:
    """Return sellers whose index is their number less one; what lies between is left blank."""
    gap = [next(iter(REGIONS))] * (before - len(sellers))
    return replace(
        sellers,
        no=np.arange(1, before + len(fresh) + 1),
        region=[*sellers.region, *gap, *fresh.region],
        home_country=[*sellers.home_country, *gap, *fresh.home_country],
        postcode=[*sellers.postcode, *gap, *fresh.postcode],
    )


@dataclass(frozen=True)
class _Times:
    """When the peer was sanctioned, and when the account was opened."""

    sanctioned_at: Ints
    registered_at: Ints


def _times(frame: Frame, issued: Ints, rng: np.random.Generator) -> _Times:
    """Count both times back from the notice; evaders open LN(12 d, 1.0) after the sanction."""
    count, after = len(frame), frame.column("opened_after")
    lag = np.where(after, _lag_inside(frame, rng), _lag_outside(frame, rng))
    age = np.clip(lognormal(rng, 25, 0.8, count), 3, 170)
    # An account opened before the sanction is at least as old as that.
    age = np.where(lag < 1, np.maximum(age, 2 - lag), age)
    registered = issued - whole(age * DAY)
    return _Times(registered - whole(lag * DAY), registered)


def _lag_inside(frame: Frame, rng: np.random.Generator) -> Floats:
    """Days from sanction to opening within the window, some near its ends."""
    count = len(frame)
    usual = np.clip(lognormal(rng, 12, 1.0, count), 0.2, 160)
    late, early = rng.uniform(162.5, 179.5, count), -rng.uniform(12.7, 13.9, count)
    edge = np.where(rng.random(count) < 0.5, late, early)
    return np.where(frame.near, edge, usual)


def _lag_outside(frame: Frame, rng: np.random.Generator) -> Floats:
    """Days from sanction to opening outside the window: mostly opened long before it."""
    count = len(frame)
    early = 15.5 + np.clip(lognormal(rng, 200, 0.9, count), 1, 1_500)
    late = rng.uniform(198.5, 420, count)
    usual = np.where(rng.random(count) < 0.8, early * -1, late)
    low, high = -rng.uniform(14.1, 15.3, count), rng.uniform(180.5, 197.5, count)
    edge = np.where(rng.random(count) < 0.5, low, high)
    return np.where(frame.near, edge, usual)
