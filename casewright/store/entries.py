"""Verifies what the log tells of beside runs: second looks, releases and calibrations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Table, select

from casewright.audit import NO_CASE, Kind, Written
from casewright.canonical import digest_of, parsed
from casewright.chain import Fault
from casewright.references import Told
from casewright.store.tables import calibrations, releases, runs, second_looks

UNREAD: Final = ""
"""What stands for the digest of a row that does not read, or whose columns say otherwise."""

_LOOK: Final = ("run_id", "reviewer", "at")
_RELEASE: Final = ("sop", "version", "kind", "author", "at")
_CALIBRATION: Final = ("version",)
"""Columns that say once more what the body says."""


def look_faults(connection: Connection, told: Mapping[str, Told]) -> Iterator[Fault]:
    """What is wrong with second looks; those of erased runs have lost their notes.

    Args:
        connection: A transaction on the store.
        told: What the events of each run say.
    """
    left = {(run, one): row for run, said in told.items() for one, row in said.looks.items()}
    for row in connection.execute(select(second_looks, runs.c.case_id).join(runs)):
        said = told.get(row.run_id)
        found = left.pop((row.run_id, _digest(row, _LOOK)), None)
        if found is None and not (said and said.erased):
            wrong = f"no event tells of the second look of {row.at} as it is stored"
            yield Fault(case_id=row.case_id, kind=Kind.LOOKED_AGAIN, wrong=wrong)
    for (run, _), event in left.items():
        if not told[run].erased:
            yield Fault.at(event, "its second look is gone, or was changed")


def version_faults(connection: Connection, told: Told | None) -> Iterator[Fault]:
    """What is wrong with releases and calibrations, whose order counts as well.

    Args:
        connection: A transaction on the store.
        told: What the events say that are about no case.
    """
    said = told or Told()
    yield from _in_order(connection, releases, _RELEASE, said.releases, "release")
    yield from _in_order(connection, calibrations, _CALIBRATION, said.calibrations, "calibration")


def _in_order(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    told: Sequence[tuple[Written, str]],
    name: str,
) -> Iterator[Fault]:
    rows = connection.execute(select(table).order_by(table.c.entry)).all()
    held = [_digest(row, columns) for row in rows]
    said = [digest for _, digest in told]
    if held == said:
        return
    for number in _beyond(held, said):
        yield Fault(
            case_id=NO_CASE,
            wrong=f"no event tells of entry {rows[number].entry} of the {name}s as it is stored",
        )
    for number in _beyond(said, held):
        yield Fault.at(told[number][0], f"its {name} is gone, or was changed")
    if Counter(held) == Counter(said):
        yield Fault(case_id=NO_CASE, wrong=f"the {name}s stand in another order than they came")


def _beyond(some: Iterable[str], others: Iterable[str]) -> Iterator[int]:
    """The places of those that the others lack."""
    left = Counter(others)
    for number, one in enumerate(some):
        if left[one]:
            left[one] -= 1
        else:
            yield number


def _digest(row: Any, columns: Iterable[str]) -> str:
    try:
        body = parsed(row.body)
        same = all(_same(name, getattr(row, name), body[name]) for name in columns)
        return digest_of(body) if same else UNREAD
    except (ValueError, KeyError, TypeError):
        return UNREAD


def _same(name: str, column: str, value: object) -> bool:
    """Whether a column says what the body says; moments are written in two ways."""
    plain = str(value).replace("Z", "+00:00") if name == "at" else value
    return bool(column == plain)
