"""The frame of each case about a held balance: the shop it is about, and when it was held."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from sandbox.accounts import Sellers
from sandbox.casetypes.base import Slots, Stage
from sandbox.casetypes.frame import NEAR_SHARE, Frame, draw_languages
from sandbox.casetypes.payout_hold.table import TABLE
from sandbox.newcomers import draw_newcomers
from sandbox.streams import Bools, Ints, lognormal, pick, whole
from sandbox.timeline import DAY

CHANNELS: Final = {"appeal": 62, "batch": 32, "regulatory": 4, "on-call": 2}
WITHHELD: Final = {"bank": 0.12, "logins": 0.10}
_REASONS: Final = {
    "growth_honest": "velocity", "new_seller_due": "new_seller", "settled_case": "violation",
    "late_goods": "dispute_spike", "bust_out": "velocity", "takeover": "bank_change",
    "case_open": "violation", "court": "court_order", "slow_burn": "velocity",
}  # fmt: skip
_ALL_REASONS: Final = (
    "new_seller", "dispute_spike", "violation", "kyb_pending", "velocity", "linked_account",
    "bank_change",
)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """Frames of a batch of cases, each about a shop of its own; times in epoch seconds.

    ``held_cents`` are minor units of the shop's currency.
    """

    frame: Frame
    sellers: Sellers
    registered_at: Ints
    placed_at: Ints
    held_cents: Ints
    reason: list[str]
    bank_withheld: Bools
    logins_withheld: Bools

    def __len__(self) -> int:
        return len(self.frame)


def make_plan(stage: Stage, slots: Slots, rng: np.random.Generator) -> Plan:
    """Draw causes, columns, shops and frames of the cases in ``slots``."""
    count = len(slots)
    sellers = draw_newcomers(stage.sellers, count, stage.places, stage.numbers, rng)
    seller = sellers.no[-count:] - 1
    drawn = TABLE.draw(slots.opened_at, rng)
    frame = Frame(
        slots=slots,
        table=TABLE,
        drawn=drawn,
        seller=seller,
        region=[sellers.region[i] for i in seller.tolist()],
        language=draw_languages(sellers, seller, rng),
        channel=pick(rng, tuple(CHANNELS), tuple(CHANNELS.values()), count),
        near=rng.random(count) < NEAR_SHARE,
    )
    registered = frame.opened_at - _account_ages(frame, rng)
    held = lognormal(rng, 290_000, 1.88, count) * sellers.price_level[seller]
    return Plan(
        frame=frame,
        sellers=sellers,
        registered_at=registered,
        placed_at=frame.opened_at - _hold_ages(frame, frame.opened_at - registered, rng),
        held_cents=np.maximum(whole(held), 20_000),
        reason=_reasons(frame, rng),
        bank_withheld=rng.random(count) < WITHHELD["bank"],
        logins_withheld=rng.random(count) < WITHHELD["logins"],
    )


def staged(stage: Stage, plan: Plan) -> Stage:
    """Return the stage with the shops of the cases among its sellers."""
    return replace(stage, sellers=plan.sellers)


def _account_ages(frame: Frame, rng: np.random.Generator) -> Ints:
    """Draw the ages of the accounts in seconds; young ones are under sixty days old."""
    count, near = len(frame), frame.near
    young = np.where(near, rng.uniform(54.5, 59.8, count), rng.uniform(35, 59.5, count))
    usual = np.maximum(lognormal(rng, 420, 0.8, count), 64)
    old = np.where(near, rng.uniform(60.2, 66, count), usual)
    # A hold of ninety days needs an account that is older.
    old = np.where(frame.column("overdue"), np.maximum(old, 150), old)
    return whole(np.where(frame.column("young_account"), young, old) * DAY)


def _hold_ages(frame: Frame, account: Ints, rng: np.random.Generator) -> Ints:
    """Draw the ages of the holds in seconds: LN(19 d, .8), past ninety days where overdue.

    A case is looked at within two days after it opened, and no age may pass ninety on the way.
    """
    count, near = len(frame), frame.near
    usual = np.minimum(lognormal(rng, 19, 0.8, count), 80)
    usual = np.where(near & (rng.random(count) < 0.4), rng.uniform(81, 87.5, count), usual)
    long = 90 + np.where(near, rng.uniform(0.1, 8, count), rng.exponential(20, count))
    days = np.where(frame.column("overdue"), np.minimum(long, 140), usual)
    return np.minimum(whole(days * DAY), account - 2 * DAY)


def _reasons(frame: Frame, rng: np.random.Generator) -> list[str]:
    """Draw why each balance was held: mostly the cause's own reason, else any."""
    other = pick(rng, _ALL_REASONS, (1,) * len(_ALL_REASONS), len(frame))
    typical = (rng.random(len(frame)) < 0.6).tolist()
    return [
        _REASONS[frame.cause(case).name] if usual else other[case]
        for case, usual in enumerate(typical)
    ]
