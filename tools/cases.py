"""A work list in a CSV file: for teams whose cases come from a table."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import datetime
from math import isfinite
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from casewright.clock import Clock, utc_now
from casewright.errors import SourceMalformed, UsageError
from casewright.models import EvidenceStatus, Value
from tools.base import Answer, Query
from tools.sources.http import INBOX
from tools.sources.page import Page

SUBJECT = "subject."
"""Columns of this name's kind hold the ids that the case is about, such as
``subject.appeal_id``."""

FACTS = "facts."
"""Columns of this name's kind hold what was established in a settled case, such as
``facts.dispatched_in_time``."""

REQUIRED = (
    "case_id",
    "case_type",
    "seller_id",
    "region",
    "channel",
    "opened_at",
    "impact_cents",
    "currency",
)
"""Columns without which there are no cases."""


class CaseTable:
    """An inbox in a CSV file, read anew whenever the file has changed.

    Besides the required columns there may be ``language``, ``text``, ``linked_seller_ids`` and
    ``party_ids`` (separated by blanks) and ``subject.…``. A row with an ``outcome`` is a settled
    case, and has ``closed_at`` and ``situation`` as well, and where known ``facts.…`` by factor
    (``true``, ``false``, a number or a word), ``clauses`` (separated by blanks) and
    ``overturned_at``. An empty cell is an absent value.

    Args:
        file: The file; UTF-8, with a header.
        clock: The present moment, which a file cannot tell.
    """

    def __init__(self, file: Path, clock: Clock = utc_now) -> None:
        self._file = file
        self._clock = clock
        self._read: tuple[tuple[int, int], dict[str, dict[str, Any]]] | None = None

    async def now(self) -> datetime:
        """Our own clock."""
        return self._clock()

    async def page(self, path: str, query: Query) -> Page:
        """One case, or all that are open or settled; see :mod:`tools.inbox`.

        Raises:
            UsageError: the file cannot be read, or lacks a column.
            SourceMalformed: an id is there twice, or an amount is no whole number.
        """
        records = self._records()
        if path == INBOX:
            items = [one for one in records.values() if _wanted(one, query)]
            return Page(Answer(EvidenceStatus.OK, {"items": items}))
        record = records.get(unquote(path.removeprefix(f"{INBOX}/")))
        if record is None:
            return Page.without_data("case_unknown")
        return Page(Answer(EvidenceStatus.OK, record))

    def _records(self) -> dict[str, dict[str, Any]]:
        stamp = self._stamp()
        if self._read is None or self._read[0] != stamp:
            self._read = stamp, self._parsed()
        return self._read[1]

    def _stamp(self) -> tuple[int, int]:
        try:
            found = self._file.stat()
        except OSError as error:
            raise self._unreadable(str(error.strerror)) from error
        return found.st_mtime_ns, found.st_size

    def _parsed(self) -> dict[str, dict[str, Any]]:
        records: dict[str, dict[str, Any]] = {}
        for row in self._rows():
            record = self._record(row)
            if record["case_id"] in records:
                raise self._malformed(f"holds the case {record['case_id']!r} twice")
            records[record["case_id"]] = record
        return records

    def _rows(self) -> Iterator[dict[str, str]]:
        try:
            with self._file.open(encoding="utf-8-sig", newline="") as lines:
                reader = csv.DictReader(lines, restkey="", restval="", strict=True)
                missing = [name for name in REQUIRED if name not in (reader.fieldnames or ())]
                if missing:
                    raise UsageError(f"The cases in {self._file} lack the column {missing[0]!r}.")
                yield from reader
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise self._unreadable(getattr(error, "strerror", None) or str(error)) from error

    def _record(self, row: dict[str, str]) -> dict[str, Any]:
        given = {name: value for name, value in row.items() if name and value}
        facts = {name: _fact(value) for name, value in _under(FACTS, given).items()}
        record = {
            name: value for name, value in given.items() if not name.startswith((SUBJECT, FACTS))
        }
        linked = record.pop("linked_seller_ids", "").split()
        parties = record.pop("party_ids", "").split()
        clauses = record.pop("clauses", "").split()
        try:
            impact = int(record.pop("impact_cents", ""))
        except ValueError as error:
            raise self._malformed("holds an impact_cents that is no whole number") from error
        if "case_id" not in record:
            raise self._malformed("holds a row without a case_id")
        return {
            **record,
            "impact_cents": impact,
            "subject": _under(SUBJECT, given),
            "linked_seller_ids": linked,
            "party_ids": parties,
            "facts": facts,
            "clauses": clauses,
        }

    def _unreadable(self, reason: str) -> UsageError:
        return UsageError(f"The cases in {self._file} cannot be read: {reason}.")

    def _malformed(self, what: str) -> SourceMalformed:
        return SourceMalformed(f"The table of cases, {self._file}, {what}.", code="bad_case_table")


def _under(prefix: str, given: Mapping[str, str]) -> dict[str, str]:
    return {
        name.removeprefix(prefix): value for name, value in given.items() if name.startswith(prefix)
    }


def _fact(cell: str) -> Value:
    """What a cell says: a truth, a number or a word."""
    if cell.lower() in ("true", "false"):
        return cell.lower() == "true"
    for number in (int, float):
        try:
            value = number(cell)
        except ValueError:
            continue
        return value if isfinite(value) else cell
    return cell


def _wanted(record: dict[str, Any], query: Query) -> bool:
    status = "closed" if "outcome" in record else "open"
    return status == query.get("status", status) and record.get("case_type") == query.get(
        "case_type", record.get("case_type")
    )
