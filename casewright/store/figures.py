"""What the log and the reviews of a store say of each reviewer, counted where they are."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import text

from casewright.audit import moment_text
from casewright.store.tables import SEEN
from casewright.store.transaction import Transaction

IDLE_S: Final = 300.0
"""The longest gap between two events that counts as time on a case: after five minutes without
one, whoever sat there may be anywhere."""


class Sitting(NamedTuple):
    """What one reviewer did with one case up to one act.

    Attributes:
        reviewer: Who.
        case_id: The case.
        act: What they did in the end.
        seconds: From the first time they were shown the case to the act, each gap cut at
            ``IDLE_S``; 0 where they were never shown it.
        citations: Different citations that they followed.
        claims: Claims of the decision that they acted on.
    """

    reviewer: str
    case_id: str
    act: str
    seconds: float
    citations: int
    claims: int


class Read(NamedTuple):
    """A first read, and the reviewer's next act on the run; without one yet the act is empty."""

    reviewer: str
    outcome: str
    proposed: str
    act: str
    instead: str


class Looked(NamedTuple):
    """A decision of a reviewer that a second reader looked at."""

    reviewer: str
    decided: str
    second: str


# `SEEN` is the condition of a partial index, whose order is that of the windows below.
_SITTINGS: Final = f"""
WITH told AS (
  SELECT actor, case_id, number, entry, kind, body, LAG(kind) OVER each AS before,
    (julianday(at) - julianday(LAG(at) OVER each)) * 86400.0 AS gap,
    COALESCE(SUM(CASE kind WHEN 'reviewed' THEN 1 ELSE 0 END) OVER (
      each ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS sitting
  FROM audit_events WHERE {SEEN} AND at >= :since
  WINDOW each AS (PARTITION BY actor, case_id ORDER BY entry)
), sat AS (
  SELECT actor, case_id,
    MAX(CASE kind WHEN 'reviewed' THEN json_extract(body, '$.act') END) AS act,
    SUM(CASE WHEN before IS NULL OR before = 'reviewed' THEN 0.0
      WHEN gap < :idle THEN gap ELSE :idle END) AS seconds,
    COUNT(DISTINCT CASE kind WHEN 'viewed' THEN json_extract(body, '$.citation') END) AS citations,
    MAX(number) AS number, MAX(entry) AS entry
  FROM told GROUP BY actor, case_id, sitting HAVING MAX(CASE kind WHEN 'reviewed' THEN 1 END) = 1
)
SELECT actor, case_id, act, seconds, citations, COALESCE((
    SELECT CAST(json_extract(p.body, '$.claims') AS INTEGER) FROM audit_events p
    WHERE p.case_id = sat.case_id AND p.number < sat.number AND p.kind = 'proposed'
    ORDER BY p.number DESC LIMIT 1), 0) AS claims
FROM sat ORDER BY entry
"""  # noqa: S608  no part of it comes from outside

_CODES: Final = f"""
SELECT actor, json_extract(body, '$.codes') FROM audit_events
WHERE {SEEN} AND kind = 'reviewed' AND at >= :since
"""  # noqa: S608

_READS: Final = """
SELECT f.reviewer, f.outcome, f.proposed, COALESCE(r.act, ''),
  COALESCE(CASE WHEN r.body != '' THEN json_extract(r.body, '$.outcome') END, '')
FROM first_reads f LEFT JOIN reviews r ON r.run_id = f.run_id AND r.reviewer = f.reviewer
  AND r.at = (SELECT MIN(x.at) FROM reviews x
    WHERE x.run_id = f.run_id AND x.reviewer = f.reviewer AND x.at >= f.at)
WHERE f.at >= :stored ORDER BY f.at
"""

_LOOKED: Final = """
SELECT r.reviewer, json_extract(runs.body, '$.decision.outcome'), json_extract(l.body, '$.outcome')
FROM second_looks l JOIN runs ON runs.run_id = l.run_id
JOIN reviews r ON r.run_id = l.run_id AND r.at = (SELECT MAX(x.at) FROM reviews x
    WHERE x.run_id = l.run_id AND x.act IN ('approve', 'edit'))
WHERE l.at = (SELECT MIN(y.at) FROM second_looks y WHERE y.run_id = l.run_id)
  AND l.at >= :stored AND json_extract(runs.body, '$.decision.outcome') IS NOT NULL
ORDER BY l.at
"""

_CHECKS: Final = """
SELECT reviewer, status, COUNT(*) FROM seeded_checks
WHERE status IN ('caught', 'missed') AND at >= :stored GROUP BY 1, 2
"""


class FigureTable:
    """See ``Store.figures``.

    Args:
        transaction: Opens one transaction on the store.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def sittings(self, since: datetime) -> tuple[Sitting, ...]:
        """Every act of a reviewer since a moment, with the time they took for it, oldest first."""
        return tuple(Sitting(*row) for row in await self._rows(_SITTINGS, since, idle=IDLE_S))

    async def codes(self, since: datetime) -> Mapping[tuple[str, str], int]:
        """How often each reviewer gave each reason code."""
        rows = await self._rows(_CODES, since)
        return Counter((who, code) for who, codes in rows for code in json.loads(codes or "[]"))

    async def reads(self, since: datetime) -> tuple[Read, ...]:
        """First reads and what followed, oldest first."""
        return tuple(Read(*row) for row in await self._rows(_READS, since))

    async def looked(self, since: datetime) -> tuple[Looked, ...]:
        """What second readers said of reviewers' decisions, oldest first."""
        return tuple(Looked(*row) for row in await self._rows(_LOOKED, since))

    async def checks(self, since: datetime) -> Mapping[tuple[str, str], int]:
        """How many checks each reviewer caught and missed, by reviewer and ``caught|missed``."""
        return {(who, status): n for who, status, n in await self._rows(_CHECKS, since)}

    async def _rows(self, query: str, since: datetime, **given: Any) -> list[Any]:
        bound = text(query)
        known: dict[str, Any] = {"since": moment_text(since), "stored": since.isoformat(), **given}
        used = {name: value for name, value in known.items() if f":{name}" in query}
        async with self._transaction() as connection:
            return list((await connection.execute(bound, used)).all())
