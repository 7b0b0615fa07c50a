from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from casewright.document import Document, parse_yaml, raise_invalid, unknown_name
from casewright.errors import SopError

TEXT = """\
sop: late
actions:
  order: {tool: get_order, required: true}
  scans:
    tool: list_scans
table:
  - if: late
    then: uphold
  - if: "!late"
"""


class Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    tool: str
    limit: int = Field(default=1, ge=1)
    day: date | None = None

    @field_validator("tool")
    @classmethod
    def _known(cls, tool: str) -> str:
        if tool == "nothing":
            raise ValueError("Nothing is no tool")
        return tool


def parse(text: str, first_line: int = 1) -> Document:
    return parse_yaml(text, file="sop.yaml", first_line=first_line)


def complaint(text: str) -> str:
    document = parse(text)
    with pytest.raises(ValidationError) as caught:
        Entry.model_validate(document.value)
    with pytest.raises(SopError) as told:
        raise_invalid(caught.value, document, Entry)
    assert ("Did you mean" in told.value.remedy) == ("no such key" in told.value.message)
    return told.value.message


@pytest.mark.parametrize(
    ("where", "place"),
    [
        ((), (1, 1)),
        (("sop",), (1, 1)),
        (("actions", "order"), (3, 3)),
        (("actions", "order", "required"), (3, 28)),
        (("actions", "scans", "tool"), (5, 5)),
        (("table", 1), (9, 5)),
        (("table", 0, "then"), (8, 5)),
    ],
)
def test_every_part_knows_where_it_stands(where: tuple[Any, ...], place: tuple[int, int]) -> None:
    assert parse(TEXT).position(where) == place


@pytest.mark.parametrize(
    ("where", "nearest"),
    [
        (("actions", "scans", "with"), ("actions", "scans")),
        (("actions", "order", "tool", "deeper"), ("actions", "order", "tool")),
        (("table", 7), ("table",)),
        (("table", "if"), ("table",)),
        (("nothing", "at", "all"), ()),
    ],
)
def test_what_does_not_exist_stands_where_its_deepest_part_does(
    where: tuple[Any, ...], nearest: tuple[Any, ...]
) -> None:
    document = parse(TEXT)
    assert document.position(where) == document.position(nearest)


def test_lines_count_from_where_the_text_starts_in_its_file() -> None:
    assert parse("a: 1\nb: 2\n", first_line=10).position(("b",)) == (11, 1)
    with pytest.raises(SopError, match=r"^sop.yaml:11:"):
        parse("a: 1\nb: c: d\n", first_line=10)


@settings(max_examples=50, deadline=None)
@given(keys=st.lists(st.from_regex(r"[a-z]{2,6}x", fullmatch=True), min_size=1, unique=True))
def test_a_position_is_where_the_key_is_written(keys: list[str]) -> None:
    lines = [f"{key}: {{inner: {number}}}" for number, key in enumerate(keys)]
    document = parse("\n".join(lines))
    for key in keys:
        line, column = document.position((key, "inner"))
        assert lines[line - 1][column - 1 :].startswith("inner")
        assert lines[line - 1].startswith(f"{key}:")


@pytest.mark.parametrize("text", ["a: [1\nb: 2\n", "a: 'open\n", "\ta: 1\n", "a: b: c\n", "*x\n"])
def test_what_is_no_yaml_is_told_with_its_place(text: str) -> None:
    with pytest.raises(SopError, match="not valid YAML") as caught:
        parse(text)
    assert caught.value.line >= 1
    assert caught.value.message.startswith("sop.yaml:")


def test_a_character_that_yaml_forbids_is_told() -> None:
    with pytest.raises(SopError, match=r"^sop.yaml: not valid YAML"):
        parse("a: \x00\n")


def test_nesting_without_end_is_told() -> None:
    with pytest.raises(SopError, match=r"^sop.yaml: nested too deeply"):
        parse("[" * 600)


def test_a_key_that_is_there_twice_is_told_without_its_value() -> None:
    with pytest.raises(SopError, match="duplicate key") as caught:
        parse("a: 1\na: a secret of many words\n")
    assert caught.value.line == 2
    assert "secret" not in caught.value.message


def test_a_date_stays_as_it_is_written_so_that_a_wrong_one_has_a_place() -> None:
    assert parse("day: 2026-02-30\n").value["day"] == "2026-02-30"
    assert complaint("tool: t\nday: 2026-02-30\n").startswith("sop.yaml:2:1: day: ")


def test_a_tag_builds_no_object() -> None:
    value = parse("a: !!python/object/apply:os.getcwd []\n").value["a"]
    assert not isinstance(value, str)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("tool: get_order\nlimt: 3\n", "sop.yaml:2:1: limt: there is no such key."),
        ("tol: get_order\n", "sop.yaml:1:1: tol: there is no such key."),
        ("limit: 3\n", "sop.yaml:1:1: tool: this key is required"),
        ("tool: nothing\n", "sop.yaml:1:1: tool: nothing is no tool"),
        ("tool: t\nlimit: 0\n", "sop.yaml:2:1: limit: input should be greater than or equal to 1"),
    ],
)
def test_the_first_mistake_is_told_in_plain_words(text: str, told: str) -> None:
    assert complaint(text) == told


def test_a_document_of_the_wrong_shape_is_told() -> None:
    assert complaint("- a\n").startswith("sop.yaml:1:1: the document: ")


def test_an_unknown_name_is_told_at_its_place_with_the_nearest() -> None:
    where = ("actions", "scans", "tool")
    error = unknown_name(parse(TEXT), where, "tool", "list_scan", ["list_scans", "get_order"])
    assert error.message == "sop.yaml:5:5: There is no tool 'list_scan'."
    assert error.remedy == "Did you mean 'list_scans'?"
