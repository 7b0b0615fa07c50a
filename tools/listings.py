"""What is offered for sale."""

from __future__ import annotations

from pydantic import Field

from tools.base import PartyText
from tools.endpoint import endpoint
from tools.record import Arguments, Id, Record, Region, Timestamp


class ByListing(Arguments):
    """A listing's id."""

    listing_id: Id = Field(description="The listing's id.")


class Listing(Record):
    """A listing; the price is in minor units of the region's currency."""

    listing_id: str
    seller_id: str
    region: Region
    title: PartyText
    description: PartyText
    brand: PartyText
    model_no: PartyText | None = None
    gtin: PartyText | None = None
    category: str
    price_cents: int
    created_at: Timestamp
    age_grade_months: int | None = None
    has_battery: bool | None = None
    status: str
    n_identical_images: int


class Edit(Record):
    """A change of a listing; ``similarity`` is 1 where hardly anything changed, 0 where all did."""

    at: Timestamp
    field: str
    similarity: float


class Edits(Record):
    """Changes of a listing, and how many of the last 180 days left little of what stood there."""

    items: tuple[Edit, ...]
    n_major_180d: int


TOOLS = (
    endpoint(
        "get_listing",
        "/v1/listings/{listing_id}",
        ByListing,
        Listing,
        "A listing: title, description, brand, category, price in cents.",
    ),
    endpoint(
        "list_listing_edits",
        "/v1/listings/{listing_id}/edits",
        ByListing,
        Edits,
        "What the seller changed on a listing since it was made, and how much of it remained.",
        paged=True,
    ),
)
