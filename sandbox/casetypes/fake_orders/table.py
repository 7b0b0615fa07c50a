"""Causes of notices on fake orders (handbook 4 and 11.4)."""

from __future__ import annotations

from typing import Final

from sandbox.casetypes.table import (
    Cause,
    CauseTable,
    Cell,
    Chance,
    Drift,
    LogNormal,
    Normal,
    chances,
)
from sandbox.timeline import DRIFT_ONE, DRIFT_TWO

_COLUMNS: Final = (
    "campaign_explains", "ring_orders", "seller_paid", "seller_tied", "hollow_parcels",
    "commission_gain", "review_echo", "one_address_bulk", "insider_buying_stated",
)  # fmt: skip


def _cells(burst: Cell, *values: float) -> dict[str, Cell]:
    cells: dict[str, Cell] = {"burst_z": burst}
    return cells | chances(_COLUMNS, values)


_CAUSES: Final = (
    Cause("viral_live", 0.22, "dismiss", True,
          _cells(LogNormal(9, 0.6), 0.87, 0.05, 0.01, 0.02, 0.03, 0.10, 0.06, 0.02, 0.02)),
    Cause("staff_family", 0.08, "dismiss", True,
          _cells(Normal(3, 1.5), 0.12, 0.40, 0.20, 0.60, 0.03, 0.02, 0.07, 0.12, 0.78),
          looks="bad"),
    Cause("bulk_customer", 0.07, "dismiss", True,
          _cells(Normal(5, 2), 0.08, 0.25, 0.02, 0.04, 0.03, 0.02, 0.03, 0.84, 0.25)),
    Cause("repeat_buyers", 0.08, "dismiss", True,
          _cells(Normal(1, 0.8), 0.15, 0.10, 0.01, 0.03, 0.03, 0.04, 0.16, 0.03, 0.06)),
    Cause("brushing_self", 0.20, "confirm", False,
          _cells(Normal(5, 2), 0.05, 0.86, 0.52, 0.60, 0.70, 0.03, 0.70, 0.05, 0.08)),
    Cause("brushing_agency", 0.13, "confirm", False,
          _cells(Normal(3.5, 1.5), 0.06, 0.84, 0.16, 0.16, 0.66, 0.04, 0.80, 0.03, 0.04)),
    Cause("commission_fraud", 0.10, "partial", True,
          _cells(Normal(5, 2), 0.10, 0.84, 0.02, 0.03, 0.12, 0.92, 0.08, 0.06, 0.03)),
    Cause("rival_frame", 0.04, "partial", True,
          _cells(Normal(7, 2), 0.04, 0.84, 0.02, 0.03, 0.08, 0.03, 0.14, 0.05, 0.02)),
    Cause("slow_drip", 0.08, "confirm", False,
          _cells(Normal(1, 0.8), 0.08, 0.22, 0.10, 0.10, 0.14, 0.04, 0.66, 0.02, 0.03),
          looks="clean"),
)  # fmt: skip

TABLE: Final = CauseTable(
    causes=_CAUSES,
    drifts=(
        Drift(
            since=DRIFT_ONE,
            rates={"slow_drip": 0.14},
            cells={
                ("brushing_self", "hollow_parcels"): Chance(0.35),
                ("brushing_self", "insider_buying_stated"): Chance(0.50),
            },
        ),
        Drift(
            since=DRIFT_TWO,
            rates={},
            cells={
                ("brushing_agency", "hollow_parcels"): Chance(0.35),
                ("brushing_agency", "campaign_explains"): Chance(0.45),
            },
        ),
    ),
    given={"seller_tied": ("ring_orders",), "commission_gain": ("ring_orders",)},
    read=("insider_buying_stated",),
)
