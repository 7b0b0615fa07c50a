"""What is known of a seller: the account, its figures, its record, its money, its links."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tools.base import PartyText
from tools.endpoint import endpoint
from tools.record import BySeller, ClaimKind, Id, OpenSpan, Record, Region, Severity, Timestamp


class Seller(Record):
    """A seller's account."""

    seller_id: str
    region: Region
    entity_type: Literal["individual", "company"]
    home_country: str
    registered_at: Timestamp
    status: Literal["probation", "active", "restricted", "suspended", "closed"]
    sanctioned: bool
    sanctioned_at: Timestamp | None = None
    tier: Literal["new", "standard", "top"]
    health_score: int
    multi_account_approved: bool
    main_category: str
    display_name: PartyText


class Metrics(Record):
    """A seller's figures; rates are fractions, amounts minor units of the seller's currency."""

    orders_30d: int
    orders_prior_30d: int
    gmv_30d_cents: int
    gmv_prior_30d_cents: int
    late_dispatch_rate_30d: float
    valid_tracking_rate_30d: float
    cancel_rate_30d: float
    defect_rate_60d: float
    return_rate_60d: float
    dispute_rate_90d: float
    delivered_share_30d: float


class PastViolation(Record):
    """A violation on a seller's record."""

    violation_id: str
    kind: str
    severity: Severity
    points: int
    issued_at: Timestamp
    status: Literal["active", "overturned", "expired"]


class Violations(Record):
    """A seller's violations and counts."""

    items: tuple[PastViolation, ...]
    n_open_severe: int
    n_same_kind_365d: int


class PastAppeal(Record):
    """An appeal on a seller's record."""

    appeal_id: str
    kind: str
    outcome: str
    filed_at: Timestamp


class Appeals(Record):
    """A seller's appeals and counts."""

    items: tuple[PastAppeal, ...]
    n_365d: int
    false_appeals_365d: int


class Claim(Record):
    """A buyer's claim; the amount is in minor units of the order's currency."""

    claim_id: str
    order_id: str
    buyer_id: str
    kind: ClaimKind
    opened_at: Timestamp
    amount_cents: int
    statement: PartyText


class Claims(Record):
    """Claims against a seller; ``*_low95`` is the lower end of a 95% Wilson interval."""

    items: tuple[Claim, ...]
    n_orders: int
    n_not_received: int
    n_empty: int
    not_received_low95: float
    empty_low95: float


class Balance(Record):
    """A seller's settlement ledger, in minor units of the settlement currency."""

    available_cents: int
    on_hold_cents: int
    reserve_cents: int
    undelivered_cents: int
    open_claims_cents: int
    open_chargebacks_cents: int
    expected_refunds_cents: int
    expected_loss_cents: int


class ClaimsArguments(OpenSpan, BySeller):
    """A seller, and optionally a half-open span of time in which the claims were opened."""


class LinksArguments(BySeller):
    """A seller, and optionally the one other account to compare it with."""

    peer_id: Id | None = Field(default=None, description="Only links to this seller.")


class Link(Record):
    """One thing that two accounts share."""

    peer_id: str | None = None
    kind: Literal[
        "bank",
        "tax_id",
        "owner",
        "id_document",
        "device",
        "phone",
        "address",
        "ip",
        "image",
        "email",
        "warehouse",
    ]
    exclusivity: Literal["exclusive", "shared", "public"]
    holders: int
    first_seen: Timestamp
    last_seen: Timestamp


class Links(Record):
    """What a seller's account shares with others, and a score of how telling it is."""

    items: tuple[Link, ...]
    n_exclusive: int
    n_shared: int
    max_holders: int
    score: float


class OverlapArguments(BySeller):
    """Two sellers whose catalogues are compared."""

    peer_id: Id = Field(description="The other seller's id.")


class Overlap(Record):
    """Shares of a seller's pictures and titles that a peer has too; prices by correlation."""

    image_share: float
    title_share: float
    price_corr: float
    n_listings: int


TOOLS = (
    endpoint(
        "get_seller",
        "/v1/sellers/{seller_id}",
        BySeller,
        Seller,
        "A seller's account: region, age, status, tier, health score.",
    ),
    endpoint(
        "get_metrics",
        "/v1/sellers/{seller_id}/metrics",
        BySeller,
        Metrics,
        "A seller's volume and rates over the last 30 to 90 days, as fractions.",
    ),
    endpoint(
        "list_violations",
        "/v1/sellers/{seller_id}/violations",
        BySeller,
        Violations,
        "All violations on a seller's record, with counts.",
        paged=True,
    ),
    endpoint(
        "list_appeals",
        "/v1/sellers/{seller_id}/appeals",
        BySeller,
        Appeals,
        "A seller's earlier appeals and how they ended, with counts over 365 days.",
        paged=True,
    ),
    endpoint(
        "list_claims",
        "/v1/sellers/{seller_id}/claims",
        ClaimsArguments,
        Claims,
        "Buyers' claims against a seller, with counts and cautious rates.",
        paged=True,
    ),
    endpoint(
        "get_balance",
        "/v1/sellers/{seller_id}/balance",
        BySeller,
        Balance,
        "A seller's settlement balance: available, held, reserved and expected losses, in cents.",
    ),
    endpoint(
        "list_links",
        "/v1/analytics/links",
        LinksArguments,
        Links,
        "What a seller's account shares with other accounts: bank, device, address and the like.",
        paged=True,
    ),
    endpoint(
        "compare_catalogues",
        "/v1/analytics/catalogue-overlap",
        OverlapArguments,
        Overlap,
        "How much of a seller's catalogue is that of a peer: pictures, titles, prices.",
    ),
)
