"""Personal data is found by its shape, and what a question may rest on is left alone."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from agents import personal
from agents.personal import Span, in_fields, kept, known, patterned, require_presidio
from agents.tokens import united
from casewright.errors import EnvironmentFault

PLANTED: dict[str, Any] = YAML(typ="safe").load(
    (Path(__file__).parents[2] / "benchmarks/planted.yaml").read_text("utf-8")
)
BARE_NAMES = 5
"""Planted names that nothing announces: without a language model only records can tell them."""


def hides(text: str, value: str) -> bool:
    start = text.index(value)
    return any(
        one.start <= start and start + len(value) <= one.end for one in united(patterned(text))
    )


def test_all_planted_data_is_found_but_for_names_that_nothing_announces() -> None:
    missed = [row for row in PLANTED["planted"] if not hides(row[3], row[2])]
    assert {kind for kind, *_ in missed} == {"PERSON"}
    assert len(missed) == BARE_NAMES


@pytest.mark.parametrize("text", PLANTED["kept"])
def test_orders_dates_tracking_numbers_and_amounts_stay(text: str) -> None:
    assert patterned(text) == ()


def test_nothing_is_fetched_over_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    assert patterned("Write to jane@shop.co.uk or jane@nowhere.invalidtld")[0].end == 24


def test_words_of_the_records_are_found_across_line_breaks_and_within_words_not() -> None:
    text = "ANN  MARIE\nLEE and Lee; Leeds. 赵丽娜收到了"
    found = [text[one.start : one.end] for one in known(text, ["Ann Marie Lee", "Lee", "赵丽娜"])]
    assert found == ["ANN  MARIE\nLEE", "Lee", "赵丽娜"]


def test_personal_fields_of_json_are_read_and_quoted_text_is_not() -> None:
    text = (
        '{"legal_name": "Ann Lee", "text": "\\"legal_name\\": \\"of course\\"", "brand_name": "Fi"}'
    )
    assert list(in_fields(text)) == ["Ann Lee"]


def test_identifiers_of_the_records_are_kept_however_they_are_written() -> None:
    text = "Parcel 4111-1111-1111-1111, account of sel_4111111"
    assert kept(text, Span(7, 26, "CARD"), {"4111111111111111"})
    assert kept(text, Span(43, 50, "BANK"), set())
    assert not kept(text, Span(7, 26, "CARD"), set())


def test_without_presidio_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(personal, "find_spec", lambda _name: None)
    with pytest.raises(EnvironmentFault, match=r"casewright\[privacy\].*MODEL_PRIVACY=off"):
        require_presidio()
