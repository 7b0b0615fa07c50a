"""Causes of cases about a product's safety (handbook 9 and 11.4)."""

from __future__ import annotations

from typing import Final, Literal

from sandbox.casetypes.table import Cause, CauseTable, Chance, Drift, chances
from sandbox.timeline import DRIFT_ONE, DRIFT_TWO

_COLUMNS: Final = (
    "recall_exact", "recall_near", "prohibited", "disguised", "serious_report",
    "mechanism_plausible", "incident_pattern", "needs_certificate", "cert_forged", "cert_valid",
    "batch_shown_safe",
)  # fmt: skip


def _cause(
    name: str,
    rate: float,
    right: str,
    fair: bool,
    values: tuple[float, ...],
    looks: Literal["bad", "clean"] | None = None,
) -> Cause:
    return Cause(name, rate, right, fair, chances(_COLUMNS, values), looks)


_CAUSES: Final = (
    _cause("recalled", 0.10, "remove", True,
           (0.92, 0.10, 0.02, 0.02, 0.20, 0.60, 0.25, 0.55, 0.02, 0.40, 0.02)),
    _cause("recall_lookalike", 0.10, "clear", True,
           (0.02, 0.94, 0.02, 0.01, 0.02, 0.15, 0.04, 0.50, 0.01, 0.93, 0.88), "bad"),
    _cause("truly_unsafe", 0.18, "remove", True,
           (0.02, 0.05, 0.04, 0.03, 0.60, 0.90, 0.68, 0.60, 0.16, 0.25, 0.05)),
    _cause("papers_missing", 0.22, "restrict", True,
           (0.01, 0.04, 0.03, 0.01, 0.02, 0.15, 0.03, 0.98, 0.01, 0.03, 0.10)),
    _cause("disguised_ban", 0.12, "remove", False,
           (0.01, 0.02, 0.64, 0.76, 0.05, 0.30, 0.06, 0.20, 0.03, 0.08, 0.02)),
    _cause("forged_cert", 0.08, "remove", False,
           (0.01, 0.04, 0.03, 0.02, 0.08, 0.40, 0.10, 0.98, 0.82, 0.10, 0.05)),
    _cause("keyword_hit", 0.14, "clear", True,
           (0.01, 0.03, 0.06, 0.03, 0.01, 0.10, 0.02, 0.15, 0.01, 0.92, 0.10)),
    _cause("rival_reports", 0.06, "clear", True,
           (0.01, 0.03, 0.02, 0.01, 0.24, 0.14, 0.40, 0.35, 0.01, 0.92, 0.20)),
)  # fmt: skip

TABLE: Final = CauseTable(
    causes=_CAUSES,
    drifts=(
        Drift(
            since=DRIFT_ONE,
            rates={},
            cells={
                ("disguised_ban", "prohibited"): Chance(0.35),
                ("disguised_ban", "disguised"): Chance(0.50),
                ("disguised_ban", "incident_pattern"): Chance(0.45),
            },
        ),
        Drift(
            since=DRIFT_TWO,
            rates={"rival_reports": 0.12},
            cells={
                ("forged_cert", "cert_forged"): Chance(0.45),
                ("rival_reports", "mechanism_plausible"): Chance(0.60),
            },
        ),
    ),
    given={"recall_near": ("!recall_exact",), "cert_valid": ("!cert_forged",)},
    read=("disguised", "mechanism_plausible", "batch_shown_safe"),
)
