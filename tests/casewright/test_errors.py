from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from casewright import errors
from casewright.errors import (
    CasewrightError,
    EnvironmentFault,
    ExpressionError,
    HomeUnwritable,
    SopError,
    SourceRefused,
    UnknownCase,
    UnknownName,
    UsageError,
)

NODE = re.compile(r"^ {4}(?P<lead>[│├└─ ]*)(?P<name>[A-Z]\w+)(  |$)")


def drawn() -> Iterator[tuple[str, str]]:
    """Child and parent of every line of the tree in the module's docstring."""
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        if found := NODE.match(line):
            del path[len(found["lead"]) // 4 :]
            yield found["name"], path[-1] if path else "Exception"
            path.append(found["name"])


def below(error: type[Exception]) -> Iterator[type[Exception]]:
    yield error
    for child in error.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from below(child)


def test_the_tree_in_the_docstring_is_the_tree_of_classes() -> None:
    assert dict(drawn()) == {
        error.__name__: parent.__name__
        for error in below(CasewrightError)
        for parent in error.__bases__
    }


def test_every_exception_of_the_module_is_in_the_tree() -> None:
    named = {n for n, v in vars(errors).items() if isinstance(v, type) and issubclass(v, Exception)}
    assert named == dict(drawn()).keys()


@pytest.mark.parametrize("error", list(below(CasewrightError)))
def test_what_the_user_can_mend_exits_with_2_and_the_rest_with_1(
    error: type[CasewrightError],
) -> None:
    mendable = issubclass(error, UsageError | HomeUnwritable)
    assert error.exit_code == (2 if mendable else 1)


def test_an_error_reads_as_one_line_with_its_remedy() -> None:
    error = EnvironmentFault("The disk is full.", remedy="Make room.")
    assert str(error) == "The disk is full. Make room."
    assert (error.message, error.remedy) == ("The disk is full.", "Make room.")
    assert str(UnknownCase("No such case.")) == "No such case."


def test_an_unknown_name_is_answered_with_the_nearest_valid_one() -> None:
    error = UnknownName.among("tool", "get_ordr", ["get_seller", "get_order"])
    assert str(error) == "There is no tool 'get_ordr'. Did you mean 'get_order'?"


def test_a_name_near_to_nothing_is_answered_with_all_valid_ones() -> None:
    error = UnknownName.among("SOP", "zzz", iter(["late_shipment", "fake_shipping"]))
    assert error.remedy == "Known: fake_shipping, late_shipment."


def test_where_nothing_is_known_it_says_so() -> None:
    assert UnknownName.among("SOP", "x", []).remedy == "Known: none."


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ({"file": "sop.yaml", "line": 3, "column": 7}, "sop.yaml:3:7: wrong"),
        ({"file": "sop.yaml", "line": 3}, "sop.yaml:3: wrong"),
        ({"file": "sop.yaml"}, "sop.yaml: wrong"),
        ({"file": "sop.yaml", "column": 7}, "sop.yaml: wrong"),
        ({}, "wrong"),
    ],
)
@pytest.mark.parametrize("kind", [SopError, ExpressionError])
def test_an_sop_error_says_where(kind: type[SopError], place: dict[str, str], told: str) -> None:
    error = kind("wrong", **place)  # type: ignore[arg-type]
    assert error.message == told
    assert (error.file, error.line) == (place.get("file", ""), place.get("line", 0))


def test_a_source_error_carries_the_code_of_the_source() -> None:
    error = SourceRefused("The token may not read orders.", code="scope_missing", remedy="Ask.")
    assert error.code == "scope_missing"
    assert str(error) == "The token may not read orders. Ask."
