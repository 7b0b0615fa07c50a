"""Appeals against the removal of a listing after a rights owner's complaint (handbook 3)."""

from __future__ import annotations

from typing import Final

from sandbox.casetypes.base import CaseType
from sandbox.casetypes.ip_complaint.plant import NAME, plant
from sandbox.casetypes.ip_complaint.table import TABLE

CASE_TYPE: Final = CaseType(name=NAME, share=0.07, orders_a_case=0.0, table=TABLE, plant=plant)
