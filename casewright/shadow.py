"""What another version makes of a run's frozen evidence; nothing follows from it."""

from __future__ import annotations

from casewright.base import Moment
from casewright.models import Decision, Model


class ShadowRun(Model):
    """A run, judged by another version.

    Attributes:
        run_id: The run whose evidence it was.
        version: The graph version that judged it, as a shadow.
        at: When.
        decision: What it proposes; None where it failed.
        proposal: What the run's own version proposed, before any reviewer changed it; None where
            that could not be told.
        lacks: Its actions of which the run has no evidence: it never asked.
        error: Why it failed, or empty.
    """

    run_id: str
    version: str
    at: Moment
    decision: Decision | None = None
    proposal: Decision | None = None
    lacks: tuple[str, ...] = ()
    error: str = ""
