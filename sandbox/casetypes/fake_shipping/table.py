"""Causes of notices on tracking and empty parcels (handbook 2 and 11.4)."""

from __future__ import annotations

from typing import Final

from sandbox.casetypes.table import Beta, Cause, CauseTable, Cell, Chance, Drift, Poisson, chances
from sandbox.timeline import DRIFT_ONE, DRIFT_TWO

_COLUMNS: Final = (
    "labels_corrected", "carrier_gap", "template_weights", "empty_claims", "buyers_say_empty",
    "concrete_fault", "other_source", "buyer_ring",
)  # fmt: skip


def _cells(impossible: Cell, reused: float, underweight: Cell, *values: float) -> dict[str, Cell]:
    """Cells of a row: shares of the window's orders, numbers used twice, and the yes-or-no ones."""
    cells = {
        "impossible_share": impossible,
        "reused_count": Poisson(reused),
        "underweight_share": underweight,
    }
    return cells | chances(_COLUMNS, values)


_CAUSES: Final = (
    Cause("feed_gap", 0.22, "dismiss", True,
          _cells(Beta(1, 60), 0.2, Beta(1, 25), 0.03, 0.90, 0.20, 0.02, 0.03, 0.40, 0.02, 0.02)),
    Cause("wrong_upload", 0.14, "partial", True,
          _cells(Beta(4, 26), 2.2, Beta(1, 25), 0.90, 0.08, 0.20, 0.03, 0.03, 0.78, 0.04, 0.02)),
    Cause("light_goods", 0.10, "dismiss", True,
          _cells(Beta(1, 60), 0.2, Beta(9, 9), 0.03, 0.08, 0.86, 0.03, 0.04, 0.55, 0.03, 0.02),
          looks="bad"),
    Cause("phantom", 0.20, "confirm", False,
          _cells(Beta(4, 16), 7.0, Beta(1, 20), 0.10, 0.10, 0.22, 0.20, 0.15, 0.12, 0.06, 0.02)),
    Cause("empty_box", 0.12, "confirm", False,
          _cells(Beta(1, 40), 0.4, Beta(8, 8), 0.05, 0.06, 0.22, 0.80, 0.84, 0.10, 0.03, 0.03)),
    Cause("reship", 0.12, "partial", True,
          _cells(Beta(8, 22), 0.4, Beta(1, 25), 0.12, 0.06, 0.25, 0.05, 0.04, 0.20, 0.78, 0.02)),
    Cause("letter_trick", 0.06, "confirm", False,
          _cells(Beta(1, 40), 0.3, Beta(2, 14), 0.05, 0.05, 0.25, 0.45, 0.42, 0.15, 0.05, 0.02),
          looks="clean"),
    Cause("claim_ring", 0.04, "dismiss", True,
          _cells(Beta(1, 60), 0.2, Beta(1, 20), 0.05, 0.05, 0.25, 0.86, 0.88, 0.35, 0.02, 0.76)),
)  # fmt: skip

TABLE: Final = CauseTable(
    causes=_CAUSES,
    drifts=(
        Drift(
            since=DRIFT_ONE,
            rates={"letter_trick": 0.14},
            cells={
                ("phantom", "impossible_share"): Beta(1, 30),
                ("phantom", "reused_count"): Poisson(1.5),
            },
        ),
        Drift(
            since=DRIFT_TWO,
            rates={},
            cells={
                ("phantom", "carrier_gap"): Chance(0.45),
                ("reship", "other_source"): Chance(0.40),
            },
        ),
    ),
    read=("buyers_say_empty", "concrete_fault", "other_source"),
)
