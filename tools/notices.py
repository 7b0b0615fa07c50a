"""What a seller was told it is suspected of, and what it answered."""

from __future__ import annotations

from pydantic import Field

from tools.base import PartyText
from tools.endpoint import endpoint
from tools.record import Arguments, Id, Record, Timestamp


class ByNotice(Arguments):
    """A notice's id."""

    notice_id: Id = Field(description="The notice's id.")


class Notice(Record):
    """A notice; language and statement are absent until the seller has answered."""

    notice_id: str
    seller_id: str
    listing_id: str | None = None
    kind: str
    issued_at: Timestamp
    window_from: Timestamp
    window_to: Timestamp
    respond_by: Timestamp
    responded: bool
    language: str | None = None
    statement: PartyText | None = None
    document_ids: tuple[str, ...]


TOOLS = (
    endpoint(
        "get_notice",
        "/v1/notices/{notice_id}",
        ByNotice,
        Notice,
        "A notice to a seller: its kind, the window of orders it is about, the seller's answer.",
    ),
)
