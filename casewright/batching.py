"""Batches: many cases taken to the gate together, and how each of them ended."""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import Field

from casewright.base import Model, Moment
from casewright.cost import Cost

LEASE_S: Final = 60
"""How long a worker has a case before it must say that it is still at work, in seconds."""

RENEW_S: Final = 15
"""How often it says so, in seconds."""

LONGEST_REST_S: Final = 600
"""The longest that a case rests that failed, in seconds."""

SUSPECT_AFTER: Final = 3
"""Workers that died with a case in flight; from then on it runs alone, after all others."""

POISON_AFTER: Final = 6
"""Workers that died with it until it is parked: three of them while nothing else was in flight."""

BatchState = Literal["open", "stopped", "cancelled", "ended"]

CaseState = Literal["pending", "leased", "ended", "parked", "cancelled"]
"""How a case of a batch stands. ``parked``: it failed for good, and nothing else waits for it."""


class Plan(Model):
    """What a batch was started with.

    Attributes:
        chosen: Where its cases came from and how they were chosen, for people.
        sop: Name of the SOP that decides all of them; empty: that of each case's type.
        concurrency: Most cases in flight in one process; 0: as the settings say.
        max_micros: Most money, in millionths of the currency's unit; 0: no bound.
        currency: ISO 4217 code of that; empty where there is no bound.
        engine: Where it runs.
        by: Who has the cases investigated, as the log is to name them.
    """

    chosen: str = ""
    sop: str = ""
    concurrency: int = Field(default=0, ge=0)
    max_micros: int = Field(default=0, ge=0)
    currency: str = ""
    engine: Literal["local", "ray"] = "local"
    by: str = ""


class Batch(Model):
    """A batch as it stands.

    Attributes:
        batch_id: Its id.
        at: When it was planned.
        author: Who planned it.
        state: ``open``: it may run; ``stopped``: it was stopped and can be resumed.
        why: Why it was stopped.
        plan: What it was started with.
    """

    batch_id: str
    at: Moment
    author: str
    state: BatchState
    why: str = ""
    plan: Plan


class Leased(Model):
    """A case that a worker has.

    Attributes:
        case_id: The case.
        failures: How often it failed before.
        deaths: How many workers died with it.
    """

    case_id: str
    failures: int = 0
    deaths: int = 0


class Ending(Model):
    """How a case of a batch ended.

    Attributes:
        status: Of its run: ``waiting`` for a person, ``done``, or ``failed``: it is parked.
        run_id: Its run; empty where none was begun.
        sop: Name of its SOP.
        graph_version: The version that its run is pinned to.
        outcome: What is proposed or decided; empty where nothing is.
        route: Who must look.
        error: Why it failed, with what to do about it.
        cost: What its model calls used, those of tries that failed included.
        currency: ISO 4217 code of their prices.
        seconds: From its beginning to its end, in the last try.
        slowest: The step that took longest, and how long in seconds.
        at: When it ended.
    """

    status: Literal["waiting", "done", "failed"]
    run_id: str = ""
    sop: str = ""
    graph_version: str = ""
    outcome: str = ""
    route: str = ""
    error: str = ""
    cost: Cost = Cost()
    currency: str = ""
    seconds: float = 0.0
    slowest: tuple[str, float] = ("", 0.0)
    at: Moment


class Ended(Model):
    """A case that ended, and its number in the order of ending, from 1."""

    number: int
    case_id: str
    ending: Ending


class Tally(Model):
    """How the cases of a batch stand.

    Attributes:
        pending: Cases that nobody has.
        leased: Cases in flight.
        ended: Cases at their gate or decided.
        parked: Cases that failed for good.
        cancelled: Cases that were taken out.
        micros: Money spent so far, in millionths of the currency's unit.
        retried: Tries that failed in a way that may pass, and were repeated.
    """

    pending: int = 0
    leased: int = 0
    ended: int = 0
    parked: int = 0
    cancelled: int = 0
    micros: int = 0
    retried: int = 0

    @property
    def total(self) -> int:
        """All cases of the batch."""
        return self.pending + self.leased + self.over

    @property
    def over(self) -> int:
        """Cases that nothing more happens to."""
        return self.ended + self.parked + self.cancelled

    def told(self) -> dict[str, Any]:
        """As programs read it."""
        return {**self.model_dump(), "total": self.total}
