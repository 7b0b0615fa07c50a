"""Releases in the store: a log that only grows, and what stands after its last entry."""

from __future__ import annotations

from datetime import datetime

from pydantic import ValidationError
from sqlalchemy import func, select

from casewright.audit import NO_CASE, Actor, Happened, Kind
from casewright.canonical import canonical, parsed
from casewright.errors import StoreCorrupt, UsageError
from casewright.happenings import digest_of_model
from casewright.release import Release, Stage, Standing, standing_of
from casewright.store.log import append
from casewright.store.tables import releases
from casewright.store.transaction import Transaction


class Releases:
    """The releases of a store, see ``Store.releases``. Nothing here changes or deletes an entry.

    Args:
        transaction: Opens one transaction on the store.
        writing: Opens one that nobody else can write beside.
    """

    def __init__(self, transaction: Transaction, writing: Transaction) -> None:
        self._transaction = transaction
        self._writing = writing

    async def put(self, release: Release) -> None:
        """Write an entry down; it takes effect on the next case, and the log tells of it."""
        row = {
            "sop": release.sop,
            "version": release.version,
            "kind": release.kind,
            "author": release.author,
            "at": release.at.isoformat(),
            "body": canonical(release.model_dump(mode="json")).decode(),
        }
        async with self._writing() as connection:
            await connection.execute(releases.insert(), row)
            await append(connection, NO_CASE, "", [_released(release)])

    async def roll_back(
        self, sop: str, stage: Stage, *, author: str, why: str, at: datetime
    ) -> Release:
        """Take out what stands at a stage: production goes back to the version before.

        Raises:
            UsageError: nothing stands there.
        """
        present = (await self.standing(sop)).at(stage)
        if present is None:
            raise UsageError(
                f"No version of {sop} stands in {stage}.",
                remedy="`casewright sop releases` shows what does.",
            )
        entry = Release(
            sop=sop,
            case_type=present.case_type,
            version=present.version,
            kind="rolled back",
            stage=stage,
            author=author,
            at=at,
            why=why,
        )
        await self.put(entry)
        return entry

    async def all(self, sop: str = "") -> tuple[Release, ...]:
        """Every entry, of one SOP or of all, oldest first.

        Raises:
            StoreCorrupt: an entry does not read.
        """
        query = select(releases.c.body).order_by(releases.c.entry)
        if sop:
            query = query.where(releases.c.sop == sop)
        async with self._transaction() as connection:
            bodies = (await connection.execute(query)).scalars().all()
        try:
            return tuple(Release.model_validate(parsed(body)) for body in bodies)
        except (ValidationError, ValueError) as error:
            raise StoreCorrupt(
                "A release in the store does not read.", remedy="Restore the store from a backup."
            ) from error

    async def standing(self, sop: str) -> Standing:
        """What stands for an SOP now. Raises as :meth:`all` does."""
        return standing_of(await self.all(sop))

    async def every_standing(self) -> dict[str, Standing]:
        """What stands now, by SOP. Raises as :meth:`all` does."""
        found: dict[str, list[Release]] = {}
        for one in await self.all():
            found.setdefault(one.sop, []).append(one)
        return {sop: standing_of(entries) for sop, entries in found.items()}

    async def newest(self) -> int:
        """Number of the last entry, 0 where there is none: while it stays, so does what stands."""
        async with self._transaction() as connection:
            query = select(func.max(releases.c.entry))
            return int((await connection.execute(query)).scalar() or 0)


def _released(release: Release) -> Happened:
    kind = Kind.PROMOTED if release.kind == "promoted" else Kind.ROLLED_BACK
    body = {
        "version": release.version,
        "stage": release.stage,
        "report": release.report,
        "releases": [digest_of_model(release)],
    }
    who = Actor(role="qa", id=release.author)
    return Happened(kind=kind, at=release.at, actor=who, body=body)
