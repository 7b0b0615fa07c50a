"""Sentences: how they split, fill and spell."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.scope import Bound, Read
from graphs.sentence import Sentence, spell

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
SCOPE = {"order": Bound({"at": AT, "n": 2, "b": None}, "order")}


def test_holes_are_filled_and_read_once() -> None:
    sentence = Sentence.parse("{order.n} of {order.n} by {order.at}: {{sic}}.")
    assert sentence.fill(SCOPE) == (
        "2 of 2 by 2026-03-01 09:30 UTC: {sic}.",
        (Read("order", "/n"), Read("order", "/at")),
    )


@pytest.mark.parametrize("text", ["{order.b} here", "{order.gone}", "{scans.n} {order.n}"])
def test_a_sentence_with_an_absent_field_is_not_told(text: str) -> None:
    assert Sentence.parse(text).fill(SCOPE) is None


def test_a_sentence_without_holes_reads_nothing() -> None:
    assert Sentence.parse("Plain.").fill({}) == ("Plain.", ())


@pytest.mark.parametrize("text", ["{order", "order}", "{a{b}"])
def test_braces_must_match(text: str) -> None:
    with pytest.raises(ValueError, match=r"[{}]"):
        Sentence.parse(text)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (True, "yes"),
        (False, "no"),
        (1, "1"),
        (0.05, "0.05"),
        (72.0, "72"),
        (1e-9, "1e-09"),
        ("x", "x"),
    ],
)
def test_values_are_spelled_for_people(value: Any, told: str) -> None:
    assert spell(value) == told


@given(st.lists(st.text(st.characters(exclude_characters="{}")), min_size=1, max_size=4))
def test_the_text_around_the_holes_stays_as_it_is(pieces: list[str]) -> None:
    filled = Sentence.parse("{order.n}".join(pieces)).fill(SCOPE)
    assert filled is not None
    assert filled[0] == "2".join(pieces)
