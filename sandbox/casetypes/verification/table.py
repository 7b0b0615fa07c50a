"""Causes of verification cases (handbook 8 and 11.4)."""

from __future__ import annotations

from typing import Final, Literal

from sandbox.casetypes.table import Cause, CauseTable, Chance, Drift, chances
from sandbox.timeline import DRIFT_ONE, DRIFT_TWO

_COLUMNS: Final = (
    "complete", "lapsed", "papers_altered", "person_failed", "register_ok", "tax_ok", "bank_ok",
    "address_ok", "names_explained", "crowded_papers",
)  # fmt: skip


def _cause(
    name: str,
    rate: float,
    right: str,
    *values: float,
    fair: bool = True,
    looks: Literal["bad", "clean"] | None = None,
) -> Cause:
    return Cause(name, rate, right, fair, chances(_COLUMNS, values), looks)


_CAUSES: Final = (
    _cause("in_order", 0.38, "verify",
           0.99, 0.03, 0.01, 0.02, 0.94, 0.985, 0.98, 0.97, 0.985, 0.02),
    _cause("untidy_honest", 0.20, "verify",
           0.97, 0.06, 0.01, 0.05, 0.68, 0.965, 0.96, 0.90, 0.93, 0.03, looks="bad"),
    _cause("agent_address", 0.06, "verify",
           0.98, 0.03, 0.01, 0.02, 0.93, 0.98, 0.97, 0.40, 0.97, 0.10),
    _cause("absent", 0.09, "suspend", 0.03, 0.97, 0.01, 0.02, 0.80, 0.90, 0.90, 0.90, 0.90, 0.02),
    _cause("never_answers", 0.05, "suspend",
           0.02, 0.97, 0.02, 0.02, 0.30, 0.35, 0.40, 0.50, 0.30, 0.20, fair=False),
    _cause("borrowed_papers", 0.09, "reject",
           0.95, 0.05, 0.28, 0.30, 0.72, 0.60, 0.38, 0.55, 0.14, 0.68, fair=False),
    _cause("forged", 0.09, "reject",
           0.94, 0.05, 0.80, 0.34, 0.20, 0.12, 0.30, 0.50, 0.25, 0.20, fair=False),
    _cause("machine_made", 0.04, "reject",
           0.97, 0.02, 0.26, 0.36, 0.55, 0.70, 0.72, 0.72, 0.78, 0.08, fair=False, looks="clean"),
)  # fmt: skip

TABLE: Final = CauseTable(
    causes=_CAUSES,
    drifts=(
        Drift(
            since=DRIFT_ONE,
            rates={"machine_made": 0.11},
            cells={
                ("machine_made", "crowded_papers"): Chance(0.45),
                ("forged", "papers_altered"): Chance(0.45),
            },
        ),
        Drift(
            since=DRIFT_TWO,
            rates={},
            cells={
                ("machine_made", "person_failed"): Chance(0.12),
                ("forged", "tax_ok"): Chance(0.45),
                ("forged", "crowded_papers"): Chance(0.50),
            },
        ),
    ),
    read=("names_explained",),
)
