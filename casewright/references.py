"""What the events of a run say of things that are kept elsewhere: its record, reviews, evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from casewright.audit import Event, Kind, Written

_REFERRING: Final = {
    Kind.ADOPTED,
    Kind.ENTERED,
    Kind.EVIDENCE,
    Kind.PROPOSED,
    Kind.DECIDED,
    Kind.REVIEWED,
    Kind.ERASED,
    Kind.LOOKED_AGAIN,
    Kind.PROMOTED,
    Kind.ROLLED_BACK,
    Kind.CALIBRATED,
    Kind.SWITCHED_OFF,
}
"""Kinds whose bodies name something that is kept elsewhere."""


def refers(row: Written) -> bool:
    """Whether an event may name something that is kept elsewhere."""
    return row.kind in _REFERRING or '"record":' in row.body or '"decision":' in row.body


@dataclass
class Told:
    """What the events of one run say of what is stored elsewhere.

    Attributes:
        record: The last event that holds the digest of its record, and the digest.
        decision: The last digest of its decision.
        files: Digest of its SOP files, and the event that says so.
        evidence: The first event that names each digest.
        reviews: The event of each review, by digest.
        looks: The event of each second look, by digest.
        releases: The event of each entry about a release and its digest, in their order.
        calibrations: Likewise of each about a calibration.
        adopted: Whether it was there before the log.
        erased: Whether its words were erased.
    """

    record: tuple[Written, str] | None = None
    decision: str = ""
    files: tuple[Written, str] | None = None
    evidence: dict[str, Written] = field(default_factory=dict)
    reviews: dict[str, Written] = field(default_factory=dict)
    looks: dict[str, Written] = field(default_factory=dict)
    releases: list[tuple[Written, str]] = field(default_factory=list)
    calibrations: list[tuple[Written, str]] = field(default_factory=list)
    adopted: bool = False
    erased: bool = False

    def take(self, row: Written, body: Mapping[str, Any]) -> None:
        """Take in one event."""
        if record := body.get("record"):
            self.record = (row, record)
        self.decision = body.get("decision") or self.decision
        self.adopted = self.adopted or row.kind == Kind.ADOPTED
        self.erased = self.erased or row.kind == Kind.ERASED
        if body.get("files"):
            self.files = (row, body["files"])
        if row.kind == Kind.REVIEWED:
            self.reviews[body["review"]] = row
        for digest in body.get("reviews", ()):
            self.reviews[digest] = row
        for digest in body.get("looks", ()):
            self.looks[digest] = row
        self.releases += [(row, digest) for digest in body.get("releases", ())]
        self.calibrations += [(row, digest) for digest in body.get("calibrations", ())]
        for digest in named_in(row.kind, body):
            self.evidence.setdefault(digest, row)


def named_in(kind: str, body: Mapping[str, Any]) -> Iterator[str]:
    """The digests of evidence that an event names."""
    if kind == Kind.EVIDENCE:
        yield from filter(None, (body["digest"], *body["parts"]))
    elif kind == Kind.ADOPTED:
        yield from body.get("evidence", ())
    else:
        yield from (one for one in body.get("citations", ()) if "@" not in one)


def evidence_named(events: Iterable[Event]) -> frozenset[str]:
    """The digests of all evidence that events name."""
    return frozenset(digest for one in events for digest in named_in(one.kind, one.body))
