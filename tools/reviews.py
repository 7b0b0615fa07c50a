"""Reviews of a listing: the texts, what they look like together, and official programmes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tools.base import PartyText
from tools.endpoint import endpoint
from tools.listings import ByListing
from tools.record import OpenSpan, Record, Span, Timestamp


class ReviewsArguments(OpenSpan, ByListing):
    """A listing and a half-open span of time."""


class ReviewWindow(Span, ByListing):
    """A listing and the half-open span of time that is summed up."""


class Review(Record):
    """A review; the text of a deleted one is empty."""

    review_id: str
    buyer_id: str
    order_id: str | None = None
    stars: int
    posted_at: Timestamp
    verified: bool
    programme: bool
    language: str
    text: PartyText


class Reviews(Record):
    """Reviews, oldest first."""

    items: tuple[Review, ...]


class ReviewStats(Record):
    """Reviews of a window together; shares are fractions of them.

    ``burst_z`` compares their number with the eight weeks before, in standard deviations;
    ``baseline_mean`` is reviews a day in those. Both are absent under 28 days of history.
    """

    n_reviews: int
    n_one_star: int
    n_five_star: int
    verified_share: float
    burst_z: float | None = None
    within_24h_share: float
    echo_share: float
    off_product_share: float
    baseline_mean: float | None = None


class Programme(Record):
    """An official review programme of a listing."""

    programme_id: str
    kind: Literal["sampling", "reward"]
    from_: Timestamp = Field(alias="from")
    to: Timestamp
    n_reviews: int


class Programmes(Record):
    """Programmes that overlap the span asked for, and the span's reviews that stem from them."""

    items: tuple[Programme, ...]
    n_reviews_in_window: int


class ReviewerRing(Record):
    """The largest group among a window's reviewers whose accounts share identifiers.

    ``density`` is the share of its pairs that do, ``review_share`` its part of the reviews,
    ``common_shops`` other shops that half of it reviewed. ``staff_match`` counts the shop's own
    people among all reviewers. Where no group was found, the age is that of all reviewers.
    """

    found: bool
    n_reviewers: int
    density: float
    review_share: float
    common_shops: int
    seller_shared: bool
    staff_match: int
    rival_seller_ids: tuple[str, ...]
    median_account_age_days: int


TOOLS = (
    endpoint(
        "list_reviews",
        "/v1/listings/{listing_id}/reviews",
        ReviewsArguments,
        Reviews,
        "Reviews of a listing in a span of time: stars, who wrote, whether the purchase is "
        "verified, the text.",
        paged=True,
    ),
    endpoint(
        "get_review_stats",
        "/v1/listings/{listing_id}/review-stats",
        ReviewWindow,
        ReviewStats,
        "A listing's reviews of a span together: stars, verified share, burst over the weeks "
        "before, shares that echo each other or describe another product.",
    ),
    endpoint(
        "get_reviewer_ring",
        "/v1/analytics/reviewer-ring",
        ReviewWindow,
        ReviewerRing,
        "Whether the reviewers of a listing in a span form a connected group, whose devices it "
        "shares, and how many of them work for the shop.",
    ),
    endpoint(
        "list_programmes",
        "/v1/listings/{listing_id}/programmes",
        ReviewsArguments,
        Programmes,
        "Official review programmes of a listing, and how many reviews of a span stem from them.",
        paged=True,
    ),
)
