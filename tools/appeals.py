"""What a seller appeals against, and what the seller says."""

from __future__ import annotations

from pydantic import Field

from tools.base import PartyText
from tools.endpoint import endpoint
from tools.record import Arguments, Id, Record, Timestamp


class ByAppeal(Arguments):
    """An appeal's id."""

    appeal_id: Id = Field(description="The appeal's id.")


class Appeal(Record):
    """An appeal as it was filed."""

    appeal_id: str
    violation_id: str
    seller_id: str
    order_id: str | None = None
    listing_id: str | None = None
    filed_at: Timestamp
    attempt: int
    prior_decided_at: Timestamp | None = None
    language: str
    statement: PartyText
    document_ids: tuple[str, ...]


TOOLS = (
    endpoint(
        "get_appeal",
        "/v1/appeals/{appeal_id}",
        ByAppeal,
        Appeal,
        "An appeal: the violation it contests, which try it is, the seller's statement.",
    ),
)
