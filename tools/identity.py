"""Who a seller is: what it says of itself."""

from __future__ import annotations

from typing import Literal

from tools.base import PartyText
from tools.endpoint import endpoint
from tools.record import BySeller, Record, Timestamp


class KybRequest(Record):
    """A verification request; names, address and explanation are the seller's words."""

    request_id: str
    state: Literal["requested", "submitted", "verified", "rejected", "suspended"]
    threshold_met_at: Timestamp | None = None
    requested_at: Timestamp
    due_at: Timestamp
    sales_12m: int
    gross_12m_cents: int
    legal_name: PartyText
    trading_name: PartyText
    address: PartyText
    email_verified: bool
    phone_verified: bool
    has_bank: bool
    has_tax_id: bool
    has_address: bool
    has_document: bool
    explanation: PartyText


TOOLS = (
    endpoint(
        "get_kyb_request",
        "/v1/sellers/{seller_id}/kyb",
        BySeller,
        KybRequest,
        "A seller's newest verification request: its state, when it is due, what was handed in.",
    ),
)
