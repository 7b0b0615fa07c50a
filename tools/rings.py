"""Buyers who act together."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tools.endpoint import endpoint
from tools.record import Record, SellerWindow


class RingArguments(SellerWindow):
    """A seller, a span of time, and whether its orders or the claims against it are meant."""

    basis: Literal["orders", "claims"] = Field(
        default="orders", description="Buyers of the orders, or those who claimed."
    )


class BuyerRing(Record):
    """The largest group of buyers that share identifiers; shares are fractions.

    ``density`` is the share of its pairs that hold an identifier in common, ``seller_shared``
    whether one of the seller's own is among them; ``commission_cents`` was paid to creators on its
    orders, in minor units of the seller's currency.
    """

    found: bool
    n_buyers: int
    n_orders: int
    order_share: float
    density: float
    median_account_age_days: int
    shared_kinds: tuple[str, ...]
    seller_shared: bool
    rival_seller_ids: tuple[str, ...]
    commission_cents: int
    organic_share: float


TOOLS = (
    endpoint(
        "get_buyer_ring",
        "/v1/analytics/buyer-ring",
        RingArguments,
        BuyerRing,
        "The largest group of a seller's buyers in a window whose accounts share devices, "
        "addresses or payment instruments.",
    ),
)
