"""Shadow runs in the store: what other versions made of runs, apart from the runs themselves."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from sqlalchemy import Select, select

from casewright.errors import StoreCorrupt
from casewright.shadow import ShadowRun
from casewright.store.dialect import insert
from casewright.store.tables import shadow_runs
from casewright.store.transaction import Transaction


class Shadows:
    """The shadow runs of a store, see ``Store.shadows``.

    Args:
        transaction: Opens one transaction on the store.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def put(self, shadow: ShadowRun) -> None:
        """Keep a shadow run, in place of one of the same run and version."""
        row = {
            "run_id": shadow.run_id,
            "version": shadow.version,
            "at": shadow.at.isoformat(),
            "body": shadow.model_dump_json(),
        }
        changes = {name: row[name] for name in ("at", "body")}
        keys = ["run_id", "version"]
        async with self._transaction() as connection:
            new = insert(connection, shadow_runs).values(row)
            await connection.execute(new.on_conflict_do_update(index_elements=keys, set_=changes))

    async def get(self, run_id: str, version: str) -> ShadowRun | None:
        """What that version made of a run, or None. Raises as :meth:`of` does."""
        found = await self._read(
            select(shadow_runs.c.body).where(
                shadow_runs.c.run_id == run_id, shadow_runs.c.version == version
            )
        )
        return found[0] if found else None

    async def of(self, version: str) -> tuple[ShadowRun, ...]:
        """All runs that a version judged as a shadow, oldest first.

        Raises:
            StoreCorrupt: one does not read.
        """
        query = select(shadow_runs.c.body).where(shadow_runs.c.version == version)
        return await self._read(query.order_by(shadow_runs.c.at, shadow_runs.c.run_id))

    async def _read(self, query: Select[Any]) -> tuple[ShadowRun, ...]:
        async with self._transaction() as connection:
            bodies = (await connection.execute(query)).scalars().all()
        try:
            return tuple(ShadowRun.model_validate_json(body) for body in bodies)
        except ValidationError as error:
            raise StoreCorrupt(
                "A shadow run in the store does not read.", remedy="Restore it from a backup."
            ) from error
