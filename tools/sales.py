"""What a listing sold."""

from __future__ import annotations

from tools.endpoint import endpoint
from tools.listings import ByListing
from tools.record import Record


class ListingSales(Record):
    """Sales of the last 365 days, amounts in minor units, and claims that doubt the goods."""

    units_365d: int
    gmv_365d_cents: int
    n_authenticity_claims: int
    n_safety_claims: int


TOOLS = (
    endpoint(
        "get_listing_sales",
        "/v1/listings/{listing_id}/sales",
        ByListing,
        ListingSales,
        "Units and turnover of a listing over 365 days, with claims on authenticity and safety.",
    ),
)
