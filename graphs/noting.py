"""Writes notes of experts down, for the command line and the console alike, and tells them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import uuid4

from casewright.errors import UnknownName, UsageError
from casewright.models import Model, Note, NoteScope, Value
from casewright.store import Store
from graphs.catalog import Catalog
from graphs.commands import moment
from graphs.notes import fault_in
from graphs.sentence import spell
from graphs.sop import Sop

UNKNOWN: Final = "unknown"
"""The value that says that nothing the rule makes of the evidence counts."""


class Draft(Model):
    """A note as somebody gives it; what is empty is left out.

    Attributes:
        text: What is known, in words for people.
        author: Who says so.
        reason: How they know.
        case_types: Which cases it is about.
        regions: Regions of those.
        since: First moment of the fact (RFC 3339).
        until: First moment of the fact that is too late.
        when: Condition over the case's evidence.
        sets: ``FACTOR=VALUE`` or ``FACTOR=unknown``.
        expires: When it ends (RFC 3339).
    """

    text: str
    author: str
    reason: str
    case_types: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    when: str = ""
    sets: str = ""
    expires: str = ""


async def write_note(store: Store, catalog: Catalog, draft: Draft, now: datetime) -> Note:
    """Check a note against the procedures it is about, and write it down.

    Args:
        store: Keeps it.
        catalog: The procedures.
        draft: The note.
        now: The source's time, in which cases are judged.

    Raises:
        UsageError: something is wanting or does not read, or a procedure cannot use it.
    """
    _require_whole(draft)
    sops = [catalog.for_case_type(name) for name in draft.case_types]
    made = _made(draft, sops, now)
    for sop in sops:
        if fault := fault_in(made, sop):
            raise UsageError(f"The note cannot be used with {sop.name}: {fault.rstrip('.')}.")
    await store.notes.put(made)
    return made


def _require_whole(draft: Draft) -> None:
    for name in ("text", "author", "reason"):
        if not getattr(draft, name).strip():
            raise UsageError(f"A note needs its {name}.")
    if (draft.sets or draft.when) and not draft.case_types:
        raise UsageError(
            "A condition or a factor belongs to a procedure.",
            remedy="Name its cases with --scope case_type=TYPE.",
        )


def _made(draft: Draft, sops: Sequence[Sop], now: datetime) -> Note:
    return Note(
        note_id=f"N-{uuid4().hex[:8]}",
        text=draft.text,
        author=draft.author,
        reason=draft.reason,
        scope=NoteScope(
            case_types=draft.case_types,
            regions=draft.regions,
            since=_moment(draft.since),
            until=_moment(draft.until),
            when=draft.when,
        ),
        factor=draft.sets.partition("=")[0],
        value=_value(draft.sets, sops),
        written_at=now,
        expires_at=_moment(draft.expires, now),
    )


def _moment(text: str, after: datetime | None = None) -> datetime | None:
    if not text:
        return None
    found = moment(text)
    if after is not None and found <= after:
        raise UsageError(f"{text} is over already: it is {after.isoformat()} at the source.")
    return found


def _value(sets: str, sops: Sequence[Sop]) -> Value | None:
    """The value of ``FACTOR=VALUE`` as a value of the factor's type; None for ``unknown``."""
    factor, equals, text = sets.partition("=")
    if not sets or text == UNKNOWN:
        return None
    if not (factor and equals and text):
        raise UsageError(f"{sets!r} is not FACTOR=VALUE.")
    value: Value | None = None
    for sop in sops:
        if factor not in sop.factors:
            raise UnknownName.among("factor", factor, sop.factors)
        domain = sop.factors[factor].domain
        if (value := domain.read(text)) is None:
            raise UsageError(f"{factor} is {domain.told}, not {text!r}.")
    return value


def about(note: Note) -> str:
    """Which cases a note is about, in words."""
    scope = note.scope
    period = (("from", scope.since), ("before", scope.until))
    told = (
        ", ".join(scope.case_types),
        ", ".join(scope.regions),
        " ".join(f"{word} {moment:%Y-%m-%d}" for word, moment in period if moment),
        scope.when,
    )
    return "; ".join(part for part in told if part) or "all cases"


def settles(note: Note) -> str:
    """What a note settles, as ``FACTOR=VALUE``; empty where it is advice alone."""
    if not note.factor:
        return ""
    return f"{note.factor}={UNKNOWN if note.value is None else spell(note.value)}"


def ends(note: Note) -> str:
    """Until when a note is in force, in words."""
    if note.withdrawn_at is not None:
        told = f"{note.withdrawn_by}: {note.withdrawn_reason}"
        return f"{note.withdrawn_at:%Y-%m-%d}, withdrawn by {told}"
    return f"{note.expires_at:%Y-%m-%d}" if note.expires_at else "it is withdrawn"
