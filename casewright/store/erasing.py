"""Erases what a case says of people, and leaves its log: a digest tells nobody what it was of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from casewright.audit import Actor, Happened, Kind, Written
from casewright.errors import UsageError
from casewright.first_read import FirstRead
from casewright.happenings import record_digest
from casewright.models import Run, RunStatus
from casewright.references import evidence_named
from casewright.second_look import SecondLook
from casewright.store.checks import withdraw
from casewright.store.journals import fetched, forget
from casewright.store.log import append
from casewright.store.outbox import pending
from casewright.store.tables import (
    audit_events,
    evidence,
    first_reads,
    opened_cases,
    reveals,
    reviews,
    run_index,
    runs,
    second_looks,
    shadow_runs,
    subjects,
)


async def erase(
    connection: AsyncConnection, case_id: str, actor: Actor, at: datetime
) -> tuple[str, ...]:
    """Empty a closed case, see ``Store.erase``; the digests of the evidence that went."""
    rows = await _closed(connection, case_id)
    gone = await _emptied(connection, case_id)
    for row in rows:
        run = without_words(Run.model_validate_json(row.body))
        body = {"evidence": list(gone), "record": record_digest(run)}
        happened = Happened(kind=Kind.ERASED, at=at, actor=actor, body=body)
        await append(connection, case_id, run.run_id, [happened])
        own = runs.c.run_id == run.run_id
        await connection.execute(update(runs).where(own).values(body=run.model_dump_json()))
        noted = reviews.c.run_id == run.run_id
        await connection.execute(update(reviews).where(noted).values(body=""))
        await _beside(connection, run.run_id)
        await _unlisted(connection, run)
    mine = opened_cases.c.case_id == case_id
    await connection.execute(update(opened_cases).where(mine).values(body=""))
    told = reveals.c.case_id == case_id
    await connection.execute(update(reveals).where(told).values(note=""))
    return gone


async def _beside(connection: AsyncConnection, run_id: str) -> None:
    """What others made of the run: shadows know its facts, readers may have noted them."""
    await withdraw(connection, run_id)
    await forget(connection, [run_id])
    await _reads_without_notes(connection, run_id)
    await connection.execute(delete(shadow_runs).where(shadow_runs.c.run_id == run_id))
    query = select(second_looks.c.reviewer, second_looks.c.body)
    mine = second_looks.c.run_id == run_id
    for reviewer, body in (await connection.execute(query.where(mine))).all():
        bare = SecondLook.model_validate_json(body).model_copy(update={"note": ""})
        own = update(second_looks).where(mine, second_looks.c.reviewer == reviewer)
        await connection.execute(own.values(body=bare.model_dump_json()))


async def _unlisted(connection: AsyncConnection, run: Run) -> None:
    """Have lists and searches say no more than what is left of the record."""
    gone = subjects.c.value.not_in(run.case.involved)
    await connection.execute(delete(subjects).where(subjects.c.run_id == run.run_id, gone))
    own = run_index.c.run_id == run.run_id
    await connection.execute(update(run_index).where(own).values(outcome="", route=""))


async def _reads_without_notes(connection: AsyncConnection, run_id: str) -> None:
    mine = first_reads.c.run_id == run_id
    query = select(first_reads.c.reviewer, first_reads.c.body).where(mine)
    for reviewer, body in (await connection.execute(query)).all():
        bare = FirstRead.model_validate_json(body).model_copy(update={"note": ""})
        own = update(first_reads).where(mine, first_reads.c.reviewer == reviewer)
        await connection.execute(own.values(body=bare.model_dump_json()))


def without_words(run: Run) -> Run:
    """A run's record without what was said in it: who reviewed it, and when, stays."""
    case = run.case.model_copy(update={"text": "", "subject": {}, "party_ids": ()})
    bare = {"note": "", "factors": {}, "parameters": {}, "claims": (), "questions": ()}
    kept = tuple(review.model_copy(update={**bare, "asked": None}) for review in run.reviews)
    undone = tuple(one.model_copy(update={"why": "erased"}) for one in run.undone)
    awaited = tuple(one.model_copy(update={"question": ""}) for one in run.awaited)
    left = {"case": case, "reviews": kept, "undone": undone, "awaited": awaited}
    gone = {"decision": None, "enforced": (), "error": "", "awaiting": None}
    return run.model_copy(update={**left, **gone})


async def _closed(connection: AsyncConnection, case_id: str) -> Sequence[Any]:
    columns = (runs.c.body, runs.c.status)
    query = select(*columns).where(runs.c.case_id == case_id).order_by(runs.c.started_at)
    rows = (await connection.execute(query)).all()
    if not rows:
        raise UsageError(f"The store knows no case {case_id!r}.")
    ended = {RunStatus.DONE.value, RunStatus.FAILED.value}
    if any(row.status not in ended for row in rows):
        raise UsageError(
            f"Case {case_id!r} is not closed yet.", remedy="Close it first, or let it fail."
        )
    if await pending(connection, case_id):
        raise UsageError(
            f"What case {case_id!r} decided is not carried out yet.",
            remedy="`casewright enforce list` shows what waits to be sent.",
        )
    return rows


async def _emptied(connection: AsyncConnection, case_id: str) -> tuple[str, ...]:
    """Empty the evidence that no other case rests on."""
    own = await _named(connection, case_id, own=True)
    shared = await _named(connection, case_id, own=False)
    shared |= await fetched(connection, beside=case_id)
    held = select(evidence.c.digest).where(evidence.c.content != "")
    there = set((await connection.execute(held)).scalars())
    gone = sorted((own - shared) & there)
    for digest in gone:
        emptied = update(evidence).where(evidence.c.digest == digest).values(content="")
        await connection.execute(emptied)
    return tuple(gone)


async def _named(connection: AsyncConnection, case_id: str, *, own: bool) -> frozenset[str]:
    column = audit_events.c.case_id
    query = select(audit_events).where(column == case_id if own else column != case_id)
    rows = (await connection.execute(query)).all()
    return evidence_named(Written(*row).event() for row in rows)
