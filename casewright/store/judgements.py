"""What several people, and the graph, said of the same cases, in the store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from casewright.base import Model
from casewright.store.transaction import Transaction

NEWEST: Final = 20_000
"""At most so many closed cases are compared, the newest ones."""


class Judged(Model):
    """What was said of one case.

    Attributes:
        run_id: The run.
        sop: Its SOP.
        version: Its graph version.
        seller_id: Whom it is about.
        automatic: Whether it passed without a person.
        proposed: What the graph proposed before anybody acted; empty where it is not known.
        decided: How it was closed; empty while it waits.
        second: What the first second reader said, or empty.
        first: What reviewers said before they saw the proposal.
    """

    run_id: str
    sop: str
    version: str
    seller_id: str
    automatic: bool = False
    proposed: str = ""
    decided: str = ""
    second: str = ""
    first: tuple[str, ...] = ()


_RUN: Final = """
SELECT run_id, sop, json_extract(body, '$.graph_version') AS version,
  json_extract(body, '$.case.seller_id') AS seller_id,
  CAST(json_extract(body, '$.automatic') AS INTEGER) AS automatic,
  COALESCE(json_extract(body, '$.proposed.outcome'), '') AS proposed,
  CASE status WHEN 'done' THEN COALESCE(json_extract(body, '$.decision.outcome'), '') ELSE '' END
    AS decided
FROM runs
"""

_CLOSED: Final = f"""{_RUN}
WHERE status = 'done' AND started_at >= :since AND (:sop = '' OR sop = :sop)
  AND run_id IN (SELECT run_id FROM reviews)
ORDER BY started_at DESC LIMIT :most
"""  # noqa: S608  no part of it comes from outside

_NAMED: Final = f"""{_RUN}
WHERE started_at >= :since AND (:sop = '' OR sop = :sop) AND run_id IN (
  SELECT run_id FROM second_looks UNION SELECT run_id FROM first_reads)
ORDER BY started_at DESC LIMIT :most
"""  # noqa: S608

_LOOKS: Final = """
SELECT run_id, json_extract(body, '$.outcome') AS outcome FROM second_looks l
WHERE at = (SELECT MIN(at) FROM second_looks x WHERE x.run_id = l.run_id)
"""

_FIRST: Final = """
SELECT automatic.run_id FROM (
  SELECT run_id, updated_at FROM runs WHERE status = 'done' AND sop = :sop
    AND CAST(json_extract(body, '$.automatic') AS INTEGER) = 1
    AND json_extract(body, '$.graph_version') = :version
  ORDER BY updated_at LIMIT :first) automatic
"""


class Judgements:
    """See ``Store.judgements``.

    Args:
        transaction: Opens one transaction on the store.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def since(self, since: datetime, sop: str = "") -> tuple[Judged, ...]:
        """The newest cases that somebody judged, of all SOPs or of one.

        Args:
            since: Of cases that entered from then on.
            sop: Name of the SOP; empty: all.
        """
        bound = {"since": since.isoformat(), "sop": sop, "most": NEWEST}
        async with self._transaction() as connection:
            rows = {
                row.run_id: row._asdict()
                for query in (_CLOSED, _NAMED)
                for row in (await connection.execute(text(query), bound)).all()
            }
            looks = dict(map(tuple, (await connection.execute(text(_LOOKS))).all()))
            first = await _first(connection)
        return tuple(
            Judged(**row, second=looks.get(run_id) or "", first=first.get(run_id, ()))
            for run_id, row in rows.items()
        )

    async def first_automatic(self, version: str, first: int) -> frozenset[str]:
        """The first runs of a version that passed automatically, all of which were drawn."""
        bound = {"sop": version.partition("@")[0], "version": version, "first": first}
        async with self._transaction() as connection:
            return frozenset((await connection.execute(text(_FIRST), bound)).scalars())


async def _first(connection: AsyncConnection) -> Mapping[str, tuple[str, ...]]:
    query = text("SELECT run_id, outcome FROM first_reads ORDER BY at")
    found: dict[str, list[Any]] = defaultdict(list)
    for run_id, outcome in (await connection.execute(query)).all():
        found[run_id].append(outcome)
    return {run_id: tuple(outcomes) for run_id, outcomes in found.items()}
