"""What registers and providers say of a seller.

Names and addresses that the seller wrote go into the query alone, each as one parameter.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tools.endpoint import endpoint
from tools.record import Arguments, Id, Record, Timestamp

Value = Annotated[str, Field(min_length=1, max_length=300)]
"""A value to check, as the request says it."""


class ByReference(Arguments):
    """Whose answer is checked."""

    ref_id: Id = Field(description="Id of the verification request.")


class BySellerReference(Arguments):
    """The seller whose number is checked."""

    ref_id: Id = Field(description="The seller's id.")


class NameArguments(ByReference):
    """A name to check."""

    legal_name: Value = Field(description="The legal name, as the request says it.")


class RegistryArguments(NameArguments):
    """A name to look up in one country's register."""

    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = Field(
        description="The country whose register is asked, as ISO 3166 writes it."
    )


class AddressArguments(ByReference):
    """An address to check."""

    address: Value = Field(description="The address, as the request says it.")


class RegistryAnswer(Record):
    """What the register says; ``name_score`` is the likeness of the names from 0 to 1."""

    found: bool
    active: bool
    name_score: float
    formed_at: Timestamp | None = None
    agent_address: bool


class TaxAnswer(Record):
    """Whether number and name belong together."""

    matched: bool


class AddressAnswer(Record):
    """What kind of address it is, and how many of our sellers give it."""

    deliverable: bool
    kind: Literal["residential", "commercial", "agent", "mailbox"]
    n_sellers_here: int


class IdentityAnswer(Record):
    """What the live check found; ``face_match`` is a likeness from 0 to 1."""

    document_ok: bool
    liveness: Literal["pass", "fail", "not_done"]
    face_match: float
    injected_video: bool


class WatchlistAnswer(Record):
    """Entries under the name, and how many of them are the same person or firm."""

    n_hits: int
    n_confirmed: int


TOOLS = (
    endpoint(
        "check_registry",
        "/v1/checks/registry",
        RegistryArguments,
        RegistryAnswer,
        "What the companies register of a country says of a seller's legal name.",
    ),
    endpoint(
        "check_tax_id",
        "/v1/checks/tax-id",
        BySellerReference,
        TaxAnswer,
        "Whether the tax authority knows a seller's number under the seller's name.",
    ),
    endpoint(
        "check_address",
        "/v1/checks/address",
        AddressArguments,
        AddressAnswer,
        "Whether an address takes post, its kind, and how many sellers give it.",
    ),
    endpoint(
        "check_identity",
        "/v1/checks/identity",
        ByReference,
        IdentityAnswer,
        "The identity document and the live picture of a verification request.",
    ),
    endpoint(
        "check_watchlist",
        "/v1/checks/watchlist",
        NameArguments,
        WatchlistAnswer,
        "Sanctions list entries under a name, and how many were confirmed.",
    ),
)
