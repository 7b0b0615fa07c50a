"""What guards a seller's account: the bank account it is paid to, and who logged in."""

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


class LoginSignals(Record):
    """Signs in the logins of the last 30 days; the hours from a password reset to the bank."""

    new_device_30d: bool
    impossible_travel_30d: bool
    recovery_used_30d: bool
    password_reset_to_bank_hours: float | None = None


TOOLS = (
    endpoint(
        "get_bank_account",
        "/v1/sellers/{seller_id}/bank-account",
        BySeller,
        BankAccount,
        "The account a seller is paid to: whose name it is in, and when it last changed.",
    ),
    endpoint(
        "get_login_signals",
        "/v1/sellers/{seller_id}/login-signals",
        BySeller,
        LoginSignals,
        "Signs that somebody else uses an account: new device, impossible travel, recovery.",
    ),
)
