"""Fake orders, or brushing (handbook 4)."""

from __future__ import annotations

from typing import Final

from sandbox.casetypes.base import CaseType
from sandbox.casetypes.fake_orders.plant import NAME, plant
from sandbox.casetypes.fake_orders.table import TABLE

CASE_TYPE: Final = CaseType(name=NAME, share=0.08, orders_a_case=68.0, table=TABLE, plant=plant)
