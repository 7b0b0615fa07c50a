"""The case types of the world. A further type is a module here and one entry in the tuple."""

from __future__ import annotations

from typing import Final

from sandbox.casetypes import (
    fake_orders,
    fake_shipping,
    ip_complaint,
    late_dispatch,
    linked_accounts,
    payout_hold,
    product_safety,
    refund_abuse,
    review_manipulation,
    verification,
)
from sandbox.casetypes.base import CaseType

CASE_TYPES: Final[tuple[CaseType, ...]] = (
    late_dispatch.CASE_TYPE,
    refund_abuse.CASE_TYPE,
    fake_shipping.CASE_TYPE,
    ip_complaint.CASE_TYPE,
    review_manipulation.CASE_TYPE,
    verification.CASE_TYPE,
    linked_accounts.CASE_TYPE,
    product_safety.CASE_TYPE,
    payout_hold.CASE_TYPE,
    fake_orders.CASE_TYPE,
)
"""In the order of planting: later types keep out of the way of earlier ones."""
