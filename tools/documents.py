"""What parties submitted, with the platform's own findings on it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tools.base import PartyText
from tools.endpoint import endpoint
from tools.record import Arguments, Id, Record, Timestamp


class ByReference(Arguments):
    """What the documents were submitted for."""

    ref_id: Id = Field(description="Id of the appeal, notice, claim, request or listing.")


class Document(Record):
    """A document: what was read from it is the party's word, the last three fields are ours."""

    document_id: str
    kind: Literal[
        "invoice",
        "authorisation",
        "id_card",
        "registration",
        "utility_bill",
        "bank_letter",
        "tax_letter",
        "test_report",
        "certificate",
        "photo",
        "screenshot",
        "manifest",
        "insert_card",
        "court_order",
    ]
    issued_on: Timestamp | None = None
    issuer_name: PartyText
    party_name: PartyText
    quantity_total: int | None = None
    total_cents: int | None = None
    text: PartyText
    edited_after_issue: bool | None = None
    reused_by_sellers: int
    synthetic_score: float | None = None


class Documents(Record):
    """Documents, and how many count as altered; that is absent until forensics has run."""

    items: tuple[Document, ...]
    n_altered: int | None = None


TOOLS = (
    endpoint(
        "list_documents",
        "/v1/documents",
        ByReference,
        Documents,
        "Documents submitted for an appeal, notice, claim or listing, with forensic findings.",
        paged=True,
    ),
)
