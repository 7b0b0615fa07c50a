"""Notes in the store: only ever added, and each told as of a moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from casewright.errors import StoreCorrupt, UsageError
from casewright.models import Note, NoteScope
from casewright.store import Store

NOON = datetime(2026, 6, 3, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def noted(note_id: str = "N-1", **more: Any) -> Note:
    told = {"text": "Swift scanned twice.", "author": "ana", "reason": "the carrier wrote"}
    return Note(note_id=note_id, written_at=NOON, **{**told, **more})


async def test_a_note_comes_back_as_it_was_written(store: Store) -> None:
    note = noted(
        scope=NoteScope(
            case_types=("appeal.late_dispatch",), since=NOON, when='order.carrier == "S"'
        ),
        factor="scan_stalled",
        value=False,
        expires_at=NOON + HOUR,
    )
    await store.notes.put(note)
    assert await store.notes.all() == (note,)
    with pytest.raises(UsageError, match="already"):
        await store.notes.put(note)


async def test_a_note_stands_from_its_writing_to_its_end(store: Store) -> None:
    await store.notes.put(noted("N-1"))
    await store.notes.put(noted("N-2", expires_at=NOON + 2 * HOUR))
    await store.notes.withdraw("N-1", by="bo", reason="it was Slow", at=NOON + HOUR)
    standing = {
        hours: [one.note_id for one in await store.notes.standing(NOON + hours * HOUR)]
        for hours in (-1, 0, 1, 2)
    }
    assert standing == {-1: [], 0: ["N-1", "N-2"], 1: ["N-2"], 2: []}


async def test_a_withdrawal_is_an_entry_of_its_own(
    store: Store, sql: Callable[..., list[tuple[Any, ...]]]
) -> None:
    await store.notes.put(noted())
    gone = await store.notes.withdraw("N-1", by="bo", reason="it was Slow", at=NOON + HOUR)
    assert (gone.withdrawn_by, gone.withdrawn_reason) == ("bo", "it was Slow")
    entries = sql("SELECT note_id, kind, author FROM notes ORDER BY entry")
    assert entries == [("N-1", "written", "ana"), ("N-1", "withdrawn", "bo")]
    with pytest.raises(UsageError, match="was withdrawn"):
        await store.notes.withdraw("N-1", by="bo", reason="again", at=NOON)
    with pytest.raises(UsageError, match="no note 'N-9'"):
        await store.notes.withdraw("N-9", by="bo", reason="it", at=NOON)


async def test_a_damaged_note_is_told(
    store: Store, sql: Callable[..., list[tuple[Any, ...]]]
) -> None:
    await store.notes.put(noted())
    sql("UPDATE notes SET body = ?", "{}")
    with pytest.raises(StoreCorrupt):
        await store.notes.standing(NOON)


@pytest.mark.parametrize(
    "wrong", [{"value": True}, {"expires_at": NOON}, {"reason": ""}, {"author": ""}, {"text": ""}]
)
def test_half_a_note_is_none(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        noted(**wrong)
