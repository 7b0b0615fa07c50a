"""Ids in files and in answers of tools."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casewright.errors import SourceRefused, UnknownName, UsageError
from casewright.settings import Settings
from graphs.ids import ids_in, ids_of_query
from tools.toolbox import Toolbox
from tools.workspace import open_tools

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)

TOOLS = """\
tools:
  - name: list_due
    description: Cases that are due in a region.
    arguments:
      region: {type: string, description: The region.}
      most: {type: integer, optional: true, description: At most so many.}
    result:
      case_id: string
      number: integer
    table:
      csv: data/due.csv
      query: |
        SELECT case_id, number FROM due WHERE region = :region
        ORDER BY number LIMIT COALESCE(:most, 100)
  - name: list_lost
    description: A table that is not there.
    arguments: {}
    result:
      case_id: string
    table:
      csv: data/lost.csv
      query: SELECT case_id FROM lost
"""


@pytest.mark.parametrize(
    "text",
    [
        "a-1\na-2\n\na-3\n",
        "\ufeffa-1 a-2\r\na-3",
        "note,case_id\nx,a-1\n,a-2\n\ny, a-3\n",
        "case_id\na-1\na-2\na-3\n",
        '{"case_id": "a-1"}\n\n{"note": 1, "case_id": "a-2"}\n{"case_id": "a-3"}\n',
    ],
)
def test_ids_stand_one_a_line_or_in_a_table_or_in_json_lines(text: str) -> None:
    assert ids_in(text, "list") == ["a-1", "a-2", "a-3"]


@pytest.mark.parametrize(
    ("text", "field", "told"),
    [
        ("id,x\na,b\n", "case_id", "list is a table without a column 'case_id'. Its columns: id"),
        ('{"id": "a"}\n', "case_id", "list, line 1 has no case id in 'case_id'. It has: id."),
        ('{"case_id": "a"}\n{"case_id": \n', "case_id", "list, line 2 is no JSON"),
        ("case_id,x\na,1\n,2\n", "case_id", "list, row 2 has no case id"),
        ('case_id,x\n"a,1\n', "case_id", "list is no CSV table"),
    ],
)
def test_what_does_not_read_is_told_with_its_line(text: str, field: str, told: str) -> None:
    with pytest.raises(UsageError) as raised:
        ids_in(text, "list", field)
    assert told in str(raised.value)


@given(st.lists(st.from_regex(r"[a-z0-9_.-]{1,12}", fullmatch=True), min_size=1))
def test_the_three_forms_say_the_same(ids: list[str]) -> None:
    plain = "\n".join(ids)
    table = "place,case_id\n" + "\n".join(f"{place},{one}" for place, one in enumerate(ids))
    lines = "\n".join(f'{{"case_id": "{one}"}}' for one in ids)
    if "case_id" not in ids[:1]:
        assert ids_in(plain, "list") == ids
    assert ids_in(table, "list") == ids_in(lines, "list") == ids


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "tools").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "tools" / "due.yaml").write_text(TOOLS)
    rows = "case_id,number,region\na-1,1,EU\na-2,2,US\na-3,3,EU\na-4,4,EU\n"
    (tmp_path / "data" / "due.csv").write_text(rows)
    return tmp_path


async def test_a_tool_over_a_table_names_cases(workspace: Path, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    async with open_tools(settings, workspace) as tools:
        toolbox = Toolbox(tools, None, lambda: NOW)  # type: ignore[arg-type]  a table asks none
        eu = await ids_of_query(toolbox, "list_due", {"region": "EU"}, NOW)
        two = await ids_of_query(toolbox, "list_due", {"region": "EU", "most": "2"}, NOW)
        none = await ids_of_query(toolbox, "list_due", {"region": "CN"}, NOW)
        numbers = await ids_of_query(toolbox, "list_due", {"region": "US"}, NOW, "number")
        assert (eu.ids, two.ids, none.ids) == (["a-1", "a-3", "a-4"], ["a-1", "a-3"], [])
        assert eu.complete
        assert numbers.ids == ["2"]
        with pytest.raises(UsageError, match="no case id in 'id'"):
            await ids_of_query(toolbox, "list_due", {"region": "EU"}, NOW, "id")
        with pytest.raises(UnknownName, match="argument of list_due 'regin'"):
            await ids_of_query(toolbox, "list_due", {"regin": "EU"}, NOW)
        with pytest.raises(UsageError, match="most"):
            await ids_of_query(toolbox, "list_due", {"region": "EU", "most": "few"}, NOW)
        with pytest.raises(SourceRefused, match="data/lost"):
            await ids_of_query(toolbox, "list_lost", {}, NOW)
