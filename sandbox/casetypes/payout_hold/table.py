"""Causes of requests to release a held balance (handbook 7 and 11.4)."""

from __future__ import annotations

from typing import Final, Literal

from sandbox.casetypes.table import Cause, CauseTable, Chance, Drift, chances
from sandbox.timeline import DRIFT_ONE, DRIFT_TWO

_COLUMNS: Final = (
    "court_hold", "payee_verified", "takeover_signs", "open_severe", "spike", "slow_delivery",
    "disputes_high", "young_account", "exposure_covered", "surplus", "cause_cleared", "overdue",
    "hardship_stated",
)  # fmt: skip


def _cause(
    name: str,
    rate: float,
    right: str,
    *values: float,
    hardship: float,
    fair: bool = True,
    looks: Literal["bad", "clean"] | None = None,
) -> Cause:
    cells = chances(_COLUMNS, (*values, hardship))
    return Cause(name, rate, right, fair, cells, looks)


_CAUSES: Final = (
    _cause("growth_honest", 0.20, "release", 0.0, 0.97, 0.01, 0.02, 0.84, 0.10, 0.04, 0.30, 0.94,
           0.95, 0.93, 0.05, hardship=0.35, looks="bad"),
    _cause("new_seller_due", 0.20, "release", 0.0, 0.96, 0.01, 0.01, 0.15, 0.05, 0.02, 0.88, 0.96,
           0.96, 0.96, 0.06, hardship=0.35),
    _cause("settled_case", 0.08, "release", 0.0, 0.97, 0.01, 0.04, 0.08, 0.05, 0.03, 0.10, 0.94,
           0.95, 0.95, 0.35, hardship=0.35),
    _cause("late_goods", 0.12, "partial_release", 0.0, 0.96, 0.01, 0.02, 0.35, 0.74, 0.04, 0.12,
           0.12, 0.92, 0.10, 0.08, hardship=0.40),
    _cause("bust_out", 0.13, "keep_hold", 0.0, 0.85, 0.04, 0.12, 0.88, 0.78, 0.64, 0.72, 0.07,
           0.10, 0.06, 0.03, hardship=0.45, fair=False),
    _cause("takeover", 0.08, "keep_hold", 0.0, 0.60, 0.86, 0.03, 0.10, 0.06, 0.06, 0.08, 0.72,
           0.80, 0.20, 0.04, hardship=0.30, fair=False),
    _cause("case_open", 0.09, "keep_hold", 0.0, 0.92, 0.02, 0.95, 0.22, 0.14, 0.22, 0.25, 0.45,
           0.60, 0.08, 0.12, hardship=0.35),
    _cause("court", 0.05, "keep_hold", 0.98, 0.90, 0.02, 0.25, 0.15, 0.10, 0.10, 0.15, 0.60, 0.70,
           0.10, 0.25, hardship=0.35),
    _cause("slow_burn", 0.05, "keep_hold", 0.0, 0.95, 0.03, 0.03, 0.60, 0.38, 0.14, 0.05, 0.55,
           0.66, 0.45, 0.06, hardship=0.35, fair=False, looks="clean"),
)  # fmt: skip

TABLE: Final = CauseTable(
    causes=_CAUSES,
    drifts=(
        Drift(
            since=DRIFT_ONE,
            rates={"slow_burn": 0.10},
            cells={
                ("bust_out", "exposure_covered"): Chance(0.50),
                ("bust_out", "cause_cleared"): Chance(0.45),
            },
        ),
        Drift(
            since=DRIFT_TWO,
            rates={},
            cells={
                ("takeover", "takeover_signs"): Chance(0.55),
                ("takeover", "payee_verified"): Chance(0.92),
                ("bust_out", "slow_delivery"): Chance(0.50),
            },
        ),
    ),
    # No hold is older than the account it lies on.
    given={"overdue": ("!young_account",)},
    read=("hardship_stated",),
)
"""``hardship_stated`` is the sandbox's own; the handbook prints no rate for it."""
