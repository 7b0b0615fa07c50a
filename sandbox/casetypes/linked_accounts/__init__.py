"""Linked accounts and suspension evasion (handbook 5)."""

from __future__ import annotations

from typing import Final

from sandbox.casetypes.base import CaseType
from sandbox.casetypes.linked_accounts.plant import NAME, plant
from sandbox.casetypes.linked_accounts.table import TABLE

CASE_TYPE: Final = CaseType(name=NAME, share=0.06, orders_a_case=0.0, table=TABLE, plant=plant)
