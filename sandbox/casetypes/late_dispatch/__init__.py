"""Appeals against a late-dispatch violation (handbook 1)."""

from __future__ import annotations

from typing import Final

from sandbox.casetypes.base import CaseType
from sandbox.casetypes.late_dispatch.plant import plant
from sandbox.casetypes.late_dispatch.table import TABLE

CASE_TYPE: Final = CaseType(
    name="appeal.late_dispatch", share=0.26, orders_a_case=15.0, table=TABLE, plant=plant
)
