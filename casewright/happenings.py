"""What happened to a run, told from its record before and after: digests and names, no texts."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from rfc8785 import CanonicalizationError

from casewright.asking import Awaiting
from casewright.audit import SYSTEM, Actor, Happened, Kind, moment_text, reviewer
from casewright.canonical import digest_of, parsed
from casewright.enforcement import Enforced
from casewright.models import (
    ActionRecord,
    Decision,
    Evidence,
    Factor,
    Model,
    ModelCall,
    Review,
    ReviewAct,
    Run,
    RunStatus,
    Undone,
)

SUPERSEDED: Final = "Superseded by a newer run of the case."
"""The error of a run whose place a newer one took."""

TOUCHED: Final = "updated_at"
"""The field of a run's record that says nothing but when it was written."""

_WORD: Final = re.compile(r"[A-Za-z0-9_.:+-]{1,40}")
"""A text that is a word of a procedure, such as ``carrier`` or ``2026-06-01``, and no prose."""


@dataclass(frozen=True)
class Writing:
    """One writing of a run's record.

    Attributes:
        before: The record that stood there, or None.
        after: The record that takes its place.
        actions: How actions ended, where this writing tells it.
        review: The review that it brings, or None.
        actor: Who has the run go on, where it is not the system.
        files: Digest of the SOP files of the run's version; empty where they are not kept.
        held: The record that stood there, as it was stored; empty without one.
    """

    before: Run | None
    after: Run
    actions: Sequence[ActionRecord] = ()
    review: Review | None = None
    actor: Actor = SYSTEM
    files: str = ""
    held: str = ""


def happenings(writing: Writing) -> tuple[Happened, ...]:
    """What happened, in the order in which it did; empty where only the time of writing changed.

    The last one holds the digest of the record as it is now (``record``), so that whatever is
    changed in it afterwards is found.
    """
    return told([writing], writing)


def told(noted: Iterable[Writing | Happened], whole: Writing) -> tuple[Happened, ...]:
    """What happened in several writings that are written as one; see :func:`happenings`.

    Args:
        noted: The writings, and what else happened between them, in their order.
        whole: From the record that stood before the first one to what the last one leaves.
    """
    found: list[Happened] = []
    for one in noted:
        found += [one] if isinstance(one, Happened) else _all(one)
    record = record_digest(whole.after)
    # Digests of whole records are what a writing costs most: one is spared wherever it can be.
    if not found and (not whole.held or record_digest_of(whole.held) != record):
        found = [_otherwise(whole)]
    if found:
        last = found[-1]
        found[-1] = last.model_copy(update={"body": {**last.body, "record": record}})
    return tuple(found)


def record_digest(run: Run) -> str:
    """Digest of a run's record, whenever it was written."""
    return _digest_of(run, unsaid={TOUCHED})


def record_digest_of(body: str) -> str:
    """Digest of a run's record as it is stored."""
    record = parsed(body)
    record.pop(TOUCHED, None)
    return digest_of(record)


def digest_of_model(model: Model) -> str:
    """Digest of a model, whatever numbers it holds."""
    return _digest_of(model)


def _digest_of(model: Model, *, unsaid: set[str] | None = None) -> str:
    try:
        return digest_of(model.model_dump(mode="json", exclude=unsaid))
    except CanonicalizationError:  # numbers that only their text can tell
        return digest_of(parsed(model.model_dump_json(exclude=unsaid)))


def fetched(item: Evidence) -> Happened:
    """That evidence was frozen for a run, other than by an action of its SOP."""
    body: dict[str, Any] = {
        "tool": item.tool,
        "status": item.status.value,
        "digest": item.digest,
        "parts": [],
    }
    return Happened(kind=Kind.EVIDENCE, at=item.retrieved_at, body=body)


def called(call: ModelCall, at: datetime) -> Happened:
    """That a chat model was asked."""
    body = call.model_dump(mode="json", exclude={"wall_ms"})
    return Happened(kind=Kind.MODEL_CALL, at=at, body=body)


def viewed(actor: Actor, at: datetime, body: Mapping[str, Any]) -> Happened:
    """That somebody looked at a case."""
    return Happened(kind=Kind.VIEWED, at=at, actor=actor, body=dict(body))


def _otherwise(writing: Writing) -> Happened:
    """That something changed which has no kind of its own: the names of the fields."""
    before, after = writing.before, writing.after
    changed = [
        name
        for name in type(after).model_fields
        if name != TOUCHED and getattr(before, name, None) != getattr(after, name)
    ]
    return Happened(kind=Kind.CHANGED, at=after.updated_at, body={"fields": changed})


