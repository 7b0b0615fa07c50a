"""How safe a product is: recalls, incidents, screening and certificates of a listing."""

from __future__ import annotations

from typing import Literal

from tools.base import PartyText
from tools.endpoint import endpoint
from tools.listings import ByListing
from tools.record import Record, Timestamp


class Recall(Record):
    """A recall that a listing may fall under, and by what it matches."""

    recall_id: str
    agency: str
    published_at: Timestamp
    match: Literal["gtin_batch", "model", "brand_only", "image"]
    hazard: str
    units: int


class Recalls(Record):
    """Recalls; exact by barcode and batch, or model where all batches are; near by less."""

    items: tuple[Recall, ...]
    n_exact: int
    n_near: int


class Incident(Record):
    """A report of harm with a product."""

    incident_id: str
    at: Timestamp
    kind: Literal["fire", "shock", "choking", "laceration", "chemical", "ingestion", "other"]
    severity: Literal["report", "injury", "serious"]
    source: Literal["buyer", "authority", "press"]
    order_verified: bool
    text: PartyText


class Incidents(Record):
    """Reports of harm, how many are serious, and from how many unrelated people they come."""

    items: tuple[Incident, ...]
    n_serious: int
    n_unrelated_reporters: int


class Screening(Record):
    """What the screening model makes of a listing; the score runs from 0 to 1."""

    policy_class: Literal["ok", "restricted", "prohibited"]
    class_score: float
    needs_certificate: bool
    certificate_kinds: tuple[str, ...]
    coded_terms: tuple[str, ...]


class CertificateCheck(Record):
    """A listing's certificate; where none is filed, only ``present`` is sure to be there."""

    present: bool
    lab_accredited: bool | None = None
    lab_confirms: Literal["yes", "no", "pending"] | None = None
    product_match: bool | None = None
    in_date: bool | None = None


TOOLS = (
    endpoint(
        "match_recalls",
        "/v1/listings/{listing_id}/recalls",
        ByListing,
        Recalls,
        "Recalls of a listing's brand, and whether barcode, batch, model or picture match.",
        paged=True,
    ),
    endpoint(
        "list_incidents",
        "/v1/listings/{listing_id}/incidents",
        ByListing,
        Incidents,
        "Reports of harm with a listing's product: kind, severity, source, and by how many "
        "unrelated people.",
        paged=True,
    ),
    endpoint(
        "classify_listing",
        "/v1/listings/{listing_id}/screening",
        ByListing,
        Screening,
        "What automatic screening makes of a listing: prohibited, restricted or not, and which "
        "certificates its category needs.",
    ),
    endpoint(
        "check_certificate",
        "/v1/listings/{listing_id}/certificate-check",
        ByListing,
        CertificateCheck,
        "Whether a certificate is filed for a listing, is for this product and in date, and "
        "whether its laboratory confirms it.",
    ),
)
