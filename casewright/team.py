"""Who is on the team: roles, what each may do, and which cases a member sees.

The roles are those of the handbook (12, Roles). Who measures does not decide, and who keeps the
keys reads no case: no role holds everything. Without a team in the settings, whoever uses this
machine's account is a team of one, and may do everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict

from casewright.errors import Forbidden
from casewright.models import Route


class Role(StrEnum):
    """What somebody is on the team; a member may have several."""

    ANALYST = "analyst"
    REVIEWER = "reviewer"
    SENIOR = "senior"
    LEGAL = "legal"
    QA = "qa"
    LEAD = "lead"
    ADMIN = "admin"


class Permission(StrEnum):
    """What a role allows."""

    READ = "read cases"
    SUBMIT = "submit cases"
    REVIEW = "review"
    DECIDE_SENIOR = "decide on the senior route"
    DECIDE_LEGAL = "decide on the legal route"
    ARBITRATE = "settle what readers differ about"
    SECOND_LOOK = "read a second time"
    ASSIGN = "assign cases"
    NOTE = "write notes"
    UNDO = "undo what others decided"
    REVEAL = "see personal data"
    EXPORT = "export dossiers"
    FIGURES = "see the figures of reviewers"
    AUDIT = "read the log"
    ADMINISTER = "administer"


_P = Permission
_READS: Final = {_P.READ}
_REVIEWS: Final = _READS | {_P.REVIEW, _P.NOTE, _P.REVEAL}

GRANTED: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.ANALYST: frozenset(_READS | {_P.SUBMIT}),
    Role.REVIEWER: frozenset(_REVIEWS),
    Role.SENIOR: frozenset(_REVIEWS | {_P.DECIDE_SENIOR, _P.ARBITRATE, _P.UNDO, _P.EXPORT}),
    Role.LEGAL: frozenset(_REVIEWS | {_P.DECIDE_LEGAL, _P.UNDO, _P.EXPORT, _P.AUDIT}),
    Role.QA: frozenset({_P.SECOND_LOOK, _P.AUDIT}),
    Role.LEAD: frozenset(_READS | {_P.ASSIGN, _P.UNDO, _P.FIGURES, _P.EXPORT, _P.AUDIT}),
    Role.ADMIN: frozenset({_P.ADMINISTER, _P.AUDIT}),
}
"""What each role allows; docs/console.md shows the same table."""

ROUTES: Final[Mapping[Route, Permission]] = {
    Route.AUTO: Permission.REVIEW,
    Route.REVIEW: Permission.REVIEW,
    Route.SENIOR: Permission.DECIDE_SENIOR,
    Route.LEGAL: Permission.DECIDE_LEGAL,
}
"""What deciding a case on each route asks for."""


class Membership(BaseModel):
    """What the settings say of one member: ``[team.NAME]``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    roles: tuple[Role, ...]
    """One or more of analyst, reviewer, senior, legal, qa, lead, admin."""

    regions: tuple[str, ...] = ()
    """Regions whose cases they see; empty: all."""

    sops: tuple[str, ...] = ()
    """SOPs likewise."""

    languages: tuple[str, ...] = ()
    """Languages of party text likewise (BCP 47)."""

    email: str = ""
    """Address by which a sign-in service knows them; empty: by their name here."""


@dataclass(frozen=True)
class Member:
    """Somebody of the team.

    Attributes:
        id: As the team knows them.
        roles: What they are.
        regions: Regions whose cases they see; empty: all.
        sops: SOPs likewise.
        languages: Languages likewise.
    """

    id: str
    roles: frozenset[Role] = frozenset(Role)
    regions: frozenset[str] = frozenset()
    sops: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()

    def may(self, permission: Permission) -> bool:
        """Whether one of their roles allows it."""
        return any(permission in GRANTED[role] for role in self.roles)

    def sees(self, *, region: str, sop: str, language: str) -> bool:
        """Whether a case of that region, SOP and language is among theirs."""
        pairs = ((self.regions, region), (self.sops, sop), (self.languages, language))
        return all(not own or one in own for own, one in pairs)

    def require(self, permission: Permission) -> None:
        """Refuse who may not.

        Raises:
            Forbidden: none of their roles allows it.
        """
        if not self.may(permission):
            allowed = ", ".join(role for role in Role if permission in GRANTED[role])
            raise Forbidden(
                f"{self.id} may not {permission.value}.", remedy=f"It takes one of: {allowed}."
            )


@dataclass(frozen=True)
class Team:
    """The members by name; with none, everybody may do everything."""

    members: Mapping[str, Member] = field(default_factory=dict)

    @classmethod
    def of(cls, memberships: Mapping[str, Membership]) -> Team:
        """The team that the settings name."""
        return cls({name: _member(name, one) for name, one in memberships.items()})

    def member(self, name: str) -> Member:
        """The member of that name.

        Raises:
            Forbidden: the team has members, and none of that name.
        """
        if not self.members:
            return Member(name)
        if name not in self.members:
            raise Forbidden(
                f"{name} is not on the team.", remedy="The settings name its members: [team.NAME]."
            )
        return self.members[name]


def _member(name: str, given: Membership) -> Member:
    return Member(
        name,
        frozenset(given.roles),
        frozenset(given.regions),
        frozenset(given.sops),
        frozenset(given.languages),
    )
