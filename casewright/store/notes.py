"""Notes in the store: entries that are only ever added, the newest word on each told on reading."""

from __future__ import annotations

from datetime import datetime

from pydantic import ValidationError
from sqlalchemy import select

from casewright.canonical import canonical, parsed
from casewright.errors import StoreCorrupt, UsageError
from casewright.note import Note
from casewright.store.tables import notes
from casewright.store.transaction import Transaction

WRITTEN = "written"
WITHDRAWN = "withdrawn"


class Notes:
    """The notes of a store, see ``Store.notes``. Nothing here changes or deletes an entry.

    Args:
        transaction: Opens one transaction on the store.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def put(self, note: Note) -> None:
        """Write a new note.

        Raises:
            UsageError: its id is taken.
        """
        if await self._known(note.note_id) is not None:
            raise UsageError(f"There is a note {note.note_id!r} already.")
        await self._add(note, WRITTEN, note.author, note.written_at)

    async def withdraw(self, note_id: str, *, by: str, reason: str, at: datetime) -> Note:
        """Withdraw a note from a moment on; cases judged as of earlier ones keep it.

        Raises:
            UsageError: there is no such note, or it is withdrawn already.
        """
        note = await self._known(note_id)
        if note is None:
            raise UsageError(
                f"There is no note {note_id!r}.", remedy="`casewright kb notes` lists them."
            )
        if note.withdrawn_at is not None:
            raise UsageError(f"Note {note_id!r} was withdrawn at {note.withdrawn_at.isoformat()}.")
        update = {
            "withdrawn_at": max(at, note.written_at),
            "withdrawn_by": by,
            "withdrawn_reason": reason,
        }
        changed = note.model_copy(update=update)
        await self._add(changed, WITHDRAWN, by, at)
        return changed

    async def all(self) -> tuple[Note, ...]:
        """Every note, oldest first, as its last entry leaves it.

        Raises:
            StoreCorrupt: an entry does not read.
        """
        async with self._transaction() as connection:
            query = select(notes.c.body).order_by(notes.c.entry)
            bodies = (await connection.execute(query)).scalars().all()
        try:
            read = [Note.model_validate(parsed(body)) for body in bodies]
        except (ValidationError, ValueError) as error:
            raise StoreCorrupt(
                "A note in the store does not read.", remedy="Restore the store from a backup."
            ) from error
        return tuple({note.note_id: note for note in read}.values())

    async def standing(self, as_of: datetime) -> tuple[Note, ...]:
        """The notes that a case judged as of that moment knows, oldest first."""
        return tuple(note for note in await self.all() if note.stands(as_of))

    async def _known(self, note_id: str) -> Note | None:
        return next((note for note in await self.all() if note.note_id == note_id), None)

    async def _add(self, note: Note, kind: str, author: str, at: datetime) -> None:
        row = {
            "note_id": note.note_id,
            "kind": kind,
            "author": author,
            "at": at.isoformat(),
            "body": canonical(note.model_dump(mode="json")).decode(),
        }
        async with self._transaction() as connection:
            await connection.execute(notes.insert(), row)
