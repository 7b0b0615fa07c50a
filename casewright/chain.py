"""Verifies a chain of events: each one unchanged, none missing, all in the order of their writing.

A chain convicts whoever changed a part of it. Whoever could rewrite the whole of it, from some
event to the newest one, is found only by a hash that was kept elsewhere: see ``Head``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from casewright.audit import ORIGIN, Written
from casewright.base import Model


class Fault(Model):
    """One thing that is wrong with the log, or with what it refers to.

    Attributes:
        case_id: The case; empty where it cannot be told.
        number: The event's number in the case; 0 likewise.
        entry: Its number in the store; 0 likewise.
        kind: What the event says that happened; empty likewise.
        wrong: What is wrong, in plain words.
    """

    case_id: str = ""
    number: int = 0
    entry: int = 0
    kind: str = ""
    wrong: str

    @classmethod
    def at(cls, row: Written, wrong: str) -> Fault:
        """What is wrong with an event."""
        return cls(
            case_id=row.case_id, number=row.number, entry=row.entry, kind=row.kind, wrong=wrong
        )


@dataclass
class Chain:
    """The chain as far as it was read; feed it events in the store's order.

    Attributes:
        whole: Whether all events of the store are read, or those of one case alone.
        entry: Number of the last event in the store.
        hash: Its hash.
        cases: Number and hash of the last event of each case.
    """

    whole: bool = True
    entry: int = 0
    hash: str = ORIGIN
    cases: dict[str, tuple[int, str]] = field(default_factory=dict)

    def faults(self, row: Written) -> Iterator[Fault]:
        """What is wrong with the next event, and what is missing before it."""
        intact = row.computed() == row.hash
        if not intact:
            yield Fault.at(row, "it was changed: its hash is another")
        yield from self._in_store(row) if self.whole else self._in_order(row)
        yield from self._in_case(row)
        self.entry, self.hash = row.entry, row.hash
        self.cases[row.case_id] = (row.number, row.hash)

    def _in_store(self, row: Written) -> Iterator[Fault]:
        if row.entry != self.entry + 1:
            yield Fault(entry=self.entry + 1, wrong=missing(self.entry + 1, row.entry - 1, "store"))
        elif row.before != self.hash:
            wrong = "it follows another event of the store than the one that stands before it"
            yield Fault.at(row, f"{wrong}, entry {self.entry}: that one was written anew")

    def _in_order(self, row: Written) -> Iterator[Fault]:
        if row.entry <= self.entry:
            yield Fault.at(row, "it stands out of the store's order")

    def _in_case(self, row: Written) -> Iterator[Fault]:
        number, previous = self.cases.get(row.case_id, (0, ORIGIN))
        if row.number <= number:
            yield Fault.at(row, f"it stands out of order: event {number} of the case is before it")
        elif row.number > number + 1:
            wrong = missing(number + 1, row.number - 1, "case")
            yield Fault(case_id=row.case_id, number=number + 1, wrong=wrong)
        elif row.previous != previous:
            wrong = "it follows another event of the case than the one that stands before it"
            yield Fault.at(row, f"{wrong}, number {number}")


def faults(rows: Iterable[Written], *, whole: bool = True) -> Iterator[Fault]:
    """What is wrong with events, in the order in which they stand."""
    chain = Chain(whole=whole)
    for row in rows:
        yield from chain.faults(row)


def missing(first: int, last: int, of: str) -> str:
    """That events are missing."""
    if last < first:
        return f"event {first} of the {of} stands out of order"
    if first == last:
        return f"event {first} of the {of} is missing"
    return f"events {first} to {last} of the {of} are missing"
