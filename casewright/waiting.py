"""A case that waits for a person, as a queue lists it, and which of them somebody wants to see."""

from __future__ import annotations

from typing import Final, Literal

from casewright.base import Model, Moment, Money
from casewright.team import Member

LEASE_MINUTES: Final = 20
"""For how long a claim holds (handbook 12, Queues)."""

RENEWALS: Final = 2
"""How often a claim can be renewed (same place)."""


class Waiting(Model):
    """One case in the queue.

    Attributes:
        run_id: The run that waits.
        case_id: Its case.
        case_type: Type of the case.
        sop: Name of its SOP.
        graph_version: The version that decided.
        region: Region of the case.
        language: Language of what the party wrote.
        channel: How it came in.
        route: Who must look.
        outcome: What is proposed.
        seller_id: Whom it is about.
        impact: What it is about.
        stake_cents: What a wrong decision is expected to cost, in the SOP's currency.
        stability: The fewest known facts that must flip to change the outcome, if any do.
        interim: Whether a measure is in force while it waits.
        due_at: By when it is to be decided.
        since: Since when it waits as it is.
        assigned_to: Who is to decide it, or empty.
        claimed_by: Who has it now, or empty; a lease that is over counts for nothing.
        lease_until: Until when they have it.
        renewals: How often they renewed it.
        held_until: Until when it is on hold; None: it is not.
        held_for: Why.
    """

    run_id: str
    case_id: str
    case_type: str
    sop: str
    graph_version: str
    region: str
    language: str
    channel: str
    route: str
    outcome: str
    seller_id: str
    impact: Money
    stake_cents: int
    stability: int | None
    interim: bool
    due_at: Moment
    since: Moment
    assigned_to: str = ""
    claimed_by: str = ""
    lease_until: Moment | None = None
    renewals: int = 0
    held_until: Moment | None = None
    held_for: str = ""


class Wanted(Model):
    """Which waiting cases somebody wants to see; empty fields want all.

    Attributes:
        sops: Names of SOPs.
        regions: Regions.
        languages: Languages.
        routes: Routes.
        channels: Channels.
        whose: ``mine``: claimed by or assigned to ``me``; ``free``: what ``me`` could claim.
        me: Who asks.
        held: Whether on hold: yes, no, or either.
        overdue: Only what is past its time.
    """

    sops: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    whose: Literal["", "mine", "free"] = ""
    me: str = ""
    held: bool | None = None
    overdue: bool = False

    def within(self, member: Member) -> Wanted:
        """The same, of what the member sees alone."""
        scoped = {
            "regions": _both(self.regions, member.regions),
            "sops": _both(self.sops, member.sops),
            "languages": _both(self.languages, member.languages),
        }
        return self.model_copy(update=scoped)


NOTHING: Final = ("",)
"""Wanted values that no case has."""


def _both(wanted: tuple[str, ...], own: frozenset[str]) -> tuple[str, ...]:
    if not own:
        return wanted
    if not wanted:
        return tuple(sorted(own))
    return tuple(one for one in wanted if one in own) or NOTHING


class Listed(Model):
    """A page of the queue.

    Attributes:
        items: The cases, most urgent first.
        total: How many there are on all pages.
    """

    items: tuple[Waiting, ...]
    total: int


class Group(Model):
    """How many cases wait that are alike in everything that queues are told apart by."""

    sop: str
    region: str
    language: str
    route: str
    channel: str
    count: int
