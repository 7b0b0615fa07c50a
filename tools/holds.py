"""Held balances, and the orders of courts and authorities behind some of them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tools.base import PartyText
from tools.endpoint import endpoint
from tools.record import Arguments, BySeller, Id, Record, Timestamp


class ByHold(Arguments):
    """A hold's id."""

    hold_id: Id = Field(description="The hold's id.")


class Hold(Record):
    """A hold on a seller's balance; the amount is in minor units of its currency."""

    hold_id: str
    seller_id: str
    placed_at: Timestamp
    reason: Literal[
        "new_seller",
        "dispute_spike",
        "violation",
        "court_order",
        "kyb_pending",
        "velocity",
        "linked_account",
        "bank_change",
    ]
    amount_cents: int
    currency: str
    review_due_at: Timestamp
    age_days: int
    cause_cleared: bool
    request: PartyText


class LegalOrder(Record):
    """An order of a court or an authority; the scope is in minor units of the seller's currency."""

    order_ref: str
    kind: Literal["restraint", "levy", "authority"]
    court: str
    scope_cents: int | None = None
    expires_at: Timestamp | None = None


class LegalOrders(Record):
    """All orders against a seller, and how many have not run out."""

    items: tuple[LegalOrder, ...]
    n_active: int


TOOLS = (
    endpoint(
        "get_hold",
        "/v1/holds/{hold_id}",
        ByHold,
        Hold,
        "A hold on a seller's balance: why, since when, how much, and what the seller asks for.",
    ),
    endpoint(
        "list_legal_orders",
        "/v1/sellers/{seller_id}/legal-orders",
        BySeller,
        LegalOrders,
        "Orders of courts and authorities that bind a seller's money.",
        paged=True,
    ),
)
