"""What is known of an order: the order, its changes, its hand-over, its messages."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from tools.base import PartyText
from tools.endpoint import endpoint
from tools.record import ByOrder, Id, OpenSpan, Record, Timestamp


class Order(Record):
    """An order; amounts in minor units of ``currency``, weight in grams."""

    order_id: str
    seller_id: str
    buyer_id: str
    listing_id: str
    order_type: Literal["regular", "pre_order", "made_to_order"]
    fulfilment: Literal["seller", "platform_label", "platform_warehouse"]
    placed_at: Timestamp
    paid_at: Timestamp
    ship_by: Timestamp
    deliver_by: Timestamp
    status: str
    carrier: str
    tracking_no: str | None = None
    quantity: int
    item_cents: int
    total_cents: int
    currency: str
    declared_weight_g: int
    ship_from_postcode: str
    ship_to_postcode: str
    buyer_note: PartyText


class Change(Record):
    """A change of an order after it was placed."""

    at: Timestamp
    by: Literal["buyer", "seller", "platform"]
    kind: Literal["address", "hold", "item"]


class Changes(Record):
    """All changes of an order."""

    items: tuple[Change, ...]


class Manifest(Record):
    """A hand-over record; where none was found, only ``found`` is sure to be there."""

    found: bool
    signed: bool | None = None
    handed_over_at: Timestamp | None = None
    parcels: int | None = None
    origin: Literal["carrier", "seller"] | None = None


class MessagesArguments(OpenSpan):
    """An order or a seller, whose messages are asked for: one of the two; and a span of time."""

    order_id: Id | None = Field(default=None, description="Messages about this order.")
    seller_id: Id | None = Field(default=None, description="All messages of this seller.")

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.order_id is None) == (self.seller_id is None):
            raise ValueError("give order_id or seller_id, not both")
        return self


class Message(Record):
    """One message between the parties."""

    message_id: str
    order_id: str
    from_party: Literal["buyer", "seller", "platform"]
    sent_at: Timestamp
    language: str
    text: PartyText


class Messages(Record):
    """Messages, oldest first."""

    items: tuple[Message, ...]


TOOLS = (
    endpoint(
        "get_order",
        "/v1/orders/{order_id}",
        ByOrder,
        Order,
        "An order: when it was paid and due, carrier, amounts, postcodes, the buyer's note.",
    ),
    endpoint(
        "list_order_changes",
        "/v1/orders/{order_id}/changes",
        ByOrder,
        Changes,
        "What was changed on an order, when and by whom: address, hold, item.",
        paged=True,
    ),
    endpoint(
        "get_pickup_manifest",
        "/v1/orders/{order_id}/manifest",
        ByOrder,
        Manifest,
        "The hand-over record of an order's parcel: whether one exists, is signed, and its time.",
    ),
    endpoint(
        "list_messages",
        ("/v1/orders/{order_id}/messages", "/v1/sellers/{seller_id}/messages"),
        MessagesArguments,
        Messages,
        "Messages between buyer, seller and platform, of one order or of one seller.",
        paged=True,
    ),
)
