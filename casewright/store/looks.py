"""Second looks in the store, and the automatic decisions that they are about."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from pydantic import ValidationError
from sqlalchemy import ColumnElement, Integer, cast, func, select, text
from sqlalchemy.exc import IntegrityError

from casewright.audit import Happened, Kind, reviewer
from casewright.errors import StoreCorrupt, UsageError
from casewright.happenings import digest_of_model
from casewright.models import Run, RunStatus
from casewright.second_look import SecondLook
from casewright.store.log import append, case_of
from casewright.store.tables import DRAWN, runs, second_looks
from casewright.store.transaction import Transaction


class SecondLooks:
    """The second looks of a store, see ``Store.second_looks``. Nothing here changes one.

    Args:
        transaction: Opens one transaction on the store.
        writing: Opens one that nobody else can write beside.
    """

    def __init__(self, transaction: Transaction, writing: Transaction) -> None:
        self._transaction = transaction
        self._writing = writing

    async def put(self, look: SecondLook) -> None:
        """Write a look down; the log tells of it.

        Raises:
            UsageError: that reader has looked at that run before, or there is no such run.
        """
        row = {
            "run_id": look.run_id,
            "reviewer": look.reviewer,
            "at": look.at.isoformat(),
            "body": look.model_dump_json(),
        }
        try:
            async with self._writing() as connection:
                case_id = await case_of(connection, look.run_id)
                await connection.execute(second_looks.insert(), row)
                await append(connection, case_id, look.run_id, [_looked(look)])
        except IntegrityError as error:
            raise UsageError(f"{look.reviewer} has looked at this case before.") from error

    async def all(self) -> dict[str, tuple[SecondLook, ...]]:
        """Every look by run id, oldest first.

        Raises:
            StoreCorrupt: one does not read.
        """
        query = select(second_looks.c.body).order_by(second_looks.c.at)
        async with self._transaction() as connection:
            bodies = (await connection.execute(query)).scalars().all()
        found: dict[str, list[SecondLook]] = defaultdict(list)
        for look in map(_read, bodies):
            found[look.run_id].append(look)
        return {run_id: tuple(looks) for run_id, looks in found.items()}

    async def of(self, run_id: str) -> tuple[SecondLook, ...]:
        """The looks at one run, oldest first."""
        query = select(second_looks.c.body).where(second_looks.c.run_id == run_id)
        async with self._transaction() as connection:
            bodies = (await connection.execute(query.order_by(second_looks.c.at))).scalars().all()
        return tuple(map(_read, bodies))

    async def due(self, *, limit: int = 200) -> tuple[Run, ...]:
        """Closed runs that were drawn and that nobody has looked at again, oldest first."""
        done = runs.c.status.concat("") == RunStatus.DONE.value  # without the index of all that is
        query = select(runs.c.body).where(done, runs.c.run_id.not_in(select(second_looks.c.run_id)))
        query = query.order_by(runs.c.started_at, runs.c.run_id).limit(limit)
        async with self._transaction() as connection:
            drawn = query.where(text(DRAWN[connection.dialect.name]))
            return tuple(map(_run, (await connection.execute(drawn)).scalars().all()))

    async def every(self) -> tuple[tuple[Run, tuple[SecondLook, ...]], ...]:
        """All runs that somebody looked at again, oldest first, with the looks."""
        looks = await self.all()
        query = select(runs.c.body).where(runs.c.run_id.in_(select(second_looks.c.run_id)))
        async with self._transaction() as connection:
            ordered = query.order_by(runs.c.started_at, runs.c.run_id)
            found = [_run(body) for body in (await connection.execute(ordered)).scalars()]
        return tuple((run, looks[run.run_id]) for run in found if run.run_id in looks)

    async def looked_at(self, version: str) -> tuple[tuple[Run, tuple[SecondLook, ...]], ...]:
        """The runs of a version that somebody looked at again, oldest first, with the looks."""
        query = select(runs.c.body).where(runs.c.run_id.in_(select(second_looks.c.run_id)))
        query = query.where(_version() == version).order_by(runs.c.started_at, runs.c.run_id)
        looks = await self.all()
        async with self._transaction() as connection:
            bodies = (await connection.execute(query)).scalars().all()
        found = [_run(body) for body in bodies]
        return tuple((run, looks[run.run_id]) for run in found if run.run_id in looks)

    async def automatic(self, version: str, *, beside: str, at_most: int) -> int:
        """How many other runs of a version passed automatically, counted up to ``at_most``.

        Args:
            version: The graph version.
            beside: The run that is not counted.
            at_most: Where counting stops.
        """
        passed = cast(func.json_extract(runs.c.body, "$.automatic"), Integer) == 1
        query = select(runs.c.run_id).where(runs.c.sop == version.partition("@")[0])
        query = query.where(_version() == version, passed, runs.c.run_id != beside)
        query = query.limit(at_most)
        async with self._transaction() as connection:
            return len((await connection.execute(query)).all())

    async def closed(self, version: str) -> tuple[Run, ...]:
        """The closed runs of a version, oldest first."""
        query = select(runs.c.body).where(runs.c.status == RunStatus.DONE.value)
        query = query.where(_version() == version).order_by(runs.c.started_at, runs.c.run_id)
        async with self._transaction() as connection:
            bodies = (await connection.execute(query)).scalars().all()
        return tuple(_run(body) for body in bodies)

    async def proposed(self, version: str, *, limit: int) -> tuple[Run, ...]:
        """The newest runs of a version, closed or waiting, newest first."""
        query = select(runs.c.body).where(_version() == version)
        query = query.where(runs.c.status.in_((RunStatus.DONE.value, RunStatus.WAITING.value)))
        query = query.order_by(runs.c.started_at.desc(), runs.c.run_id.desc()).limit(limit)
        async with self._transaction() as connection:
            bodies = (await connection.execute(query)).scalars().all()
        return tuple(_run(body) for body in bodies)


def _looked(look: SecondLook) -> Happened:
    body = {"outcome": look.outcome, "note": bool(look.note), "looks": [digest_of_model(look)]}
    who = reviewer(look.reviewer)
    return Happened(kind=Kind.LOOKED_AGAIN, at=look.at, actor=who, body=body)


def _version() -> ColumnElement[Any]:
    return func.json_extract(runs.c.body, "$.graph_version")


def _run(body: str) -> Run:
    try:
        return Run.model_validate_json(body)
    except ValidationError as error:
        raise StoreCorrupt(
            "The record of a run does not read.", remedy="Restore the store from a backup."
        ) from error


def _read(body: str) -> SecondLook:
    try:
        return SecondLook.model_validate_json(body)
    except ValidationError as error:
        raise StoreCorrupt(
            "A second look in the store does not read.", remedy="Restore the store from a backup."
        ) from error
