"""Complaints of rights owners, and whether suppliers and brands confirm the goods."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tools.base import PartyText
from tools.endpoint import endpoint
from tools.record import Arguments, ByViolation, Id, Record, Timestamp


class Complaint(Record):
    """A complaint; the last counts are those of its owner over 180 days."""

    complaint_id: str
    kind: Literal["counterfeit", "trademark", "copyright", "design", "patent"]
    filed_at: Timestamp
    withdrawn: bool
    registration_status: Literal["live", "expired", "not_found"]
    territories: tuple[str, ...]
    test_buy: Literal["none", "genuine", "counterfeit", "inconclusive"]
    test_buy_seller_id: str | None = None
    court_order: bool
    counter_notice_complete: bool
    suit_filed: bool
    wait_over: bool | None = None
    owner_filed_180d: int
    owner_withdrawn_180d: int
    statement: PartyText


class ByInvoices(Arguments):
    """What invoices were submitted for."""

    ref_id: Id = Field(description="Id of the appeal or notice that the invoices came with.")


class SupplierCheck(Record):
    """The supplier on the invoices; age of the newest one in days, units over all of them."""

    status: Literal["active", "dissolved", "not_found"]
    call_back: Literal["confirmed", "denied", "no_answer", "pending"]
    invoice_age_days: int
    units_invoiced: int


class BrandArguments(Arguments):
    """A brand, and the seller that it may have authorised."""

    brand: str = Field(min_length=1, max_length=200, description="The brand's name.")
    seller_id: Id = Field(description="The seller's id.")


class BrandCheck(Record):
    """Whether the brand's owner authorises the seller, and whether it answered at all."""

    authorised: bool
    brand_replied: bool


TOOLS = (
    endpoint(
        "get_complaint",
        "/v1/violations/{violation_id}/complaint",
        ByViolation,
        Complaint,
        "The rights owner's complaint behind a violation: which right, where it is registered, "
        "test buy, court order, counter-notice, and how often that owner withdraws.",
    ),
    endpoint(
        "check_supplier",
        "/v1/checks/supplier",
        ByInvoices,
        SupplierCheck,
        "Whether the supplier named on submitted invoices exists and confirms them, how old the "
        "newest invoice is and how many units they cover.",
    ),
    endpoint(
        "check_brand",
        "/v1/checks/brand",
        BrandArguments,
        BrandCheck,
        "Whether a brand's owner names the seller as authorised.",
    ),
)
