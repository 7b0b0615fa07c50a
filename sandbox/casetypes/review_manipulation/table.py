"""Causes of suspicious reviews (handbook 10 and 11.4)."""

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
    "official", "offer_made", "card_offer", "ring_reviews", "seller_tied", "insiders",
    "rival_gain", "echo", "repurposed", "specific_use",
)  # fmt: skip


def _cells(burst: Cell, *values: float) -> dict[str, Cell]:
    cells: dict[str, Cell] = {"burst_z": burst}
    return cells | chances(_COLUMNS, values)


_CAUSES: Final = (
    Cause("bought_group", 0.18, "confirm", False,
          _cells(Normal(5, 2), 0.02, 0.12, 0.05, 0.86, 0.38, 0.04, 0.04, 0.78, 0.05, 0.12)),
    Cause("card_or_rebate", 0.13, "confirm", False,
          _cells(Normal(2, 1.2), 0.03, 0.20, 0.76, 0.10, 0.06, 0.02, 0.03, 0.26, 0.04, 0.55)),
    Cause("message_deals", 0.09, "confirm", False,
          _cells(Normal(1.5, 1), 0.02, 0.90, 0.06, 0.08, 0.05, 0.02, 0.03, 0.20, 0.04, 0.58)),
    Cause("viral_praise", 0.16, "dismiss", True,
          _cells(LogNormal(8, 0.6), 0.04, 0.01, 0.01, 0.06, 0.02, 0.01, 0.05, 0.12, 0.02, 0.86),
          looks="bad"),
    Cause("better_product", 0.08, "dismiss", True,
          _cells(Normal(1.5, 1), 0.04, 0.02, 0.02, 0.05, 0.02, 0.02, 0.04, 0.10, 0.08, 0.84),
          looks="bad"),
    Cause("programme", 0.10, "dismiss", True,
          _cells(Normal(6, 2), 0.95, 0.01, 0.01, 0.12, 0.02, 0.02, 0.03, 0.20, 0.02, 0.76)),
    Cause("rival_attack", 0.08, "partial", True,
          _cells(Normal(6, 2), 0.02, 0.01, 0.01, 0.86, 0.03, 0.01, 0.74, 0.60, 0.03, 0.08)),
    Cause("swapped_listing", 0.07, "confirm", False,
          _cells(Normal(1, 0.8), 0.02, 0.03, 0.02, 0.06, 0.04, 0.02, 0.03, 0.12, 0.90, 0.14)),
    Cause("staff_praise", 0.05, "confirm", False,
          _cells(Normal(2, 1), 0.02, 0.05, 0.02, 0.44, 0.62, 0.76, 0.02, 0.26, 0.02, 0.42)),
    Cause("written_to_order", 0.06, "confirm", False,
          _cells(Normal(0.8, 0.7), 0.03, 0.04, 0.03, 0.24, 0.08, 0.02, 0.03, 0.54, 0.04, 0.32),
          looks="clean"),
)  # fmt: skip

TABLE: Final = CauseTable(
    causes=_CAUSES,
    drifts=(
        Drift(
            since=DRIFT_ONE,
            rates={"written_to_order": 0.14},
            cells={
                ("bought_group", "echo"): Chance(0.40),
                ("bought_group", "official"): Chance(0.30),
            },
        ),
        Drift(
            since=DRIFT_TWO,
            rates={},
            cells={
                ("written_to_order", "specific_use"): Chance(0.75),
                ("written_to_order", "ring_reviews"): Chance(0.45),
                ("message_deals", "offer_made"): Chance(0.55),
            },
        ),
    ),
    given={"seller_tied": ("ring_reviews",), "rival_gain": ("ring_reviews", "!seller_tied")},
    read=("offer_made", "card_offer", "specific_use"),
)
