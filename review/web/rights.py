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
    ("GET", "/api/v1/openapi.json"): Door.PUBLIC,
    ("GET", "/api/v1/queue"): Permission.READ,
    ("GET", "/api/v1/queue/counts"): Permission.READ,
    ("POST", "/api/v1/queue/next"): Permission.REVIEW,
    ("POST", "/api/v1/cases"): Permission.SUBMIT,
    ("GET", "/api/v1/cases/{case_id}"): Permission.READ,
    ("GET", "/api/v1/cases/{case_id}/decision"): Permission.REVEAL,
    ("GET", "/api/v1/cases/{case_id}/citations/{number}"): Permission.REVEAL,
    ("GET", "/api/v1/cases/{case_id}/events"): Permission.AUDIT,
    ("POST", "/api/v1/cases/{case_id}/claim"): Permission.REVIEW,
    ("POST", "/api/v1/cases/{case_id}/renew"): Permission.REVIEW,
    ("POST", "/api/v1/cases/{case_id}/release"): Permission.REVIEW,
    ("POST", "/api/v1/cases/{case_id}/assign"): Permission.ASSIGN,
    ("POST", "/api/v1/cases/{case_id}/hold"): Permission.REVIEW,
    ("POST", "/api/v1/cases/{case_id}/resume"): Permission.REVIEW,
    ("POST", "/api/v1/cases/{case_id}/review"): Permission.REVIEW,
    ("GET", "/api/v1/runs"): Permission.READ,
}