def _all(writing: Writing) -> Iterator[Happened]:
    before, after, at = writing.before, writing.after, writing.after.updated_at
    if before is None:
        yield _entered(writing)
    yield from map(_reviewed, _brought(writing))
    yield from map(_reopened, after.undone[len(before.undone if before else ()) :])
    yield from (_ran(record, at) for record in writing.actions)
    if after.decision is not None:
        yield from _decision(before, after, after.decision)
    yield from _questions(before, after)
    held = {one.write.key: one for one in before.enforced} if before else {}
    yield from (_wrote(one, at) for one in after.enforced if held.get(one.write.key) != one)
    if before is None or before.status is not after.status or before.error != after.error:
        yield from _status(after)


def _questions(before: Run | None, after: Run) -> Iterator[Happened]:
    """That a question went out, and that the wait for its answer ended."""
    out = before.awaiting if before else None
    for one in after.awaited[len(before.awaited) if before else 0 :]:
        body = {"how": one.ended, "answer": one.answer, **_question(one)}
        who = reviewer(one.told_by) if one.told_by else SYSTEM
        yield Happened(kind=Kind.ANSWERED, at=after.updated_at, actor=who, body=body)
    if (now := after.awaiting) is not None and (out is None or out.key != now.key):
        body = {**_question(now), "until": moment_text(now.until)}
        yield Happened(kind=Kind.ASKED, at=now.since, actor=reviewer(now.by), body=body)


def _question(one: Awaiting) -> dict[str, Any]:
    told = digest_of(one.question)
    return {"to": one.to, "factor": one.factor, "question": told, "key": one.key}


def _brought(writing: Writing) -> Iterator[Review]:
    before = writing.before.reviews if writing.before else ()
    yield from writing.after.reviews[len(before) :]
    if writing.review is not None and writing.review not in writing.after.reviews:
        yield writing.review


def _entered(writing: Writing) -> Happened:
    run = writing.after
    body = {
        "sop": run.sop,
        "version": run.graph_version,
        "files": writing.files,
        "as_of": moment_text(run.as_of),
        "channel": run.case.channel,
        "case": digest_of_model(run.case),
    }
    return Happened(kind=Kind.ENTERED, at=run.started_at, actor=writing.actor, body=body)


def _ran(record: ActionRecord, at: datetime) -> Happened:
    body = {
        "action": record.action,
        "status": record.status,
        "digest": record.digest,
        "parts": list(record.parts),
    }
    return Happened(kind=Kind.EVIDENCE, at=record.retrieved_at or at, body=body)


def _reviewed(review: Review) -> Happened:
    body = {
        "act": review.act.value,
        "codes": list(review.codes),
        "outcome": review.outcome,
        "factors": sorted(review.factors),
        "parameters": sorted(review.parameters),
        "note": bool(review.note),
        **_worded(review),
        "review": digest_of_model(review),
    }
    return Happened(kind=Kind.REVIEWED, at=review.at, actor=reviewer(review.reviewer), body=body)


def _reopened(undone: Undone) -> Happened:
    body = {
        "why": digest_of(undone.why),
        "reviews": undone.reviews,
        "undone": digest_of_model(undone),
    }
    return Happened(kind=Kind.REOPENED, at=undone.at, actor=reviewer(undone.by), body=body)


def _worded(review: Review) -> dict[str, Any]:
    """Which claims and questions a review words anew, by number; nothing where it does not."""
    told = {
        "claims": [one.number for one in review.claims],
        "questions": [one.number for one in review.questions],
    }
    return {name: numbers for name, numbers in told.items() if numbers}


def _decision(before: Run | None, after: Run, decision: Decision) -> Iterator[Happened]:
    at, then = after.updated_at, before.decision if before else None
    yield from (called(call, at) for call in _new(decision.calls, then.calls if then else ()))
    if changed := _changed(decision, then):
        yield Happened(kind=Kind.FACTORS, at=at, body={"factors": [*map(_factor, changed)]})
    due = (before.due_at if before else None) != after.due_at
    if then is None or _substance(decision) != _substance(then):
        yield _proposed(after, decision)
    elif due or decision.route is not then.route or decision.reasons != then.reasons:
        yield _routed(after, decision, then)
    elif decision.narrative != then.narrative:
        told = {"decision": digest_of_model(decision)}
        yield Happened(kind=Kind.NARRATED, at=at, body=told)


