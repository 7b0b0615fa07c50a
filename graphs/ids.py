"""Ids of cases, as files, standard input and tools name them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from casewright.errors import SourceUnavailable, UnknownName, UsageError
from casewright.models import EvidenceStatus
from tools.base import Tool
from tools.toolbox import Toolbox

FIELD: Final = "case_id"
"""The column or field that holds the id, where nothing else is said."""


def ids_in(text: str, name: str, field: str = FIELD) -> list[str]:
    """The ids in a text, in its order: one a line, a CSV table, or JSON lines.

    What it is shows in its first line: JSON lines begin with a brace, and a table's header has a
    column of that name.

    Args:
        text: The text.
        name: What it is called in messages.
        field: The column or field with the id.

    Raises:
        UsageError: a line does not read, or has no id.
    """
    text = text.removeprefix("\ufeff")
    first = next((line for line in text.splitlines() if line.strip()), "")
    if first.lstrip().startswith("{"):
        return list(_of_json(text, name, field))
    header = [cell.strip() for cell in next(csv.reader([first]), [])]
    if field in header:
        return list(_of_table(text, name, field))
    if len(header) > 1 or name.endswith(".csv"):
        raise UsageError(
            f"{name} is a table without a column {field!r}.",
            remedy=f"Its columns: {', '.join(header)}. `--case-field` names the one with the id.",
        )
    return text.split()


def _of_json(text: str, name: str, field: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError as error:
            raise UsageError(f"{name}, line {number} is no JSON: {error}.") from error
        yield _id_of(record, field, f"{name}, line {number}")


def _of_table(text: str, name: str, field: str) -> Iterator[str]:
    rows = csv.DictReader((line for line in text.splitlines() if line.strip()), strict=True)
    rows.fieldnames = [cell.strip() for cell in rows.fieldnames or ()]
    try:
        for number, row in enumerate(rows, start=1):
            yield _id_of(row, field, f"{name}, row {number}")
    except csv.Error as error:
        raise UsageError(f"{name} is no CSV table: {error}.") from error


def _id_of(record: Any, field: str, where: str) -> str:
    found = record.get(field) if isinstance(record, Mapping) else record
    if isinstance(found, str) and found.strip():
        return found.strip()
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found)
    has = ", ".join(map(str, record)) if isinstance(record, Mapping) else type(record).__name__
    raise UsageError(
        f"{where} has no case id in {field!r}.",
        remedy=f"It has: {has}. `--case-field` names the one with the id.",
    )


class Asked(NamedTuple):
    """The ids that a tool's answer names.

    Attributes:
        ids: The ids, in its order.
        complete: False where the source said that this is a part only.
        why: Why it is a part, as a short code.
    """

    ids: list[str]
    complete: bool
    why: str


async def ids_of_query(
    toolbox: Toolbox,
    name: str,
    given: Mapping[str, str],
    as_of: datetime,
    field: str = FIELD,
) -> Asked:
    """Ask a tool which cases there are: its answer is a list of records, or of ids.

    Args:
        toolbox: Where the tool is.
        name: The tool.
        given: Its arguments as they were written.
        as_of: The moment whose knowledge is asked for.
        field: The field of each record that holds the id.

    Raises:
        ToolInputError: there is no such tool, or the arguments do not fit.
        SourceUnavailable: the source failed.
        SourceRefused: it refuses us.
        UsageError: the answer lists no ids.
    """
    arguments = _typed(toolbox.tool(name), given)
    evidence = await toolbox.call(name, arguments, as_of=as_of)
    if evidence.status is EvidenceStatus.ERROR:
        raise SourceUnavailable(
            f"The tool {name} brought no list of cases ({evidence.reason}).", code=evidence.reason
        )
    items = _items(name, evidence.data or {"items": []}, field)
    ids = [_id_of(item, field, f"item {place} of {name}") for place, item in enumerate(items, 1)]
    return Asked(ids, evidence.complete, evidence.reason)


def _typed(tool: Tool, given: Mapping[str, str]) -> dict[str, Any]:
    """The arguments as JSON has them: a text where the tool takes one."""
    takes = tool.arguments.model_json_schema().get("properties", {})
    if unknown := sorted(given.keys() - takes.keys()):
        raise UnknownName.among(f"argument of {tool.name}", unknown[0], takes)
    return {name: _value(text, takes[name]) for name, text in given.items()}


def _value(text: str, schema: Mapping[str, Any]) -> Any:
    kinds = [schema, *schema.get("anyOf", ())]
    if any(kind.get("type", "string") == "string" for kind in kinds if "anyOf" not in kind):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text  # the tool says what is wrong with it


def _items(name: str, data: Mapping[str, Any], field: str) -> Sequence[Any]:
    lists = [value for value in data.values() if isinstance(value, list)]
    if len(lists) == 1:
        return lists[0]
    if field in data:
        return [data]
    raise UsageError(
        f"The answer of {name} is no list of cases.",
        remedy=f"It has: {', '.join(data)}. `casewright tool show {name}` tells what it answers.",
    )
