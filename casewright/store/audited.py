"""Verifies the whole log of a store, and that what it refers to is there and unchanged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Connection, Executable, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from casewright.audit import NO_CASE, Kind, Written
from casewright.base import Model
from casewright.canonical import digest_of, parsed
from casewright.chain import Chain, Fault, missing
from casewright.happenings import record_digest_of
from casewright.references import Told, refers
from casewright.store.dialect import READING, TRIGGERS
from casewright.store.entries import look_faults, version_faults
from casewright.store.log import Head
from casewright.store.tables import (
    audit_events,
    audit_head,
    evidence,
    graph_versions,
    reviews,
    run_evidence,
    runs,
)

Progress = Callable[[int, int], None]
"""Told how many of how many rows are read."""

_KEPT: Final = (
    "audit_events_no_update",
    "audit_events_no_delete",
    "audit_head_only_forward",
    "audit_head_no_delete",
)

GUARDS: Final = {
    "sqlite": (*_KEPT, "audit_events_no_replace"),
    "postgresql": (*_KEPT, "audit_events_no_truncate", "audit_head_no_truncate"),
}
"""The triggers of migration 0004, by dialect."""

BATCH: Final = 2_000
"""Rows in memory at once."""


class Audited(Model):
    """What a verification found.

    Attributes:
        events: How many events were read.
        cases: Of how many cases.
        head: The head of the chain, as ``NUMBER:HASH``.
        evidence: How many records of evidence were read.
        runs: How many runs.
        faults: What is wrong, in the order in which it was found; empty where all holds.
    """

    events: int = 0
    cases: int = 0
    head: str = ""
    evidence: int = 0
    runs: int = 0
    faults: tuple[Fault, ...] = ()


@dataclass
class _Verification:
    connection: Connection
    case_id: str
    progress: Progress
    chain: Chain = field(default_factory=Chain)
    told: dict[str, Told] = field(default_factory=lambda: defaultdict(Told))
    erased: set[str] = field(default_factory=set)
    count: int = 0
    read: int = 0
    total: int = 0
    evidence: int = 0
    runs: int = 0

    def run(self, head: Head | None) -> Audited:
        # One moment of the store for all that is read.
        self.connection.exec_driver_sql(READING[self.connection.dialect.name])
        self.total = self._total()
        found = tuple(fault for fault in self._faults(head) if self._concerns(fault))
        cases = len(self.chain.cases.keys() - {NO_CASE}) if not self.case_id else 1
        newest = str(Head(self.chain.entry, self.chain.hash))
        return Audited(
            events=self.count,
            cases=cases,
            head=newest,
            evidence=self.evidence,
            runs=self.runs,
            faults=found,
        )

    def _concerns(self, fault: Fault) -> bool:
        return fault.case_id in ("", self.case_id) or not self.case_id

    def _faults(self, head: Head | None) -> Iterator[Fault]:
        yield from self._guards()
        yield from self._events(head)
        yield from self._end(head)
        yield from self._runs()
        yield from self._reviews()
        yield from look_faults(self.connection, self.told)
        yield from version_faults(self.connection, self.told.get(NO_CASE))
        yield from self._links()
        yield from self._versions()
        yield from self._evidence()

    def _total(self) -> int:
        tables = (audit_events, runs, evidence)
        counts = (select(func.count()).select_from(table) for table in tables)
        return sum(self.connection.execute(count).scalar() or 0 for count in counts)

    def _rows(self, query: Executable) -> Iterator[Any]:
        read = self.connection.execution_options(yield_per=BATCH).execute(query)
        for rows in read.partitions():
            yield from rows

    def _guards(self) -> Iterator[Fault]:
        dialect = self.connection.dialect.name
        held = set(self.connection.exec_driver_sql(TRIGGERS[dialect]).scalars())
        for name in GUARDS[dialect]:
            if name not in held:
                yield Fault(wrong=f"the trigger {name}, which keeps events as they are, is gone")

    def _events(self, head: Head | None) -> Iterator[Fault]:
        for values in self._rows(select(audit_events).order_by(audit_events.c.entry)):
            row = Written(*values)
            yield from self.chain.faults(row)
            if head and row.entry == head.entry and row.hash != head.hash:
                yield Fault.at(row, "its hash is not the one that was kept elsewhere")
            yield from self._taken(row)
            self._advance()
            self.count += 1

    def _taken(self, row: Written) -> Iterator[Fault]:
        if not refers(row):
            return
        try:
            body = parsed(row.body)
            self.told[row.run_id].take(row, body)
            self.erased.update(body.get("evidence", ()) if row.kind == Kind.ERASED else ())
        except (ValueError, KeyError, TypeError, AttributeError):
            yield Fault.at(row, "what it says does not read")

    def _end(self, head: Head | None) -> Iterator[Fault]:
        rows = self.connection.execute(select(audit_head)).all()
        last = Head(*rows[0]) if len(rows) == 1 else Head(0, self.chain.hash)
        if len(rows) != 1:
            yield Fault(wrong="the head of the chain is gone")
        elif last.entry > self.chain.entry:
            first = self.chain.entry + 1
            yield Fault(entry=first, wrong=missing(first, last.entry, "store"))
        elif last != (self.chain.entry, self.chain.hash):
            yield Fault(entry=last.entry, wrong="the head of the chain is another event's")
        if head and head.entry > max(self.chain.entry, last.entry):
            wrong = missing(self.chain.entry + 1, head.entry, "store")
            yield Fault(entry=self.chain.entry + 1, wrong=f"{wrong}: so many were kept elsewhere")

    def _runs(self) -> Iterator[Fault]:
        seen = set[str]()
        for row in self._rows(select(runs)):
            seen.add(row.run_id)
            self.runs += 1
            self._advance()
            yield from self._run(row)
        for run_id, told in self.told.items():
            if run_id and run_id not in seen and told.record:
                yield Fault.at(told.record[0], f"the record of run {run_id} is gone")

    def _run(self, row: Any) -> Iterator[Fault]:
        told = self.told.get(row.run_id)
        if told is None or told.record is None:
            yield Fault(case_id=row.case_id, wrong=f"no event tells of run {row.run_id}")
            return
        event, digest = told.record
        try:
            record = parsed(row.body)
            columns = (record["run_id"], record["case"]["case_id"], record["sop"], record["status"])
            whole = record_digest_of(row.body) == digest
            decision = digest_of(record["decision"]) if record["decision"] else ""
        except (ValueError, KeyError, TypeError, AttributeError):
            yield Fault.at(event, f"the record of run {row.run_id} does not read")
            return
        if decision != told.decision and not whole:
            yield Fault.at(event, f"the decision of run {row.run_id} was changed afterwards")
        elif not whole or columns != (row.run_id, row.case_id, row.sop, row.status):
            yield Fault.at(event, f"the record of run {row.run_id} was changed afterwards")

    def _reviews(self) -> Iterator[Fault]:
        erased = {run for run, told in self.told.items() if told.erased}
        left = {
            (run, one): row
            for run, told in self.told.items()
            if run not in erased
            for one, row in told.reviews.items()
        }
        for row in self._rows(select(reviews, runs.c.case_id).join(runs)):
            if row.run_id in erased:
                continue
            key = (row.run_id, _review_digest(row))
            if left.pop(key, None) is None:
                wrong = f"no event tells of the review of {row.at} as it is stored"
                yield Fault(case_id=row.case_id, kind=Kind.REVIEWED, wrong=wrong)
        for event in left.values():
            yield Fault.at(event, "its review is gone, or was changed")

    def _links(self) -> Iterator[Fault]:
        for row in self._rows(select(run_evidence, runs.c.case_id).join(runs)):
            told = self.told.get(row.run_id)
            if told and row.digest not in told.evidence:
                wrong = f"no event tells that {row.action} brought evidence {row.digest[:12]}"
                yield Fault(case_id=row.case_id, kind=Kind.EVIDENCE, wrong=wrong)

    def _versions(self) -> Iterator[Fault]:
        named = [told.files for told in self.told.values() if told.files]
        held = {
            digest_of(files)
            for files in self.connection.execute(select(graph_versions.c.files)).scalars()
        }
        for event, digest in named:
            if digest not in held:
                yield Fault.at(event, "the SOP files of its version are gone, or were changed")

    def _evidence(self) -> Iterator[Fault]:
        named: dict[str, Written] = {}
        for told in self.told.values():
            for digest, row in told.evidence.items():
                if not self.case_id or row.case_id == self.case_id:
                    named.setdefault(digest, row)
        columns = (evidence.c.digest, evidence.c.content)
        for digest, content in self._rows(select(*columns)):
            self.evidence += 1
            self._advance()
            event = named.pop(digest, None)
            if digest in self.erased and not content:
                continue
            if sha256(content.encode("utf-8", "surrogatepass")).hexdigest() != digest:
                wrong = f"evidence {digest[:12]} was changed after it was stored"
                yield Fault.at(event, wrong) if event else Fault(wrong=wrong)
        for digest, event in named.items():
            if digest not in self.erased:
                yield Fault.at(event, f"evidence {digest[:12]} is gone")

    def _advance(self) -> None:
        self.read += 1
        if self.read % BATCH == 0 or self.read == self.total:
            self.progress(self.read, self.total)


def _review_digest(row: Any) -> str:
    """The digest of a stored review; another one where its columns say otherwise."""
    try:
        body = parsed(row.body)
        same = (body["act"], body["reviewer"]) == (row.act, row.reviewer)
        return digest_of(body) if same else ""
    except (ValueError, KeyError, TypeError):
        return ""


def silent(_: int, __: int) -> None:
    """Tell nobody."""


async def audited(
    connection: AsyncConnection,
    *,
    case_id: str = "",
    head: Head | None = None,
    progress: Progress = silent,
) -> Audited:
    """Verify a store's log, see ``Store.audited``."""

    def verify(sync: Connection) -> Audited:
        return _Verification(sync, case_id, progress).run(head)

    return await connection.run_sync(verify)
