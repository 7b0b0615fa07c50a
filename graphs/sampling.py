"""Which decided cases a second reader sees: drawn by a keyed hash, so that re-runs agree."""

from __future__ import annotations

import hashlib
import hmac
from typing import Literal

from casewright.models import ReviewAct, Run
from graphs.gate import SamplingSpec

Decided = Literal["automatic", "approved"]


def drawn(case_id: str, decided: Decided, share: float, *, key: bytes) -> bool:
    """Whether a case is among the share that is looked at again.

    HMAC-SHA256 of the case id, as a fraction of all its values, lies below the share: whoever does
    not hold the key cannot tell which cases will be drawn, and a larger share draws the same cases
    and more.

    Args:
        case_id: The case.
        decided: How it was decided; the two are drawn independently.
        share: From 0 to 1.
        key: The team's own key.
    """
    return _fraction(f"{decided}/{case_id}", key) < share


def in_canary(case_id: str, version: str, share: float, *, key: bytes) -> bool:
    """Whether a case is among the share that a canary decides; drawn anew for each version.

    Args:
        case_id: The case.
        version: The canary's graph version.
        share: From 0 to 1; a larger one draws the same cases and more.
        key: The team's own key.
    """
    return _fraction(f"canary/{version}/{case_id}", key) < share


def read_first(case_id: str, share: float, *, key: bytes) -> bool:
    """Whether a case is among the share that a reviewer decides before they see the proposal.

    Args:
        case_id: The case.
        share: From 0 to 1; a larger one draws the same cases and more.
        key: The team's own key.
    """
    return _fraction(f"first/{case_id}", key) < share


def _fraction(text: str, key: bytes) -> float:
    """HMAC-SHA256 of a text, as a fraction of all its values."""
    return int.from_bytes(hmac.digest(key, text.encode(), hashlib.sha256)[:8]) / 2**64


def drawn_for(shares: SamplingSpec, run: Run, key: bytes, *, passed: int | None = None) -> bool:
    """Whether a run that is being closed is drawn: it passed automatically, or was approved.

    Args:
        shares: The shares that are drawn.
        run: The run.
        key: The team's own key.
        passed: How many others of its graph version passed automatically before; None: unknown.
            While they are fewer than the first that are all looked at (handbook 12), it is drawn.
    """
    if not run.reviews:
        if passed is not None and passed < shares.first:
            return True
        return drawn(run.case.case_id, "automatic", shares.automatic, key=key)
    approved = run.reviews[-1].act is ReviewAct.APPROVE
    return approved and drawn(run.case.case_id, "approved", shares.approved, key=key)
