"""Causes of appeals against a late-dispatch violation (handbook 1 and 11.4)."""

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
    "scan_stalled", "carrier_outage", "platform_fault", "handover_proved", "papers_altered",
    "buyer_changed_order", "statement_contradicts_scans", "prior_false_appeals",
    "rest_within_limit",
)  # fmt: skip


def _cells(lag: Cell, blames: float, *values: float) -> dict[str, Cell]:
    cells: dict[str, Cell] = {"lag_hours": lag, "blames_carrier": Chance(blames)}
    return cells | chances(_COLUMNS, values)


_CAUSES: Final = (
    Cause("late_feed", 0.05, "overturn", True,
          _cells(Normal(-9, 5), 0.9, 0.04, 0.04, 0.01, 0.40, 0.01, 0.02, 0.02, 0.04, 0.95)),
    Cause("depot_scan", 0.16, "overturn", True,
          _cells(LogNormal(7, 0.6), 0.9, 0.04, 0.04, 0.01, 0.82, 0.01, 0.02, 0.03, 0.04, 0.06),
          looks="bad"),
    Cause("disruption", 0.14, "overturn", True,
          _cells(LogNormal(28, 0.6), 0.6, 0.22, 0.93, 0.01, 0.25, 0.01, 0.03, 0.03, 0.05, 0.85)),
    Cause("platform", 0.04, "overturn", True,
          _cells(LogNormal(12, 0.7), 0.5, 0.04, 0.04, 0.94, 0.10, 0.01, 0.02, 0.03, 0.04, 0.90)),
    Cause("buyer_asked", 0.05, "overturn", True,
          _cells(LogNormal(34, 0.6), 0.5, 0.04, 0.04, 0.01, 0.05, 0.01, 0.93, 0.05, 0.05, 0.20)),
    Cause("slow_open", 0.30, "uphold", True,
          _cells(LogNormal(28, 0.7), 0.3, 0.05, 0.05, 0.01, 0.02, 0.02, 0.02, 0.08, 0.10, 0.03)),
    Cause("slow_lies", 0.15, "uphold", False,
          _cells(LogNormal(32, 0.7), 0.9, 0.06, 0.06, 0.01, 0.34, 0.74, 0.03, 0.52, 0.40, 0.03)),
    Cause("mixed_batch", 0.07, "partial", True,
          _cells(LogNormal(20, 0.8), 0.6, 0.05, 0.07, 0.01, 0.06, 0.02, 0.03, 0.10, 0.08, 0.92)),
    Cause("prescan", 0.04, "uphold", False,
          _cells(Normal(-11, 5), 0.6, 0.78, 0.04, 0.01, 0.20, 0.08, 0.02, 0.12, 0.22, 0.45),
          looks="clean"),
)  # fmt: skip

TABLE: Final = CauseTable(
    causes=_CAUSES,
    drifts=(
        Drift(
            since=DRIFT_ONE,
            rates={"prescan": 0.10},
            cells={
                ("slow_lies", "papers_altered"): Chance(0.30),
                ("slow_lies", "buyer_changed_order"): Chance(0.35),
            },
        ),
        Drift(
            since=DRIFT_TWO,
            rates={},
            cells={
                ("slow_lies", "statement_contradicts_scans"): Chance(0.20),
                ("slow_lies", "buyer_changed_order"): Chance(0.50),
                ("disruption", "carrier_outage"): Chance(0.80),
            },
        ),
    ),
    read=("statement_contradicts_scans",),
    unnoted=("blames_carrier",),
)
"""``blames_carrier`` is printed for three causes; the others' values are the sandbox's own."""
