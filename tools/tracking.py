"""How a seller's parcels really went: tracking over a window, and weights."""

from __future__ import annotations

from tools.endpoint import endpoint
from tools.record import BySeller, Record, SellerWindow


class TrackingSummary(Record):
    """Counts over the orders paid in a window; ``valid_rate`` is a fraction of them."""

    n_orders: int
    n_no_scan_72h: int
    n_no_scan_in_alert: int
    n_zip_mismatch: int
    n_pre_order_scan: int
    n_reused_numbers: int
    n_flagged: int
    n_flagged_delivered: int
    n_corrected_72h: int
    n_weighed: int
    n_underweight: int
    valid_rate: float


class WeightProfile(Record):
    """Carriers' weights over declared ones: median, interquartile range; shares are fractions."""

    n_weighed_all: int
    median_ratio: float
    ratio_iqr: float
    same_declared_share: float


TOOLS = (
    endpoint(
        "get_tracking_summary",
        "/v1/sellers/{seller_id}/tracking-summary",
        SellerWindow,
        TrackingSummary,
        "What the tracking of a seller's orders of a window shows: parcels without scans, wrong "
        "postcodes, scans before the order, numbers used twice, parcels too light.",
    ),
    endpoint(
        "get_weight_profile",
        "/v1/sellers/{seller_id}/weight-profile",
        BySeller,
        WeightProfile,
        "What carriers weighed of a seller's parcels over what it declared, and whether it "
        "declares one weight for everything.",
    ),
)
