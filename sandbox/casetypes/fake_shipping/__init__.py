"""Fake shipping, empty parcels, invalid tracking (handbook 2)."""

from __future__ import annotations

from typing import Final

from sandbox.casetypes.base import CaseType
from sandbox.casetypes.fake_shipping.plant import NAME, plant
from sandbox.casetypes.fake_shipping.table import TABLE

CASE_TYPE: Final = CaseType(name=NAME, share=0.08, orders_a_case=127.0, table=TABLE, plant=plant)
