"""Calibrations in the store, and what was switched off: entries that are only ever added."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError
from sqlalchemy import select

from casewright.audit import NO_CASE, SYSTEM, Actor, Happened, Kind
from casewright.calibration import Calibration, Standing, SwitchedOff
from casewright.canonical import canonical, parsed
from casewright.errors import StoreCorrupt
from casewright.happenings import digest_of_model
from casewright.store.log import append
from casewright.store.tables import calibrations
from casewright.store.transaction import Transaction

CALIBRATED = "calibrated"
SWITCHED_OFF = "switched off"

Entry = Calibration | SwitchedOff


class Calibrations:
    """The calibrations of a store, see ``Store.calibrations``. Nothing here changes an entry.

    Args:
        transaction: Opens one transaction on the store.
        writing: Opens one that nobody else can write beside.
    """

    def __init__(self, transaction: Transaction, writing: Transaction) -> None:
        self._transaction = transaction
        self._writing = writing

    async def put(self, calibration: Calibration) -> None:
        """Write a calibration; from now on it stands for its version."""
        await self._add(CALIBRATED, calibration, calibration.author, calibration.made_at)

    async def switch_off(self, entry: SwitchedOff) -> None:
        """Write that a slice was switched off."""
        await self._add(SWITCHED_OFF, entry, "casewright", entry.at)

    async def standing(self, version: str) -> Standing | None:
        """The newest calibration of a version, expired or not, with what was switched off.

        What was switched off stays off under a newer calibration, unless that one reopened it.

        Raises:
            StoreCorrupt: an entry does not read.
        """
        found: Standing | None = None
        for entry in await self.entries(version):
            if isinstance(entry, Calibration):
                kept = () if found is None or entry.reopened else found.off
                found = Standing(calibration=entry, off=kept)
            elif found is not None:
                found = found.model_copy(update={"off": (*found.off, entry)})
        return found

    async def versions(self) -> tuple[str, ...]:
        """The graph versions that were ever calibrated, the last one first."""
        query = select(calibrations.c.version).order_by(calibrations.c.entry.desc())
        async with self._transaction() as connection:
            found = (await connection.execute(query)).scalars().all()
        return tuple(dict.fromkeys(found))

    async def entries(self, version: str) -> tuple[Entry, ...]:
        """All entries of a version, oldest first.

        Raises:
            StoreCorrupt: an entry does not read.
        """
        query = select(calibrations.c.kind, calibrations.c.body)
        query = query.where(calibrations.c.version == version).order_by(calibrations.c.entry)
        async with self._transaction() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(_read(row.kind, row.body) for row in rows)

    async def _add(self, kind: str, entry: Entry, author: str, at: datetime) -> None:
        row = {
            "version": entry.version,
            "kind": kind,
            "author": author,
            "at": at.isoformat(),
            "body": canonical(entry.model_dump(mode="json")).decode(),
        }
        body = {"version": entry.version, "calibrations": [digest_of_model(entry)]}
        happened = Happened(kind=_KINDS[kind], at=at, actor=_actor(kind, author), body=body)
        async with self._writing() as connection:
            await connection.execute(calibrations.insert(), row)
            await append(connection, NO_CASE, "", [happened])


_KINDS: Final = {CALIBRATED: Kind.CALIBRATED, SWITCHED_OFF: Kind.SWITCHED_OFF}


def _actor(kind: str, author: str) -> Actor:
    return Actor(role="qa", id=author) if kind == CALIBRATED else SYSTEM


def _read(kind: str, body: Any) -> Entry:
    model: type[Calibration] | type[SwitchedOff]
    model = Calibration if kind == CALIBRATED else SwitchedOff
    try:
        return model.model_validate(parsed(body))
    except (ValidationError, ValueError) as error:
        raise StoreCorrupt(
            "A calibration in the store does not read.", remedy="Restore the store from a backup."
        ) from error
