"""A case as one visitor sees it: the one place where pages fetch runs and evidence from.

Whatever may hide a part of a case from somebody belongs here, so that no page can forget it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import Request

from casewright.audit import Event, Kind
from casewright.models import Citation, Evidence, Run
from graphs.sop import Sop
from review.web.house import desk_of, house_of


@dataclass(frozen=True)
class Record:
    """How an action ended: its status, the digest of its evidence (or empty), and when."""

    status: str
    digest: str
    at: datetime


@dataclass(frozen=True)
class Sight:
    """A case as it is shown.

    Attributes:
        run: Its newest run.
        evidence: What its actions brought and its decision cites, by digest; what was erased or
            changed since is left out.
        records: How each action ended the last time, by its name.
        events: The log of the case, oldest first.
        sop: The procedure that the run is pinned to.
    """

    run: Run
    evidence: Mapping[str, Evidence]
    records: Mapping[str, Record]
    events: tuple[Event, ...]
    sop: Sop

    @property
    def actions(self) -> dict[str, Evidence]:
        """The evidence of each action, by its name; calls over a list have none of their own."""
        return {
            name: self.evidence[record.digest]
            for name, record in self.records.items()
            if record.digest in self.evidence
        }


async def look(request: Request, case_id: str) -> Sight:
    """The case; the log says that the visitor saw it.

    Raises:
        UsageError: it was never investigated.
        Forbidden: it is none of the visitor's.
    """
    run = await desk_of(request).view(case_id)
    house = house_of(request)
    cited = {one.reference for one in run.decision.citations} if run.decision else set()
    events = await house.store.log.of(case_id)
    records = _records(run, events)
    brought = {record.digest for record in records.values() if record.digest}
    evidence = await house.store.intact_evidence(cited | brought)
    return Sight(run, evidence, records, events, await house.investigator.sop_of(run))


def _records(run: Run, events: Iterable[Event]) -> dict[str, Record]:
    found: dict[str, Record] = {}
    for event in events:
        if event.kind is Kind.EVIDENCE and event.run_id == run.run_id:
            name = str(event.body.get("action") or event.body.get("tool"))
            found[name] = Record(str(event.body["status"]), str(event.body["digest"]), event.at)
    return found


@dataclass(frozen=True)
class Followed:
    """A citation that was followed.

    Attributes:
        run: The newest run of its case.
        citation: The citation.
        evidence: The record behind it; None: a clause.
        events: The log of the case, oldest first.
    """

    run: Run
    citation: Citation
    evidence: Evidence | None
    events: tuple[Event, ...]


async def follow(request: Request, case_id: str, number: int) -> Followed:
    """A citation and the evidence behind it; the log says that the visitor followed it.

    Raises:
        UsageError: there is no citation of that number.
        VerificationError: the evidence was changed since.
    """
    desk, log = desk_of(request), house_of(request).store.log
    citation, evidence = await desk.follow(case_id, number)
    return Followed(await desk.show(case_id), citation, evidence, await log.of(case_id))
