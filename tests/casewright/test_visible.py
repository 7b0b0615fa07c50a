from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casewright.visible import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, 中文, ñ", "plain, 中文, ñ"),
        ("a\nb\x1b[31m", "a⟨U+000A⟩b⟨U+001B⟩[31m"),
        ("\u202etxt", "⟨U+202E⟩txt"),
        ("a\u00a0b\u200db", "a\u00a0b\u200db"),
        ("a\ud800", "a⟨U+D800⟩"),
    ],
)
def test_what_is_no_mark_on_paper_is_shown_by_its_number(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text(st.characters(codec=None)))
def test_nothing_that_commands_or_reorders_is_left(text: str) -> None:
    left = {unicodedata.category(one) for one in visible(text) if one not in "\u200c\u200d"}
    assert not left & {"Cc", "Cf", "Cs", "Zl", "Zp"}
