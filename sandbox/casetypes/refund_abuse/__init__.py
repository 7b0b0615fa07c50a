"""Refund and return claims that a party contests (handbook 6)."""

from __future__ import annotations

from typing import Final

from sandbox.casetypes.base import CaseType
from sandbox.casetypes.refund_abuse.plant import NAME, plant
from sandbox.casetypes.refund_abuse.table import TABLE

CASE_TYPE: Final = CaseType(name=NAME, share=0.16, orders_a_case=4.0, table=TABLE, plant=plant)
