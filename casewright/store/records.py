"""How a run's record is written: its row, its reviews, and the evidence of its actions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from casewright.canonical import canonical, digest_of, parsed
from casewright.errors import Taken, VerificationError
from casewright.models import ActionRecord, Evidence, Review, Run
from casewright.store.dialect import insert, missing
from casewright.store.tables import graph_versions, run_evidence, runs

LOOK_AGAIN = "Nothing was changed. `casewright review show CASE` tells how it stands."


def evidence_row(item: Evidence) -> dict[str, str]:
    """Evidence as its row holds it."""
    return {
        "digest": item.digest,
        "content": canonical(item.content()).decode(),
        "retrieved_at": item.retrieved_at.isoformat(),
    }


def thaw(digest: str, content: str, retrieved_at: str) -> Evidence:
    """Evidence as it was frozen.

    Raises:
        VerificationError: what is stored does not read, or no longer matches the digest.
    """
    try:
        item = Evidence.model_validate(
            {**parsed(content), "digest": digest, "retrieved_at": retrieved_at}
        )
        intact = item.intact()
    except (ValueError, TypeError) as error:
        raise VerificationError(f"Evidence {digest[:12]} in the store is unreadable.") from error
    if not intact:
        raise VerificationError(f"Evidence {digest[:12]} was changed after it was stored.")
    return item


async def require_newest(connection: AsyncConnection, case_id: str, run_id: str) -> None:
    """Refuse to go on where a case has a newer run than was thought.

    Args:
        connection: A transaction that nobody else can write beside.
        case_id: The case.
        run_id: The run thought to be its newest; empty: it was thought to have none.

    Raises:
        Taken: it has another one by now.
    """
    age = runs.c.started_at.desc(), runs.c.run_id.desc()
    query = select(runs.c.run_id).where(runs.c.case_id == case_id).order_by(*age).limit(1)
    newest = (await connection.execute(query)).scalar()
    if (newest or "") != run_id:
        raise Taken(f"Somebody else began case {case_id!r} at the same moment.", remedy=LOOK_AGAIN)


async def require_untouched(connection: AsyncConnection, run: Run) -> None:
    """Refuse to go on where somebody else has gone on with a run.

    Args:
        connection: A transaction; until it ends nobody else goes on with the run.
        run: The run as it was found recorded.

    Raises:
        Taken: its record is another one by now.
    """
    query = select(runs.c.status, runs.c.updated_at).where(runs.c.run_id == run.run_id)
    held = (await connection.execute(query.with_for_update())).one_or_none()
    if held is None or tuple(held) != (run.status.value, run.updated_at.isoformat()):
        told = f"Somebody else went on with case {run.case.case_id!r} at the same moment."
        raise Taken(told, remedy=LOOK_AGAIN)


async def files_digest(connection: AsyncConnection, version: str) -> str:
    """Digest of the SOP files that are kept with a graph version; empty where none are."""
    query = select(graph_versions.c.files).where(graph_versions.c.version == version)
    files = (await connection.execute(query)).scalar()
    return digest_of(files) if files is not None else ""


def upsert_run(connection: AsyncConnection, run: Run) -> Any:
    """The statement that writes a run's record, new or in place of the one before."""
    row = {
        "run_id": run.run_id,
        "case_id": run.case.case_id,
        "sop": run.sop,
        "status": run.status.value,
        "started_at": run.started_at.isoformat(),
        "updated_at": run.updated_at.isoformat(),
        "body": run.model_dump_json(),
    }
    changes = {name: row[name] for name in ("status", "updated_at", "body")}
    new = insert(connection, runs).values(row)
    return new.on_conflict_do_update(index_elements=["run_id"], set_=changes)


async def link_evidence(
    connection: AsyncConnection, run_id: str, actions: Sequence[ActionRecord]
) -> None:
    """Write down which evidence the actions of a run brought."""
    rows = [
        {
            "run_id": run_id,
            "action": record.action,
            "digest": digest,
            "retrieved_at": record.retrieved_at.isoformat() if record.retrieved_at else "",
        }
        for record in actions
        for digest in (record.digest, *record.parts)
        if digest
    ]
    if rows:
        await connection.execute(missing(connection, run_evidence), rows)


def review_row(run_id: str, review: Review) -> dict[str, str]:
    """A review as its row holds it."""
    return {
        "run_id": run_id,
        "at": review.at.isoformat(),
        "act": review.act.value,
        "reviewer": review.reviewer,
        "body": review.model_dump_json(),
    }
