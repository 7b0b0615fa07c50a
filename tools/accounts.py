"""What guards a seller's account: the bank account it is paid to."""

from __future__ import annotations

from typing import Literal

from tools.endpoint import endpoint
from tools.record import BySeller, Record, Timestamp


class BankAccount(Record):
    """The bank account in force; the name is compared with the verified one."""

    bank_token: str
    name_match: Literal["match", "partial", "mismatch"]
    changed_at: Timestamp
    days_since_change: int
    country: str


TOOLS = (
    endpoint(
        "get_bank_account",
        "/v1/sellers/{seller_id}/bank-account",
        BySeller,
        BankAccount,
        "The account a seller is paid to: whose name it is in, and when it last changed.",
    ),
)
