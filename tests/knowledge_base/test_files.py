"""Closed cases from JSON Lines and Parquet; what is wrong is told with file and line."""

import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from casewright.errors import UsageError
from casewright.models import ClosedCase
from knowledge_base.files import Wrong, cases_in

Closer = Callable[..., ClosedCase]


@pytest.fixture
def cases(closed: Closer) -> list[ClosedCase]:
    facts = {"late": True, "days": 3, "note": "x"}
    told = closed(
        "b", text="Señor, 台风", linked=("S-2",), facts=facts, clauses=("A-1@2026-01-01",)
    )
    return [closed("a", subject={"order_id": "O-1"}), told]


def _read(file: Path) -> tuple[list[ClosedCase], list[str]]:
    wrong: list[Wrong] = []
    return list(cases_in(file, wrong.append)), [str(one) for one in wrong]


def test_json_lines_come_back_whole(tmp_path: Path, cases: list[ClosedCase]) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text("\n\n".join(one.model_dump_json() for one in cases), "utf-8")
    assert _read(file) == (cases, [])


def test_wrong_lines_are_told_and_the_others_read(tmp_path: Path, cases: list[ClosedCase]) -> None:
    file = tmp_path / "cases.jsonl"
    outcomeless = json.loads(cases[0].model_dump_json())
    del outcomeless["outcome"]
    lines = [
        cases[0].model_dump_json().encode(),
        b"{not json",
        json.dumps(outcomeless).encode(),
        b'"\xff"',
        cases[1].model_dump_json().encode(),
    ]
    file.write_bytes(b"\n".join(lines))
    read, wrong = _read(file)
    assert read == cases
    assert [one.split(": ")[0] for one in wrong] == [f"{file}:{line}" for line in (2, 3, 4)]
    assert "/outcome" in wrong[1]


@pytest.mark.parametrize("nested", [True, False], ids=["structs", "json"])
def test_parquet_comes_back_whole(tmp_path: Path, cases: list[ClosedCase], nested: bool) -> None:
    rows = [json.loads(one.model_dump_json()) for one in cases]
    if not nested:
        inner = ("case", "facts")
        rows = [{**row, **{name: json.dumps(row[name]) for name in inner}} for row in rows]
    lines, file = tmp_path / "cases.jsonl", tmp_path / "cases.parquet"
    lines.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    with duckdb.connect() as connection:
        columns = "* REPLACE (closed_at::TIMESTAMPTZ AS closed_at)"
        read = f"SELECT {columns} FROM read_json('{lines}', maximum_depth=3)"
        connection.execute(f"COPY ({read}) TO '{file}' (FORMAT parquet)")
    assert _read(file) == (cases, [])


def test_wrong_rows_of_parquet_are_told(tmp_path: Path) -> None:
    file = tmp_path / "cases.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT 'x' AS outcome, '{{' AS \"case\") TO '{file}'")
    read, wrong = _read(file)
    assert read == []
    assert wrong[0].startswith(f"{file}:1: ")


@pytest.mark.parametrize("name", ["cases.csv", "missing.jsonl", "broken.parquet"])
def test_what_is_no_such_file_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "cases.csv").write_text("a,b\n")
    (tmp_path / "broken.parquet").write_text("no parquet")
    with pytest.raises(UsageError, match=name.split(".")[0]):
        _read(tmp_path / name)
