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
    ("GET", "/cases/{case_id}/first-read"): Permission.REVIEW,
    ("POST", "/cases/{case_id}/first-read"): Permission.REVIEW,
    ("GET", "/second-looks"): Permission.SECOND_LOOK,
    ("GET", "/second-looks/{case_id}"): Permission.SECOND_LOOK,
    ("POST", "/second-looks/{case_id}"): Permission.SECOND_LOOK,
    ("GET", "/disputed"): Permission.ARBITRATE,
    ("GET", "/disputed/{case_id}"): Permission.ARBITRATE,
    ("POST", "/disputed/{case_id}"): Permission.ARBITRATE,
    ("GET", "/agreement"): Permission.AUDIT,
    ("GET", "/figures"): Permission.FIGURES,
}
