"""How a seller's orders of a window came about: their rhythm, campaigns, and who paid them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tools.endpoint import endpoint
from tools.record import Record, SellerWindow, Timestamp


class OrderPattern(Record):
    """The rhythm of a window's orders; ``burst_z`` in standard deviations, shares as fractions."""

    n_orders: int
    n_buyers: int
    baseline_median_day: float
    peak_day: int
    burst_z: float
    max_orders_per_buyer_hour: float
    n_single_address: int
    median_minutes_to_buy: float
    cancelled_share: float


class Campaign(Record):
    """A campaign and how many orders of the window it brought."""

    campaign_id: str
    kind: Literal["live", "coupon", "creator", "ads", "press"]
    from_: Timestamp = Field(alias="from")
    to: Timestamp
    attributed_orders: int


class Campaigns(Record):
    """Campaigns that touch the window."""

    items: tuple[Campaign, ...]


class PaymentTrace(Record):
    """Where the money of a window's orders came from; the cost of coupons in minor units."""

    n_paid: int
    n_shared_instrument: int
    n_seller_instrument: int
    n_refund_off_platform: int
    coupon_cost_cents: int


TOOLS = (
    endpoint(
        "get_order_pattern",
        "/v1/sellers/{seller_id}/order-pattern",
        SellerWindow,
        OrderPattern,
        "The rhythm of a seller's orders in a window beside its own usual days: burst, orders a "
        "buyer-hour, orders to one address.",
    ),
    endpoint(
        "list_campaigns",
        "/v1/sellers/{seller_id}/campaigns",
        SellerWindow,
        Campaigns,
        "A seller's shows, coupons, creators, advertisements and press in a window, with the "
        "orders each brought.",
        paged=True,
    ),
    endpoint(
        "get_payment_trace",
        "/v1/analytics/payment-trace",
        SellerWindow,
        PaymentTrace,
        "Where the money of a seller's orders in a window came from: shared instruments, the "
        "seller's own, refunds outside the platform, coupons.",
    ),
)
