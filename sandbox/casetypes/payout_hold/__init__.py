"""Release of held balances (handbook 7)."""

from __future__ import annotations

from typing import Final

from sandbox.casetypes.base import CaseType
from sandbox.casetypes.payout_hold.plant import plant
from sandbox.casetypes.payout_hold.table import TABLE

CASE_TYPE: Final = CaseType(
    name="payout.hold_release", share=0.07, orders_a_case=37.0, table=TABLE, plant=plant
)
