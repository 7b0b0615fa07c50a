"""Runs in short, newest first and page by page, without reading a whole record."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from casewright.base import Model, Moment
from casewright.models import RunStatus
from casewright.store.tables import runs
from casewright.team import Member

Transaction = Callable[[], AbstractAsyncContextManager[AsyncConnection]]


class Brief(Model):
    """A run in short.

    Attributes:
        run_id: The run.
        case_id: Its case.
        case_type: Type of the case.
        region: Region of the case.
        sop: Name of its SOP.
        graph_version: The version that it is pinned to.
        status: Where it stands.
        outcome: What is proposed or decided; empty before that.
        route: Who must look; likewise.
        automatic: Whether it passed without a person.
        error: Why it failed, or empty.
        started_at: When the case entered.
        updated_at: Last change.
    """

    run_id: str
    case_id: str
    case_type: str
    region: str
    sop: str
    graph_version: str
    status: RunStatus
    outcome: str
    route: str
    automatic: bool
    error: str
    started_at: Moment
    updated_at: Moment


class Listing:
    """The runs, see ``Store.listing``.

    Args:
        transaction: Opens one transaction on the store.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def page(
        self,
        member: Member,
        *,
        case_id: str = "",
        sop: str = "",
        status: RunStatus | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[Brief, ...]:
        """A page of the runs that a member sees, newest first.

        Args:
            member: Who asks.
            case_id: Only of this case; empty: of all.
            sop: Only of this SOP; likewise.
            status: Only those that stand so; None: all.
            limit: Runs on a page.
            offset: Runs before it.
        """
        wanted = (("case_id", case_id), ("sop", sop), ("status", status))
        where = [runs.c[name] == value for name, value in wanted if value]
        query = select(*_COLUMNS).where(*where, *_seen(member))
        newest = runs.c.started_at.desc(), runs.c.run_id.desc()
        async with self._transaction() as connection:
            found = query.order_by(*newest).limit(limit).offset(offset)
            rows = (await connection.execute(found)).all()
        return tuple(Brief.model_validate(row._asdict()) for row in rows)


def _in_body(path: str) -> ColumnElement[Any]:
    return func.json_extract(runs.c.body, f"$.{path}")


_STORED: Final = ("run_id", "case_id", "sop", "status", "started_at", "updated_at")
_INSIDE: Final = {
    "case_type": "case.case_type",
    "region": "case.region",
    "graph_version": "graph_version",
    "outcome": "decision.outcome",
    "route": "decision.route",
    "automatic": "automatic",
    "error": "error",
}
_COLUMNS: Final = (
    *(runs.c[name] for name in _STORED),
    *(func.coalesce(_in_body(path), "").label(name) for name, path in _INSIDE.items()),
)


def _seen(member: Member) -> Iterable[ColumnElement[bool]]:
    pairs = (
        (runs.c.sop, member.sops),
        (_in_body("case.region"), member.regions),
        (_in_body("case.language"), member.languages),
    )
    return [column.in_(sorted(own)) for column, own in pairs if own]
