"""Causes of links between accounts (handbook 5 and 11.4)."""

from __future__ import annotations

from typing import Final

from sandbox.casetypes.table import Cause, CauseTable, Cell, Chance, Drift, chances
from sandbox.timeline import DRIFT_ONE, DRIFT_TWO

_COLUMNS: Final = (
    "approved_multi", "exclusive_link", "peer_sanctioned", "opened_after", "catalogue_overlap",
    "hub_only", "device_or_phone", "transfer_proved", "separate_people",
)  # fmt: skip


def _cells(*values: float) -> dict[str, Cell]:
    return chances(_COLUMNS, values)


_CAUSES: Final = (
    Cause("evader", 0.24, "confirm", False,
          _cells(0.02, 0.72, 0.97, 0.90, 0.78, 0.08, 0.76, 0.03, 0.26)),
    Cause("several_brands", 0.16, "permit", True,
          _cells(0.70, 0.90, 0.05, 0.05, 0.25, 0.04, 0.60, 0.03, 0.70)),
    Cause("household", 0.10, "dismiss", True,
          _cells(0.03, 0.12, 0.22, 0.08, 0.06, 0.08, 0.62, 0.01, 0.80), looks="bad"),
    Cause("agency_or_3pl", 0.16, "dismiss", True,
          _cells(0.03, 0.03, 0.42, 0.10, 0.08, 0.88, 0.20, 0.00, 0.66)),
    Cause("bought_business", 0.06, "permit", True,
          _cells(0.03, 0.84, 0.80, 0.60, 0.62, 0.04, 0.30, 0.82, 0.60)),
    Cause("rented_identity", 0.10, "confirm", False,
          _cells(0.02, 0.14, 0.93, 0.86, 0.64, 0.12, 0.44, 0.02, 0.18), looks="clean"),
    Cause("coincidence", 0.12, "dismiss", True,
          _cells(0.02, 0.02, 0.42, 0.10, 0.03, 0.50, 0.40, 0.00, 0.30)),
    Cause("ex_staff", 0.06, "dismiss", True,
          _cells(0.02, 0.04, 0.34, 0.14, 0.36, 0.10, 0.34, 0.02, 0.66)),
)  # fmt: skip

TABLE: Final = CauseTable(
    causes=_CAUSES,
    drifts=(
        Drift(
            since=DRIFT_ONE,
            rates={"rented_identity": 0.18},
            cells={
                ("evader", "exclusive_link"): Chance(0.45),
                ("evader", "transfer_proved"): Chance(0.40),
            },
        ),
        Drift(
            since=DRIFT_TWO,
            rates={},
            cells={
                ("evader", "separate_people"): Chance(0.75),
                ("evader", "catalogue_overlap"): Chance(0.50),
                ("rented_identity", "device_or_phone"): Chance(0.15),
            },
        ),
    ),
    given={"opened_after": ("peer_sanctioned",), "hub_only": ("!exclusive_link",)},
    read=("transfer_proved", "separate_people"),
)
