"""Files and databases as sources of declared tools: one bound SELECT, nothing written."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from pydantic_core import to_json

from casewright.errors import SourceMalformed, SourceUnavailable
from casewright.models import EvidenceStatus
from tools.base import Answer, Query
from tools.declaration import TableSpec
from tools.fields import FieldSpec
from tools.shape import picked
from tools.sources.http import BODY_LIMIT, rfc3339
from tools.sources.page import settled
from tools.sources.query import NamedQuery

AS_OF = "as_of"
"""Parameter of every query: the moment whose knowledge is asked for."""

Rows = list[dict[str, Any]]


class Asking(Protocol):
    """One SELECT on its way."""

    def rows(self, query: NamedQuery, values: Mapping[str, Any], limit: int) -> Rows:
        """At most ``limit`` rows, as JSON values by column name; blocks, and runs in a thread.

        Raises:
            SourceError: the database fails, or refuses the query.
        """
        ...

    def interrupt(self) -> None:
        """End it, from another thread."""
        ...


class Database(Protocol):
    """Something that answers SELECTs."""

    def asking(self) -> Asking:
        """A new one, independent of others."""
        ...


@dataclass(frozen=True)
class Table:
    """One declared query.

    Attributes:
        spec: What the file says of it.
        fields: And of the record, or of an entry of the list.
        query: The parsed query.
        name: Which system answers, for the evidence and for messages.
        timeout_s: Longest wait, in seconds.
    """

    spec: TableSpec
    fields: Mapping[str, FieldSpec]
    query: NamedQuery
    name: str
    timeout_s: float

    async def read(self, database: Database, values: Query, as_of: datetime) -> Answer:
        """Ask with these arguments.

        Returns:
            With ``one``, the record, or ``no_data`` where there is no row. Else the list.

        Raises:
            SourceUnavailable: it took too long, or the database cannot be reached.
            SourceRefused: the query does not fit the tables, or would write.
            SourceMalformed: a value does not convert, or ``one`` found several.
        """
        given = {**values, AS_OF: rfc3339(as_of)}
        bound = {name: given.get(name) for name in self.query.names}
        most = 2 if self.spec.one else self.spec.row_limit + 1
        rows = await self._select(database, bound, most)
        if len(to_json(rows)) > BODY_LIMIT:
            message = f"The answer of {self.name} is larger than {BODY_LIMIT} bytes."
            raise SourceMalformed(message, code="too_large")
        return self._record(rows) if self.spec.one else self._list(rows)

    async def _select(self, database: Database, bound: Mapping[str, Any], most: int) -> Rows:
        asking = database.asking()
        running = asyncio.create_task(asyncio.to_thread(asking.rows, self.query, bound, most))
        try:
            async with asyncio.timeout(self.timeout_s):
                return await asyncio.shield(running)
        except TimeoutError as error:
            raise SourceUnavailable(
                f"The query on {self.name} took longer than {self.timeout_s:g} seconds.",
                code="timeout",
            ) from error
        finally:
            # The thread may not have begun, so one interruption may come too early.
            while not running.done():
                asking.interrupt()
                await asyncio.wait([running], timeout=0.05)
            running.exception()  # looked at, or asyncio complains that nobody did

    def _record(self, rows: Rows) -> Answer:
        if not rows:
            return Answer(EvidenceStatus.NO_DATA, reason="no_row", complete=False, source=self.name)
        if len(rows) > 1:
            raise SourceMalformed(
                f"{self.name} has several rows where one is meant.", code="more_than_one_row"
            )
        return Answer(EvidenceStatus.OK, picked(self.fields, rows[0]), source=self.name)

    def _list(self, rows: Rows) -> Answer:
        limit = self.spec.row_limit
        cut = len(rows) > limit
        return settled(
            Answer(
                EvidenceStatus.OK,
                {"items": [picked(self.fields, row) for row in rows[:limit]]},
                reason="row_limit" if cut else "",
                complete=self.spec.complete and not cut,
                source=self.name,
            )
        )
