"""Who may undo a decision."""

from __future__ import annotations

from typing import Final

from casewright.errors import Forbidden
from casewright.models import Route, Run, RunStatus
from casewright.team import ROUTES, Member, Permission

COUNSEL: Final = Route.LEGAL
"""What counsel decided, nobody else takes back."""


def require_may_undo(member: Member, run: Run) -> None:
    """Refuse who may not undo a run's decision.

    Who decided it may take their own act back. What somebody else decided, or what passed without
    a person, takes ``Permission.UNDO``, and on the legal route what deciding there takes.

    Raises:
        Forbidden: they may not.
    """
    if run.reviews and run.reviews[-1].reviewer == member.id:
        member.require(Permission.REVIEW)
        return
    member.require(Permission.UNDO)
    if run.decision is not None and run.decision.route is COUNSEL:
        member.require(ROUTES[COUNSEL])


def may_undo(member: Member, run: Run) -> bool:
    """Whether a member may undo a run's decision, and there is one."""
    if run.status is not RunStatus.DONE or run.decision is None:
        return False
    try:
        require_may_undo(member, run)
    except Forbidden:
        return False
    return True
