"""Identity and business verification (handbook 8)."""

from __future__ import annotations

from typing import Final

from sandbox.casetypes.base import CaseType
from sandbox.casetypes.verification.plant import plant
from sandbox.casetypes.verification.table import TABLE

CASE_TYPE: Final = CaseType(
    name="identity.kyb", share=0.09, orders_a_case=0.0, table=TABLE, plant=plant
)
