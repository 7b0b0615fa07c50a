"""What the routes work with: the store behind the desk, and the settings; opened once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import Request

from casewright.clock import Clock, utc_now
from casewright.settings import Settings
from casewright.store import Store
from casewright.team import Team
from graphs.run import Investigator, open_investigator
from review.desk import Desk
from review.veil import Veil
from review.web.errands import Errands
from review.web.visitor import visitor_of


@dataclass(frozen=True)
class House:
    """What one server shares between its requests.

    Attributes:
        settings: As they were when it started.
        team: Who may do what.
        investigator: Holds the runs.
        clock: The present moment.
        workspace: Folder with more SOPs and tools, or None.
        veil: Hides personal data on pages.
        errands: What goes on in the background.
    """

    settings: Settings
    team: Team
    investigator: Investigator
    clock: Clock
    workspace: Path | None = None
    veil: Veil = field(default_factory=Veil)
    errands: Errands = field(default_factory=Errands)

    @property
    def store(self) -> Store:
        """The records."""
        return self.investigator.store

    def desk(self, member_id: str) -> Desk:
        """The desk of a member."""
        return Desk(self.investigator, member_id, self.clock, team=self.team, veil=self.veil)


@asynccontextmanager
async def open_house(
    settings: Settings, *, workspace: Path | None = None, clock: Clock = utc_now
) -> AsyncIterator[House]:
    """Open what the routes work with; errors as for ``open_investigator``."""
    async with open_investigator(settings, workspace=workspace, clock=clock) as investigator:
        team = Team.of(settings.team)
        house = House(settings, team, investigator, clock, workspace, errands=Errands(clock))
        try:
            yield house
        finally:
            await house.errands.stop()


def house_of(request: Request) -> House:
    """The house that a request came to."""
    house = request.app.state.house
    if not isinstance(house, House):
        raise TypeError("the application was started without a house")
    return house


def desk_of(request: Request) -> Desk:
    """The desk of whom a request comes from."""
    return house_of(request).desk(visitor_of(request).member.id)
