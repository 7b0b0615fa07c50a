"""Documents laid over one another: the result, and where each part of it stands."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casewright.document import Document, parse_yaml
from casewright.errors import SopError
from graphs.merge import Merged, Part, laid_over, with_rows, written_in


def doc(text: str, file: str) -> Document:
    return parse_yaml(text, file=file)


def merged(below: str, above: str) -> Merged:
    own = doc(above, "above.yaml")
    whole = laid_over(Part.of(doc(below, "below.yaml")), Part.of(own))
    return Merged(whole.plain, own.file, whole=whole)


JSON = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=4)
    ),
    max_leaves=12,
)


def patched(below: Any, above: Any) -> Any:
    """RFC 7396 as its text has it, for patches that leave nothing out."""
    if not isinstance(above, dict):
        return above
    below = below if isinstance(below, dict) else {}
    return {**below, **{key: patched(below.get(key), value) for key, value in above.items()}}


@given(JSON, JSON)
def test_what_is_laid_over_is_a_merge_patch(below: Any, above: Any) -> None:
    one, other = Document(below, "below"), Document(above, "above")
    whole = laid_over(Part.of(one), Part.of(other))
    assert whole.plain == patched(below, above)
    assert set(whole.files) <= {"below", "above"}


@given(JSON)
def test_a_document_over_itself_is_itself(value: Any) -> None:
    part = Part.of(Document(value, "same"))
    assert laid_over(part, part).plain == value


BELOW = """\
actions:
  order:
    tool: get_order
    with: {order_id: appeal.order_id}
    required: true
"""
ABOVE = """\
sop: small
actions:
  order:
    required: null
    with:
      order_id: case.subject.order_id
"""


def test_every_part_keeps_its_place() -> None:
    document = merged(BELOW, ABOVE)
    order = {"tool": "get_order", "with": {"order_id": "case.subject.order_id"}}
    assert document.value == {"sop": "small", "actions": {"order": order}}
    assert document.place(("actions", "order", "tool")) == ("below.yaml", 3, 5)
    assert document.place(("actions", "order", "with", "order_id")) == ("above.yaml", 6, 7)
    assert document.place(("actions", "order", "when")) == ("above.yaml", 3, 3)
    told = document.error("no such tool", ("actions", "order", "tool"))
    assert told.message == "below.yaml:3:5: no such tool"


def test_a_part_says_which_files_it_came_from() -> None:
    document = merged(BELOW, ABOVE)
    assert written_in(document, ("actions", "order")) == "below.yaml; here: with"
    assert written_in(document, ("actions", "order", "tool")) == "below.yaml"
    assert written_in(document, ("sop",)) == ""
    assert written_in(document, ("actions", "scans")) == ""


def test_nothing_can_be_left_out_that_is_not_there() -> None:
    with pytest.raises(SopError, match=r"^above\.yaml:2:3: .*part to leave out 'ordr'") as caught:
        merged(BELOW, "actions:\n  ordr: null\n")
    assert caught.value.remedy == "Did you mean 'order'?"


TABLE = """\
- {if: a, then: yes}
- {id: second, if: b, then: no}
- {if: true, then: no}
"""


def changed(changes: str) -> Any:
    table = Part.of(doc(TABLE, "base.yaml"))
    return with_rows(table, Part.of(doc(changes, "own.yaml"))).plain


@pytest.mark.parametrize("name", ["2", "second"])
def test_a_row_is_changed_by_number_or_id(name: str) -> None:
    rows = changed(f"{name}: {{then: maybe}}")
    assert rows[1] == {"id": "second", "if": "b", "then": "maybe"}
    assert [row["if"] for row in rows] == ["a", "b", True]


def test_numbers_are_those_of_the_table_that_is_changed() -> None:
    rows = changed("1: null\n3: {if: c}\n")
    assert [row["if"] for row in rows] == ["b", "c"]


def test_a_new_row_stands_last_or_before_another() -> None:
    rows = changed("late: {if: x, then: yes, before: second}\nlast: {if: y, then: no}\n")
    assert [row["if"] for row in rows] == ["a", "x", "b", True, "y"]
    assert rows[1] == {"id": "late", "if": "x", "then": "yes"}
    rows = changed("another: {if: x, then: no, before: 2}")
    assert [row["if"] for row in rows] == ["a", "x", "b", True]


@pytest.mark.parametrize(
    ("changes", "told", "near"),
    [
        ("secnd: {then: yes}", "no row 'secnd'", "Did you mean 'second'?"),
        ("secnd: null", "no row 'secnd'", "Did you mean 'second'?"),
        ("new: {if: x, then: no, before: secnd}", "no row 'secnd'", "Did you mean 'second'?"),
        ("7: {then: no}", "no row '7'", ""),
    ],
)
def test_rows_that_are_not_there(changes: str, told: str, near: str) -> None:
    with pytest.raises(SopError, match=rf"^own\.yaml:1:\d+: .*{told}") as caught:
        changed(changes)
    assert near in caught.value.remedy
