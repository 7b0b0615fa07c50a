"""Causes of contested refund and return claims (handbook 6 and 11.4)."""

from __future__ import annotations

from typing import Final

from sandbox.casetypes.table import Cause, CauseTable, Cell, Chance, Drift, chances
from sandbox.timeline import DRIFT_ONE, DRIFT_TWO

_COLUMNS: Final = (
    "says_missing", "never_sent", "lost", "delivered_there", "switched", "worn",
    "photos_borrowed", "account", "story_breaks", "fault_shown", "transit_damage",
)  # fmt: skip


def _cells(*values: float) -> dict[str, Cell]:
    return chances(_COLUMNS, values)


_SELLER, _PLATFORM, _DENY = "refund_seller_pays", "refund_platform_pays", "deny"
_CAUSES: Final = (
    Cause("seller_fault", 0.32, _SELLER, True,
          _cells(0.04, 0.01, 0.01, 0.92, 0.02, 0.02, 0.02, 0.04, 0.04, 0.92, 0.02)),
    Cause("never_sent", 0.06, _SELLER, True,
          _cells(0.97, 0.95, 0.01, 0.00, 0.00, 0.00, 0.01, 0.05, 0.03, 0.05, 0.00)),
    Cause("lost_in_transit", 0.12, _PLATFORM, True,
          _cells(0.97, 0.02, 0.95, 0.01, 0.00, 0.00, 0.01, 0.05, 0.03, 0.04, 0.06)),
    Cause("porch_theft", 0.08, _PLATFORM, True,
          _cells(0.98, 0.00, 0.01, 0.90, 0.00, 0.00, 0.01, 0.05, 0.05, 0.03, 0.01), looks="bad"),
    Cause("crushed", 0.04, _PLATFORM, True,
          _cells(0.03, 0.00, 0.02, 0.93, 0.02, 0.02, 0.02, 0.04, 0.04, 0.90, 0.78)),
    Cause("false_missing", 0.14, _DENY, False,
          _cells(0.98, 0.00, 0.01, 0.94, 0.00, 0.00, 0.02, 0.68, 0.46, 0.03, 0.01)),
    Cause("switch", 0.09, _DENY, False,
          _cells(0.05, 0.00, 0.01, 0.95, 0.86, 0.05, 0.08, 0.46, 0.24, 0.40, 0.02)),
    Cause("wardrobe", 0.08, _DENY, False,
          _cells(0.01, 0.00, 0.00, 0.96, 0.03, 0.84, 0.04, 0.34, 0.20, 0.16, 0.01)),
    Cause("picture_fraud", 0.07, _DENY, False,
          _cells(0.06, 0.00, 0.01, 0.95, 0.02, 0.02, 0.66, 0.50, 0.18, 0.82, 0.02), looks="clean"),
)  # fmt: skip

TABLE: Final = CauseTable(
    causes=_CAUSES,
    drifts=(
        Drift(
            since=DRIFT_ONE,
            rates={"picture_fraud": 0.14},
            cells={
                ("picture_fraud", "photos_borrowed"): Chance(0.35),
                ("false_missing", "account"): Chance(0.45),
            },
        ),
        Drift(
            since=DRIFT_TWO,
            rates={},
            cells={
                ("picture_fraud", "photos_borrowed"): Chance(0.20),
                ("switch", "transit_damage"): Chance(0.35),
            },
        ),
    ),
    given={
        "lost": ("!never_sent",),
        "delivered_there": ("!never_sent", "!lost"),
        "fault_shown": ("!says_missing",),
        "transit_damage": ("!says_missing",),
    },
    read=("fault_shown", "story_breaks"),
    unnoted=("account",),
)
"""``account`` is the account score's being met. The handbook prints the last two columns for claims
of a missing parcel as well; no such claim can show a fault or count a damage, and no row of the
decision table reads either of them there, so they are drawn for the others alone."""
