"""Closed cases from files: JSON Lines, or Parquet through DuckDB. What is wrong is told by line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from casewright.errors import EnvironmentFault, UsageError
from casewright.models import ClosedCase

_NESTED = ("case", "facts")


class Wrong(NamedTuple):
    """A line, or a row, that is no closed case.

    Attributes:
        file: The file.
        line: Its number, from 1.
        why: What is wrong with it.
    """

    file: Path
    line: int
    why: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.why}"


def cases_in(file: Path, wrong: Callable[[Wrong], None]) -> Iterator[ClosedCase]:
    """The closed cases of a file, in its order.

    Args:
        file: ``.jsonl`` with one ClosedCase as JSON a line, blank lines apart; or ``.parquet``
            with its fields as columns, ``case`` and ``facts`` as structs or as JSON.
        wrong: Told of each line that is no closed case; the others are yielded all the same.

    Raises:
        UsageError: there is no such file, or it is of another kind.
        EnvironmentFault: DuckDB, which reads Parquet, is not installed.
    """
    readers = {".jsonl": _lines, ".ndjson": _lines, ".parquet": _rows}
    if file.suffix not in readers:
        told = f"{file} is neither JSON Lines (.jsonl) nor Parquet (.parquet)."
        raise UsageError(told, remedy="Name a file of closed cases.")
    if not file.is_file():
        raise UsageError(f"There is no file {file}.")
    for number, value in readers[file.suffix](file):
        try:
            if isinstance(value, bytes):
                yield ClosedCase.model_validate_json(value)
            else:
                yield ClosedCase.model_validate(value)
        except ValidationError as error:
            wrong(Wrong(file, number, _first(error)))
        except ValueError as error:
            wrong(Wrong(file, number, str(error)))


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    where = "/".join(str(part) for part in first["loc"])
    return f"{first['msg']}, at /{where}"


def _lines(file: Path) -> Iterator[tuple[int, bytes]]:
    with file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield number, line


def _rows(file: Path) -> Iterator[tuple[int, Any]]:
    try:
        import duckdb
    except ImportError as error:
        raise EnvironmentFault(
            "Parquet is read by DuckDB, which is not installed.",
            remedy="Install the extra `tables`: pip install 'casewright[tables]'.",
        ) from error
    # As JSON, for DuckDB hands out moments with a zone through a library that is not needed here.
    query = "SELECT to_json(row)::VARCHAR FROM read_parquet(?) AS row"
    try:
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            rows = connection.execute(query, [str(file)])
            number = 0
            while batch := rows.fetchmany(1000):
                for (text,) in batch:
                    number += 1
                    yield number, _record(json.loads(text))
    except duckdb.Error as error:
        raise UsageError(f"{file} does not read as Parquet: {error}.") from error


def _record(row: dict[str, Any]) -> Any:
    """A row as a record: absent where null, and moments without a zone in UTC."""
    record = _present(row)
    for name in _NESTED:
        with suppress(ValueError):  # no JSON: the model says what it wanted there
            if isinstance(record.get(name), str):
                record[name] = json.loads(record[name])
    for part, name in ((record, "closed_at"), (record, "overturned_at"), _opened(record)):
        if isinstance(part.get(name), str):
            part[name] = _in_zone(part[name])
    return record


def _opened(record: dict[str, Any]) -> tuple[dict[str, Any], str]:
    case = record.get("case")
    return (case if isinstance(case, dict) else {}), "opened_at"


def _in_zone(text: str) -> datetime | str:
    """A moment, in UTC where it says nothing else; a text that is none stays as it is."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _present(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _present(one) for key, one in value.items() if one is not None}
    return [_present(one) for one in value] if isinstance(value, list) else value
