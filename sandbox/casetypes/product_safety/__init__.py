"""Listings of goods that may be prohibited or unsafe (handbook 9)."""

from __future__ import annotations

from typing import Final

from sandbox.casetypes.base import CaseType
from sandbox.casetypes.product_safety.plant import NAME, plant
from sandbox.casetypes.product_safety.table import TABLE

CASE_TYPE: Final = CaseType(name=NAME, share=0.07, orders_a_case=0.0, table=TABLE, plant=plant)
