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
    ("GET", "/ready"): Door.PUBLIC,
    ("GET", "/sign-in"): Door.PUBLIC,
    ("POST", "/sign-in"): Door.PUBLIC,
    ("GET", "/sign-in/oidc"): Door.PUBLIC,
    ("GET", "/sign-in/oidc/done"): Door.PUBLIC,
    ("POST", "/sign-out"): Door.MEMBER,
    ("GET", "/cases/{case_id}/undo"): Permission.READ,  # who decided it, or may undo: the desk
    ("POST", "/cases/{case_id}/undo"): Permission.READ,
    ("GET", "/cases/{case_id}/ask"): Permission.READ,
    ("POST", "/cases/{case_id}/ask"): Permission.REVIEW,
    ("GET", "/cases/{case_id}/appeal"): Permission.READ,
    ("POST", "/cases/{case_id}/appeal"): Permission.SUBMIT,
    ("GET", "/search"): Permission.READ,
    ("GET", "/runs"): Permission.READ,
    ("GET", "/runs/live"): Permission.READ,
    ("GET", "/runs/{run_id}"): Permission.READ,
    ("POST", "/runs"): Permission.SUBMIT,
    ("GET", "/notes"): Permission.NOTE,
    ("POST", "/notes"): Permission.NOTE,
    ("POST", "/notes/{note_id}/withdraw"): Permission.NOTE,
    ("GET", "/audit"): Permission.AUDIT,
    ("GET", "/audit/verify"): Permission.AUDIT,
    ("POST", "/audit/verify"): Permission.AUDIT,
    ("GET", "/audit/{case_id}"): Permission.AUDIT,
    ("GET", "/cases/{case_id}/dossier.json"): Permission.EXPORT,
    ("GET", "/cases/{case_id}/dossier.html"): Permission.EXPORT,
    ("POST", "/cases/{case_id}/dossier"): Permission.EXPORT,
    ("POST", "/cases/{case_id}/reveal"): Permission.REVEAL,
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
    ("GET", "/api/v1/openapi.json"): Door.PUBLIC,
    ("GET", "/api/v1/queue"): Permission.READ,
    ("GET", "/api/v1/queue/counts"): Permission.READ,
    ("POST", "/api/v1/queue/next"): Permission.REVIEW,
    ("POST", "/api/v1/cases"): Permission.SUBMIT,
    ("GET", "/api/v1/cases/{case_id}"): Permission.READ,
    ("GET", "/api/v1/cases/{case_id}/decision"): Permission.READ,
    ("GET", "/api/v1/cases/{case_id}/citations/{number}"): Permission.READ,
    ("GET", "/api/v1/cases/{case_id}/events"): Permission.AUDIT,
    ("POST", "/api/v1/cases/{case_id}/claim"): Permission.REVIEW,
    ("POST", "/api/v1/cases/{case_id}/renew"): Permission.REVIEW,
    ("POST", "/api/v1/cases/{case_id}/release"): Permission.REVIEW,
    ("POST", "/api/v1/cases/{case_id}/assign"): Permission.ASSIGN,
    ("POST", "/api/v1/cases/{case_id}/hold"): Permission.REVIEW,
    ("POST", "/api/v1/cases/{case_id}/resume"): Permission.REVIEW,
    ("POST", "/api/v1/cases/{case_id}/review"): Permission.REVIEW,
    ("POST", "/api/v1/cases/{case_id}/appeals"): Permission.SUBMIT,
    ("POST", "/api/v1/cases/{case_id}/answer"): Permission.READ,  # who submits or reviews: the desk
    ("GET", "/api/v1/cases/{case_id}/first-read"): Permission.REVIEW,
    ("POST", "/api/v1/cases/{case_id}/first-read"): Permission.REVIEW,
    ("POST", "/api/v1/cases/{case_id}/reveal"): Permission.REVEAL,
    ("GET", "/api/v1/cases/{case_id}/undo"): Permission.READ,  # as on the page
    ("POST", "/api/v1/cases/{case_id}/undo"): Permission.READ,
    ("GET", "/api/v1/runs"): Permission.READ,
}
