"""What each buyer's account is to show: how many orders, refunds, denials and missing parcels.

The four signs add up to the account score as the cause table drew it: missing parcels and denials
weigh two each, a denied buyer on the same device and a large share of refunds one each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sandbox.casetypes.refund_abuse.plan import Plan
from sandbox.streams import Bools, Floats, Ints, whole

_REACHED: Final = ((1, 1, 0), (1, 0, 1), (0, 1, 1), (1, 1, 1))
_REACHED_WITH_REFUNDS: Final = ((1, 0, 0), (0, 1, 0), (1, 1, 0), (1, 0, 1), (0, 1, 1))
_BELOW: Final = ((0, 0, 0), (0, 0, 0), (0, 0, 0), (0, 0, 0), (0, 0, 0), (0, 0, 1), (1, 0, 0),
                 (0, 1, 0))  # fmt: skip
_JUST_BELOW: Final = ((1, 0, 0), (0, 1, 0), (0, 0, 0))
"""Missing parcels, denials, a denied buyer on the same device: which signs an account shows."""


@dataclass(frozen=True)
class Record:
    """Counts by case over the year before it, beside the claim at hand.

    ``missing`` earlier claims say that nothing came; ``denied`` and ``refunded`` are earlier claims
    by how they ended; ``plain`` orders had no claim; ``peers`` denied buyers share the device.
    """

    missing: Ints
    denied: Ints
    refunded: Ints
    plain: Ints
    peers: Ints


def draw_record(plan: Plan, rng: np.random.Generator) -> Record:
    """Draw the accounts (handbook 6, Rows).

    Orders a year are 2 + P(9); the refund share is B(1,14), or B(6,8) where the score is met.
    """
    count, met = len(plan), plan.column("account")
    share = np.where(met, rng.beta(6, 8, count), np.minimum(rng.beta(1, 14, count), 0.45))
    heavy = share >= 0.5
    signs = _signs(met, heavy, plan.near, rng)
    now_missing = np.array([kind == "not_received" for kind in plan.kind]).astype(np.int64)
    more = np.where(plan.near, 0, rng.poisson(0.8, count))
    few = np.where(plan.near, 2, np.minimum(rng.poisson(0.3, count), 2))
    missing = np.maximum(np.where(signs[:, 0], 3 + more, few) - now_missing, 0)
    once = np.where(plan.near, 1, np.minimum(rng.poisson(0.2, count), 1))
    again = np.where(plan.near, 0, rng.poisson(0.7, count))
    denied = np.where(signs[:, 1], 2 + again, once)
    orders = 2 + rng.poisson(9, count)
    refunded, orders = _refunds(share, heavy, orders, missing, denied, plan)
    return Record(
        missing=missing,
        denied=denied,
        refunded=refunded - plan.paid_before,
        plain=orders - 1 - denied - refunded + plan.paid_before,
        peers=np.where(signs[:, 2], 1 + rng.poisson(0.3, count), 0),
    )


def _signs(met: Bools, heavy: Bools, near: Bools, rng: np.random.Generator) -> Bools:
    """Choose the signs whose weights reach the score where it is met, and stay below elsewhere."""
    roll = rng.random(len(met)).tolist()
    chosen: list[tuple[int, int, int]] = []
    for reached, large, close, u in zip(
        met.tolist(), heavy.tolist(), near.tolist(), roll, strict=True
    ):
        below = _JUST_BELOW if close else _BELOW
        above = _REACHED_WITH_REFUNDS if large else _REACHED
        options = above if reached else below
        chosen.append(options[int(u * len(options))])
    return np.array(chosen, dtype=bool).reshape(len(met), 3)


def _refunds(
    share: Floats,
    heavy: Bools,
    orders: Ints,
    missing: Ints,
    denied: Ints,
    plan: Plan,
) -> tuple[Ints, Ints]:
    """Refunded claims, and orders to hold them: half the orders or more exactly where heavy."""
    orders = np.where(heavy, np.maximum(orders, 2 * denied + 5), orders)
    half = (orders + 1) // 2
    wanted = whole(share * orders)
    many = np.clip(np.where(plan.near, half, wanted), half, orders - 2 - denied)
    least = np.maximum(missing - denied, 0) + plan.paid_before
    few = np.maximum(np.minimum(wanted, half - 1), least)
    refunded = np.where(heavy, np.maximum(many, least), few)
    enough = np.where(heavy, orders, np.maximum(orders, 2 * refunded + 1))
    return refunded, np.maximum(enough, denied + refunded + 2).astype(np.int64)
