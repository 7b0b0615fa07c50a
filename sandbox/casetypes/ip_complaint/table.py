"""Causes of appeals against a rights owner's complaint (handbook 3 and 11.4)."""

from __future__ import annotations

from typing import Final, Literal

from sandbox.casetypes.table import Cause, CauseTable, Cell, Chance, Drift, chances
from sandbox.timeline import DRIFT_ONE, DRIFT_TWO

LEGAL_SHARE: Final = 0.04
RIPE_SHARE: Final = 0.06
_COLUMNS: Final = (
    "withdrawn", "right_live", "papers_altered", "test_buy_bad", "says_replica", "authorised",
    "supplier_confirmed", "units_covered", "fits_only", "serial_complainant",
)  # fmt: skip


def _cause(
    name: str,
    rate: float,
    right: str,
    fair: bool,
    values: tuple[float, ...],
    looks: Literal["bad", "clean"] | None = None,
) -> Cause:
    ripe = RIPE_SHARE if right == "overturn" else 0.0
    cells: dict[str, Cell] = {"court_or_patent": Chance(LEGAL_SHARE)}
    cells |= chances(_COLUMNS, values)
    return Cause(name, rate, right, fair, cells | {"counter_notice_ripe": Chance(ripe)}, looks)


_CAUSES: Final = (
    _cause("authorised_seller", 0.14, "overturn", True,
           (0.12, 0.98, 0.01, 0.02, 0.01, 0.84, 0.84, 0.90, 0.05, 0.10)),
    _cause("genuine_resale", 0.18, "overturn", True,
           (0.05, 0.98, 0.02, 0.02, 0.01, 0.03, 0.84, 0.92, 0.06, 0.18)),
    _cause("compatible_part", 0.10, "overturn", True,
           (0.06, 0.97, 0.02, 0.01, 0.02, 0.01, 0.15, 0.70, 0.92, 0.25)),
    _cause("bad_complaint", 0.08, "overturn", True,
           (0.20, 0.25, 0.02, 0.01, 0.01, 0.02, 0.60, 0.85, 0.20, 0.84)),
    _cause("duped_seller", 0.12, "uphold", True,
           (0.02, 0.99, 0.03, 0.62, 0.02, 0.01, 0.12, 0.60, 0.03, 0.05), "bad"),
    _cause("knowing_fake", 0.19, "uphold", False,
           (0.01, 0.99, 0.68, 0.52, 0.10, 0.01, 0.05, 0.30, 0.04, 0.04)),
    _cause("open_replica", 0.07, "uphold", False,
           (0.01, 0.99, 0.05, 0.34, 0.92, 0.01, 0.03, 0.20, 0.06, 0.04)),
    _cause("mixed_stock", 0.08, "partial", True,
           (0.03, 0.98, 0.03, 0.04, 0.01, 0.04, 0.86, 0.04, 0.05, 0.08)),
    _cause("blended_fake", 0.04, "uphold", False,
           (0.01, 0.99, 0.08, 0.30, 0.01, 0.03, 0.62, 0.30, 0.04, 0.05), "clean"),
)  # fmt: skip

TABLE: Final = CauseTable(
    causes=_CAUSES,
    drifts=(
        Drift(
            since=DRIFT_ONE,
            rates={"blended_fake": 0.07},
            cells={
                ("knowing_fake", "papers_altered"): Chance(0.35),
                ("knowing_fake", "supplier_confirmed"): Chance(0.35),
                ("knowing_fake", "units_covered"): Chance(0.12),
            },
        ),
        Drift(
            since=DRIFT_TWO,
            rates={},
            cells={
                ("knowing_fake", "test_buy_bad"): Chance(0.35),
                ("knowing_fake", "fits_only"): Chance(0.40),
            },
        ),
    ),
    given={
        "units_covered": ("supplier_confirmed",),
        "counter_notice_ripe": ("right_live", "!court_or_patent", "!test_buy_bad"),
    },
    read=("says_replica", "fits_only"),
)
"""``court_or_patent`` is drawn apart from the causes, as the handbook says, and escalates.

``counter_notice_ripe`` is not printed: the sandbox draws it for sellers in the right, and keeps it
where the law knows it.
"""
