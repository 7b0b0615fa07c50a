"""Every route of the console and the API, and what it takes to use it: the one place for both.

A route that does not stand here answers nobody. ``PUBLIC`` asks for nothing, ``MEMBER`` for being
signed in, and everything else for a permission that roles grant (``casewright.team.GRANTED``).
Which cases a member sees is checked where a case is read: ``review.desk.Desk.show``.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

from casewright.team import Permission


class Door(Enum):
    """What a route asks for beside permissions."""

    PUBLIC = "public"
    MEMBER = "member"


Needs = Permission | Door
Route = tuple[str, str]
"""Method and path as the application declares it, such as ``("GET", "/cases/{case_id}")``."""

RIGHTS: Final[Mapping[Route, Needs]] = {
    ("GET", "/"): Door.MEMBER,
    ("GET", "/health"): Door.PUBLIC,
    ("GET", "/queue"): Permission.READ,
    ("POST", "/queue/next"): Permission.REVIEW,
    ("GET", "/cases/{case_id}"): Permission.READ,
    ("GET", "/cases/{case_id}/citations/{number}"): Permission.READ,
    ("GET", "/cases/{case_id}/path.svg"): Permission.READ,
    ("POST", "/cases/{case_id}/claim"): Permission.REVIEW,
    ("POST", "/cases/{case_id}/renew"): Permission.REVIEW,
    ("POST", "/cases/{case_id}/release"): Permission.REVIEW,
    ("POST", "/cases/{case_id}/hold"): Permission.REVIEW,
    ("POST", "/cases/{case_id}/resume"): Permission.REVIEW,
    ("POST", "/cases/{case_id}/assign"): Permission.ASSIGN,
    ("POST", "/cases/{case_id}/review"): Permission.REVIEW,
}
