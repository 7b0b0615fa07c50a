"""Notes of experts at work: which of them a case is about, and what they make of its factors.

A note is no part of the graph version: it is evidence of the run, frozen and cited like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from casewright.errors import ExpressionError
from casewright.models import (
    Citation,
    Claim,
    Evidence,
    EvidenceStatus,
    Factor,
    Note,
    NoteUse,
    Value,
)
from graphs.cel import parse
from graphs.facts import Facts
from graphs.sop import FactorRule, Sop
from graphs.typecheck import condition_fault

NOTE = "note"
"""What the tool of a frozen note is called."""


def noted(notes: Iterable[Note], facts: Facts, at: datetime) -> tuple[Evidence, ...]:
    """The notes that the case is about, frozen, in their order.

    One that the case's procedure cannot read is among them with its fault, and settles nothing.

    Args:
        notes: What stands at the case's as-of moment.
        facts: What the case's evidence says.
        at: The present moment.
    """
    about = (note for note in notes if _about(note, facts))
    found = ((note, _fault(note, facts)) for note in about)
    return tuple(_frozen(note, fault, at) for note, fault in found if fault is not None)


def fault_in(note: Note, sop: Sop) -> str:
    """Why a procedure cannot read a note, in one sentence, or an empty string if it can."""
    if note.factor and (fault := _factor_fault(note, sop.factors.get(note.factor), sop.name)):
        return fault
    if not note.scope.when:
        return ""
    try:
        return condition_fault(sop, parse(note.scope.when))
    except ExpressionError as error:
        return error.message


def _factor_fault(note: Note, rule: FactorRule | None, sop: str) -> str:
    if rule is None:
        return f"{sop} has no factor {note.factor}"
    if note.value is None:
        asked = f"{note.factor} is a question, which a reader answers: settle it to a value"
        return asked if rule.spec.question else ""
    fits = rule.domain.types(note.value) and rule.domain.holds(note.value)
    return "" if fits else f"{note.factor} is {rule.domain.told}"


def settled(factors: Sequence[Factor], frozen: Iterable[Evidence]) -> tuple[Factor, ...]:
    """The factors as the notes leave them; of two notes on one factor the later goes."""
    by_factor = {use.factor: (use, item) for item, use in _uses(frozen) if use.factor}
    return tuple(
        _settled(factor, *by_factor[factor.name]) if factor.name in by_factor else factor
        for factor in factors
    )


def uses(frozen: Iterable[Evidence]) -> tuple[NoteUse, ...]:
    """What a decision tells of its notes."""
    return tuple(use for _, use in _uses(frozen))


def note_claims(used: Iterable[NoteUse]) -> tuple[Claim, ...]:
    """What each note says, cited; nothing rests on it but the factor that it settled."""
    return tuple(_claim(use) for use in used)


def _about(note: Note, facts: Facts) -> bool:
    case, scope, day = facts.case.data or {}, note.scope, facts.fact_date
    return (
        (not scope.case_types or case["case_type"] in scope.case_types)
        and (not scope.regions or case["region"] in scope.regions)
        and (scope.since is None or scope.since <= day)
        and (scope.until is None or day < scope.until)
    )


def _fault(note: Note, facts: Facts) -> str | None:
    """Why the case cannot be asked, empty where it can and the note holds, None where it does not.

    A condition has to be known to hold.
    """
    if fault := fault_in(note, facts.sop):
        return fault
    if not note.scope.when:
        return ""
    try:
        return "" if parse(note.scope.when).evaluate(facts.scope).value is True else None
    except ExpressionError as error:
        return error.message


def _frozen(note: Note, fault: str, at: datetime) -> Evidence:
    """The note as it was written; what became of it later is no part of what was known."""
    later = {"withdrawn_at", "withdrawn_by", "withdrawn_reason"}
    return Evidence.freeze(
        tool=NOTE,
        request={"note_id": note.note_id},
        status=EvidenceStatus.OK,
        data={**note.model_dump(mode="json", exclude=later), "fault": fault},
        source="casewright notes",
        as_of=note.written_at,
        retrieved_at=at,
    )


def _uses(frozen: Iterable[Evidence]) -> Iterator[tuple[Evidence, NoteUse]]:
    for item in frozen:
        data = item.data or {}
        told = {name: data[name] for name in ("note_id", "text", "author", "reason", "fault")}
        factor = "" if data["fault"] else data["factor"]
        yield item, NoteUse(digest=item.digest, factor=factor, **told)


def _settled(factor: Factor, use: NoteUse, item: Evidence) -> Factor:
    value: Value | None = (item.data or {})["value"]
    return Factor(
        name=factor.name,
        value=value,
        by="human",
        reason=f"note {use.note_id} by {use.author}: {use.reason}",
        citations=(_cited(use, "/value", value),),
    )


def _claim(use: NoteUse) -> Claim:
    told = f"{use.author} notes: {use.text} ({use.reason})"
    if use.fault:
        told = f"{told}; it could not be applied: {use.fault}"
    cited = (("/text", use.text), ("/author", use.author), ("/reason", use.reason))
    citations = tuple(_cited(use, pointer, quote) for pointer, quote in cited)
    return Claim(sentence=told, citations=citations, rests=False)


def _cited(use: NoteUse, pointer: str, quote: Value | None) -> Citation:
    return Citation(
        kind="evidence",
        reference=use.digest,
        pointer=pointer,
        quote=quote,
        label=f"note {use.note_id}{pointer}",
    )