def _substance(decision: Decision) -> Decision:
    """The decision without what the route and the narrator put in."""
    plain = {"route": "", "reasons": (), "narrative": None, "cost": None, "calls": ()}
    return decision.model_copy(update=plain)


def _proposed(run: Run, decision: Decision) -> Happened:
    """What the SOP proposes, or what it is once a review has closed the run."""
    body = {
        "decision": digest_of_model(decision),
        "outcome": decision.outcome,
        "row": decision.row,
        "claims": len(decision.claims),
        "struck": sum(1 for claim in decision.claims if claim.struck),
        "citations": sorted({c.reference for claim in decision.claims for c in claim.citations}),
        "missing": [one.factor or ", ".join(one.actions) for one in decision.missing],
        "writes": [write.key for write in decision.enforcement],
        "route": decision.route.value,
    }
    kind = Kind.DECIDED if _closing(run.standing) else Kind.PROPOSED
    return Happened(kind=kind, at=run.updated_at, body=body)


def _closing(reviews: Sequence[Review]) -> bool:
    """Whether the last review ends the run: it decides, and corrects no factor."""
    last = reviews[-1] if reviews else None
    return last is not None and last.act in (ReviewAct.APPROVE, ReviewAct.EDIT) and not last.factors


def _routed(run: Run, decision: Decision, then: Decision) -> Happened:
    body = {
        "decision": digest_of_model(decision),
        "route": decision.route.value,
        "reasons": [one for one in decision.reasons if one not in then.reasons],
        "due": moment_text(run.due_at) if run.due_at else "",
    }
    return Happened(kind=Kind.ROUTED, at=run.updated_at, body=body)


def _changed(decision: Decision, then: Decision | None) -> list[Factor]:
    known = {one.name: one for one in (*then.factors, *then.flags)} if then else {}
    return [one for one in (*decision.factors, *decision.flags) if known.get(one.name) != one]


def _factor(factor: Factor) -> dict[str, Any]:
    return {
        "name": factor.name,
        "value": spelled_value(factor.value),
        "by": factor.by,
        "citations": sorted({citation.reference for citation in factor.citations}),
    }


def spelled_value(value: Any) -> Any:
    """A factor's value as events hold it: in place of prose its digest."""
    if isinstance(value, str) and not _WORD.fullmatch(value):
        return {"digest": digest_of(value)}
    return parsed(json.dumps(value))


def _new(calls: Iterable[ModelCall], then: Iterable[ModelCall]) -> Iterator[ModelCall]:
    known = Counter(call.model_dump_json() for call in then)
    for call in calls:
        told = call.model_dump_json()
        if known[told]:
            known[told] -= 1
        else:
            yield call


def _wrote(one: Enforced, at: datetime) -> Happened:
    kind = Kind.PLANNED if one.status == "planned" else Kind.ENFORCED
    if _takes_back(one):
        kind = Kind.UNDONE
    body = {
        "do": one.write.do,
        "purpose": one.write.purpose,
        "name": one.write.name,
        "key": one.write.key,
        "status": one.status,
        "write": digest_of_model(one),
    }
    return Happened(kind=kind, at=one.at or at, body=body)


def _takes_back(one: Enforced) -> bool:
    """Whether it took another write back, or was itself taken out before it was sent."""
    if one.status == "withdrawn":
        return True
    return one.status == "done" and one.write.purpose in ("undo", "compensation")


def _status(run: Run) -> Iterator[Happened]:
    decision, at = run.decision, run.updated_at
    if run.status is RunStatus.FAILED:
        superseded = run.error == SUPERSEDED
        body = {} if superseded else {"error": digest_of(run.error)}
        yield Happened(kind=Kind.SUPERSEDED if superseded else Kind.FAILED, at=at, body=body)
    if decision is None or run.status not in (RunStatus.WAITING, RunStatus.DONE):
        return
    now = {"decision": digest_of_model(decision), "route": decision.route.value}
    if run.status is RunStatus.WAITING:
        due = moment_text(run.due_at) if run.due_at else ""
        yield Happened(kind=Kind.WAITING, at=at, body={**now, "due": due})
    else:
        ended: dict[str, Any] = {"outcome": decision.outcome, "automatic": run.automatic}
        ended |= {**now, "second_look": run.second_look}
        yield Happened(kind=Kind.CLOSED, at=at, body=ended)
