"""Finds runs in the store: by id, by whom and what they are about, by how they stand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy import case as if_then
from sqlalchemy.ext.asyncio import AsyncConnection

from casewright.hits import Hit, Hits, Pace, Sought
from casewright.models import Run, RunStatus
from casewright.store.dialect import insert
from casewright.store.tables import run_index, subjects
from casewright.store.transaction import Transaction

LAST: Final = "\U0010ffff"
"""Sorts behind every text that begins as the one it is appended to."""

BROAD: Final = 2_000
"""So many cases that begin as a text make it a broad one."""

_COPIED: Final = ("case_id", "case_type", "region", "language", "seller_id")
_FILTERS: Final = {
    "statuses": "status",
    "outcomes": "outcome",
    "sops": "sop",
    "regions": "region",
    "languages": "language",
}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO: Final = timedelta(microseconds=1)


class Search:
    """Runs by what they are about and how they stand, see ``Store.search``.

    Args:
        transaction: Opens one transaction on the store.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def find(self, sought: Sought, *, limit: int = 50, offset: int = 0) -> Hits:
        """A page of the runs that are sought, newest first.

        Args:
            sought: Which runs.
            limit: Runs on a page.
            offset: Runs before it.
        """
        order = run_index.c.started.desc(), run_index.c.run_id.desc()
        async with self._transaction() as connection:
            wanted = _wanted(sought, broad=await _broad(connection, sought.text))
            ids = select(run_index.c.run_id).where(*wanted).order_by(*order)
            counted = select(func.count()).select_from(run_index).where(*wanted)
            page = ids.limit(limit).offset(offset)
            found = (await connection.execute(page)).scalars().all()
            query = select(run_index).where(run_index.c.run_id.in_(found)).order_by(*order)
            rows = (await connection.execute(query)).all()
            total = (await connection.execute(counted)).scalar_one()
        return Hits(items=tuple(map(_hit, rows)), total=total)

    async def pace(self, sought: Sought, at: datetime) -> Pace:
        """How many runs stand where, and how many came to an end in the last minute."""
        since = _micros(at - timedelta(minutes=1))
        status = run_index.c.status
        counts = (func.count().filter(status == one.value) for one in RunStatus)
        recent = run_index.c.updated >= since
        ended = func.count().filter(status != RunStatus.RUNNING.value, recent)
        query = select(*counts, ended).where(*_wanted(sought))
        async with self._transaction() as connection:
            row = (await connection.execute(query)).one()
        found = dict(zip((one.value for one in RunStatus), row, strict=False))
        return Pace(by_status=found, ended=row[-1])


async def _broad(connection: AsyncConnection, text: str) -> bool:
    """Whether so many cases begin so that walking all runs is faster than fetching each."""
    if not text:
        return False
    some = select(run_index.c.run_id).where(_begins(run_index.c.case_id, _plain(text)))
    counted = select(func.count()).select_from(some.limit(BROAD).subquery())
    return (await connection.execute(counted)).scalar_one() == BROAD


def _wanted(sought: Sought, *, broad: bool = False) -> list[ColumnElement[bool]]:
    filters: list[ColumnElement[bool]] = [
        run_index.c[column].in_(getattr(sought, name))
        for name, column in _FILTERS.items()
        if getattr(sought, name)
    ]
    if sought.case_id:
        filters.append(run_index.c.case_id == _plain(sought.case_id))
    if sought.text:
        filters.append(_named(_plain(sought.text), sought, broad=broad))
    elif not sought.earlier:
        filters.append(run_index.c.newest == 1)
    return filters


def _plain(text: str) -> str:
    """A text that a database takes: half a surrogate pair, which a shell may give, it does not."""
    return text.encode("utf-8", "replace").decode()


def _named(text: str, sought: Sought, *, broad: bool) -> ColumnElement[bool]:
    """A run's own id finds that run, also an earlier one; all else finds what the newest says."""
    about = select(subjects.c.run_id).where(subjects.c.value == text)
    case_id = run_index.c.case_id.concat("") if broad else run_index.c.case_id  # without its index
    case = or_(_begins(case_id, text), run_index.c.run_id.in_(about))
    if not sought.earlier:
        case = and_(case, run_index.c.newest == 1)
    return or_(case, _begins(run_index.c.run_id, text))


def _begins(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    # A range, not LIKE: it walks the index, and no character in it is a wildcard.
    return and_(column >= text, column < text + LAST)


def _hit(row: Any) -> Hit:
    held = row._asdict()
    held["started_at"] = _EPOCH + held.pop("started") * _MICRO
    held["updated_at"] = _EPOCH + held.pop("updated") * _MICRO
    return Hit.model_validate(held)


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICRO


async def keep_indexed(
    connection: AsyncConnection, run: Run, *, entered: bool, first: bool = False
) -> None:
    """Have the index say what the run's record says, in the transaction that writes the record.

    Args:
        connection: The transaction.
        run: The record as it is written.
        entered: Whether the run is new.
        first: Whether its case has no older one.
    """
    row = _indexed(run)
    if not entered:
        own = update(run_index).where(run_index.c.run_id == run.run_id)
        await connection.execute(own.values(row))
        return
    await connection.execute(insert(connection, run_index).values(newest=1, **row))
    if first:
        return
    case = run_index.c.case_id == run.case.case_id
    age = run_index.c.started.desc(), run_index.c.run_id.desc()
    newest = select(run_index.c.run_id).where(case).order_by(*age).limit(1).scalar_subquery()
    flag = if_then((run_index.c.run_id == newest, 1), else_=0)
    marked = update(run_index).where(case).values(newest=flag)
    await connection.execute(marked)


def _indexed(run: Run) -> dict[str, Any]:
    decision = run.decision
    return {
        **{name: getattr(run.case, name) for name in _COPIED},
        "run_id": run.run_id,
        "sop": run.sop,
        "status": run.status.value,
        "route": decision.route.value if decision else "",
        "outcome": decision.outcome if decision else "",
        "automatic": int(run.automatic),
        "started": _micros(run.started_at),
        "updated": _micros(run.updated_at),
    }
