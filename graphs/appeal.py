"""Until when a decision of ours can be appealed: values of the policy pack (APL-1.1, APL-1.2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from graphs.library import BUILT_IN, FRAGMENTS, POLICY_FRAGMENT
from graphs.policy import Policy, parse_policy
from graphs.sop import Sop

WINDOWS: Final = ("first_appeal_window", "second_appeal_window")
"""Values that say how long there is for the first appeal, and for the second (APL-1.1)."""

MOST: Final = len(WINDOWS)
"""How many appeals there are at most (APL-1.2)."""


def closes(sop: Sop, number: int, decided_at: datetime, region: str) -> datetime:
    """When the window for an appeal closes.

    A procedure whose policy says nothing of appeals has the windows that all appeals share.

    Args:
        sop: The procedure of the decision.
        number: Which appeal it is, from 1.
        decided_at: When what it contests was decided.
        region: Region of the case.
    """
    name = WINDOWS[number - 1]
    policy = sop.policy if name in sop.policy.values else _shared()
    window: timedelta = policy.value(name, on=decided_at, region=region)
    return decided_at + window


def _shared() -> Policy:
    file = BUILT_IN / FRAGMENTS / f"appeals{POLICY_FRAGMENT}"
    return parse_policy(file.read_text("utf-8"), file=file.name)
