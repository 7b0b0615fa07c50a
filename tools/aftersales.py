"""After the sale: a buyer's claim, what came back, its inspection, photos, and the buyer."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tools.base import PartyText
from tools.endpoint import endpoint
from tools.record import Arguments, ClaimKind, Grams, Id, Record, Timestamp


class ByClaim(Arguments):
    """A claim's id."""

    claim_id: Id = Field(description="The claim's id.")


class ByBuyer(Arguments):
    """A buyer's id."""

    buyer_id: Id = Field(description="The buyer's id.")


class FullClaim(Record):
    """A claim with both stories; the amount is in minor units of the order's currency."""

    claim_id: str
    order_id: str
    buyer_id: str
    kind: ClaimKind
    opened_at: Timestamp
    delivered_claimed: bool
    amount_cents: int
    statement: PartyText
    seller_reply: PartyText
    already_refunded: bool
    in_time: bool


class ReturnScan(Record):
    """One scan of a parcel on its way back; the weight is in grams."""

    at: Timestamp
    kind: str
    weight_g: Grams | None = None


class ReturnScans(Record):
    """How a return fared; without one it has not started."""

    started: bool
    delivered: bool
    weight_g: Grams | None = None
    items: tuple[ReturnScan, ...]


class Inspection(Record):
    """What an inspection found; ``weight_ratio`` is the return's weight over that of the goods."""

    done: bool
    by: Literal["warehouse", "seller"]
    condition: Literal["as_sent", "used", "damaged", "wrong_item", "empty"]
    weight_ratio: float | None = None
    serial_match: bool | None = None


class PhotoCheck(Record):
    """Forensics of the photos of a claim; the score is from 0 to 1, higher for a machine's work."""

    n_photos: int
    n_seen_before: int
    max_synthetic_score: float


class Buyer(Record):
    """A buyer's account and last 365 days; the refund share is absent where nothing was ordered."""

    account_age_days: int
    orders_365d: int
    claims_365d: int
    not_received_365d: int
    denied_365d: int
    refund_share_365d: float | None = None
    linked_denied_buyers: int


TOOLS = (
    endpoint(
        "get_claim",
        "/v1/claims/{claim_id}",
        ByClaim,
        FullClaim,
        "A buyer's claim: kind, time, amount, what the buyer says and what the seller answers.",
    ),
    endpoint(
        "list_return_scans",
        "/v1/claims/{claim_id}/return-scans",
        ByClaim,
        ReturnScans,
        "The parcel a buyer sent back: whether one started and arrived, its scans and weight.",
    ),
    endpoint(
        "get_inspection",
        "/v1/claims/{claim_id}/inspection",
        ByClaim,
        Inspection,
        "What an inspection of a return found: condition, weight, serial number, and by whom.",
    ),
    endpoint(
        "get_photo_check",
        "/v1/claims/{claim_id}/photo-check",
        ByClaim,
        PhotoCheck,
        "How many photos a claim has, how many were seen before or look made by a machine.",
    ),
    endpoint(
        "get_buyer",
        "/v1/buyers/{buyer_id}",
        ByBuyer,
        Buyer,
        "A buyer's account: age, orders, claims, denials and refunds of the last 365 days.",
    ),
)
