"""The log of a case: what happened, who did it, and the hashes that chain one event to the next.

An event holds digests and names, never the words that a party wrote: those stand once, in the
evidence and in the run's record, which can be erased while the log stays whole.
"""

from __future__ import annotations

import getpass
import json
from collections.abc import Mapping
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final, NamedTuple

from pydantic import Field

from casewright.base import Digest, Model, Moment
from casewright.canonical import canonical, parsed

_text: Final = json.JSONEncoder(ensure_ascii=False).encode
"""A text as RFC 8785 writes it."""

ORIGIN: Final = "0" * 64
"""What stands in place of a hash before the first event."""

NO_CASE: Final = ""
"""The case id of events that are about graph versions: they are a chain like a case's."""


class Kind(StrEnum):
    """What can happen to a case."""

    ADOPTED = "adopted"
    OPENED = "opened"
    ENTERED = "entered"
    EVIDENCE = "evidence"
    FACTORS = "factors"
    MODEL_CALL = "model_call"
    PROPOSED = "proposed"
    NARRATED = "narrated"
    ROUTED = "routed"
    WAITING = "waiting"
    VIEWED = "viewed"
    CLAIMED = "claimed"
    RENEWED = "renewed"
    RELEASED = "released"
    ASSIGNED = "assigned"
    HELD = "held"
    RESUMED = "resumed"
    FIRST_READ = "first_read"
    CHECKED = "checked"
    REVIEWED = "reviewed"
    REOPENED = "reopened"
    ASKED = "asked"
    ANSWERED = "answered"
    APPEALED = "appealed"
    DECIDED = "decided"
    PLANNED = "planned"
    ENFORCED = "enforced"
    UNDONE = "undone"
    CLOSED = "closed"
    LOOKED_AGAIN = "looked_again"
    SUPERSEDED = "superseded"
    FAILED = "failed"
    CHANGED = "changed"
    EXPORTED = "exported"
    REVEALED = "revealed"
    ERASED = "erased"
    PROMOTED = "promoted"
    ROLLED_BACK = "rolled_back"
    CALIBRATED = "calibrated"
    SWITCHED_OFF = "switched_off"


class Actor(Model):
    """Who did it.

    Attributes:
        role: ``system``, ``analyst`` (who runs a case), ``reviewer``, or another of the team's.
        id: As the team knows them.
    """

    role: str = Field(min_length=1)
    id: str = Field(min_length=1)


SYSTEM: Final = Actor(role="system", id="casewright")


class Happened(Model):
    """One thing that happened, before it has its place in the chain.

    Attributes:
        kind: What.
        at: When.
        actor: Who did it.
        body: What there is to say of it: JSON, by kind; see docs/audit.md.
    """

    kind: Kind
    at: Moment
    actor: Actor = SYSTEM
    body: dict[str, Any] = Field(default_factory=dict)


class Event(Model):
    """One event in its place. Nothing changes or deletes one.

    Attributes:
        entry: Its number in the store, from 1.
        before: Hash of the store's event before it.
        case_id: The case; empty where it is about a graph version.
        run_id: The run of the case, or empty where it concerns none.
        number: Its number in the case, from 1.
        previous: Hash of the case's event before it.
        at: When.
        kind: What happened.
        actor: Who did it.
        body: What there is to say of it.
        hash: sha-256 over the canonical JSON (RFC 8785) of all the rest.
    """

    entry: int = Field(ge=1)
    before: Digest
    case_id: str
    run_id: str = ""
    number: int = Field(ge=1)
    previous: Digest
    at: Moment
    kind: Kind
    actor: Actor
    body: dict[str, Any]
    hash: Digest


class Written(NamedTuple):
    """An event as it stands in a row, every column as it is: what the hash is computed over."""

    entry: int
    before: str
    case_id: str
    run_id: str
    number: int
    previous: str
    at: str
    kind: str
    role: str
    actor: str
    body: str
    hash: str

    def computed(self) -> str:
        """The hash that this row should have.

        This is RFC 8785 put together by hand, since ``body`` is canonical JSON already and all
        else are texts and small integers: a store's chain is verified ten times as fast.
        """
        text = (
            f'{{"actor":{{"id":{_text(self.actor)},"role":{_text(self.role)}}},"at":'
            f'{_text(self.at)},"before":{_text(self.before)},"body":{self.body},"case_id":'
            f'{_text(self.case_id)},"entry":{self.entry},"kind":{_text(self.kind)},"number":'
            f'{self.number},"previous":{_text(self.previous)},"run_id":{_text(self.run_id)}}}'
        )
        return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    def event(self) -> Event:
        """The row as an event; ValueError where it is none."""
        named = self._asdict() | {"actor": {"role": self.role, "id": self.actor}}
        del named["role"]
        return Event.model_validate({**named, "body": parsed(self.body)})


class Place(NamedTuple):
    """Where the next event of a case goes: after the store's last, and after the case's last."""

    entry: int
    before: str
    number: int
    previous: str

    def put(self, case_id: str, run_id: str, happened: Happened) -> Written:
        """What happened, in this place."""
        draft = Written(
            *self[:2],
            case_id,
            run_id,
            *self[2:],
            moment_text(happened.at),
            happened.kind.value,
            happened.actor.role,
            happened.actor.id,
            canonical(happened.body).decode(),
            "",
        )
        return draft._replace(hash=draft.computed())

    def after(self, written: Written) -> Place:
        """The place after an event that was put here."""
        return Place(self.entry + 1, written.hash, self.number + 1, written.hash)


FIRST: Final = Place(1, ORIGIN, 1, ORIGIN)


def written(event: Event) -> Written:
    """An event as its row holds it."""
    return Written(
        event.entry,
        event.before,
        event.case_id,
        event.run_id,
        event.number,
        event.previous,
        moment_text(event.at),
        event.kind.value,
        event.actor.role,
        event.actor.id,
        canonical(event.body).decode(),
        event.hash,
    )


def moment_text(moment: Moment) -> str:
    """A moment as events write it: RFC 3339 in UTC, with a ``Z``."""
    return moment.isoformat().replace("+00:00", "Z")


def analyst(name: str) -> Actor:
    """Who runs a case: by the name that is set, else by the account.

    Args:
        name: The setting ``reviewer``, or empty.
    """
    try:
        return Actor(role="analyst", id=name or getpass.getuser())
    except (KeyError, OSError):  # an account without a name, as in some containers
        return Actor(role="analyst", id="unknown")


def reviewer(name: str) -> Actor:
    """A reviewer, as the team knows them."""
    return Actor(role="reviewer", id=name)


def as_json(event: Event) -> Mapping[str, Any]:
    """An event as JSON, its time as it was hashed."""
    return event.model_dump(mode="json") | {"at": moment_text(event.at)}
