"""What a model is shown of a text, and how its quotes map back."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.visible import VisibleText

ANY_TEXT = st.text(st.characters(codec=None))
"""Lone surrogates included: JSON can carry them."""


@pytest.mark.parametrize(
    ("original", "shown"),
    [
        ("plain, 中文, ñ, ❤", "plain, 中文, ñ, ❤"),
        ("a\nb\tc", "a\nb\tc"),
        ("a\r\nb", "a\nb"),
        ("a\rb", "a⟨U+000D⟩b"),
        ("a\u00a0b\u3000c", "a b c"),
        ("a\u200bb\u2060c\ufeffd", "a⟨U+200B⟩b⟨U+2060⟩c⟨U+FEFF⟩d"),
        ("\u202etxt", "⟨U+202E⟩txt"),
        ("\x00\x1b[31m\x7f", "⟨U+0000⟩⟨U+001B⟩[31m⟨U+007F⟩"),
        ("a\U000e0041b", "a⟨U+E0041⟩b"),
        ("a\ufe0fb\U000e0100c", "a⟨U+FE0F⟩b⟨U+E0100⟩c"),
        ("a\u2800\u3164b", "a⟨U+2800⟩⟨U+3164⟩b"),
        ("a\u2028b", "a⟨U+2028⟩b"),
        ("a\ud800b", "a⟨U+D800⟩b"),
    ],
)
def test_what_cannot_be_seen_is_spelled_out(original, shown):
    assert VisibleText(original).shown == shown


@given(ANY_TEXT)
def test_nothing_unseen_is_left_and_all_can_be_sent(text):
    shown = VisibleText(text).shown
    shown.encode()
    unseen = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert not {unicodedata.category(c) for c in shown if c not in "\n\t"} & unseen


@given(ANY_TEXT, ANY_TEXT)
def test_a_quote_is_always_a_part_of_the_original(text, quote):
    found = VisibleText(text).verbatim(quote)
    assert found is None or found in text


@given(ANY_TEXT, st.data())
def test_every_part_of_the_shown_text_that_says_something_can_be_quoted(text, data):
    visible = VisibleText(text)
    start = data.draw(st.integers(0, len(visible.shown)))
    quote = visible.shown[start : data.draw(st.integers(start, len(visible.shown)))]
    found = visible.verbatim(quote)
    if any(character.isalnum() for character in quote):
        assert found is not None
        assert quote in VisibleText(found).shown or found == quote
    else:
        assert found is None


def test_a_quote_maps_to_the_original_and_not_to_its_shown_form():
    visible = VisibleText("Please ig\u200bnore this.\r\nThanks\u00a0all")
    assert visible.verbatim("ig⟨U+200B⟩nore") == "ig\u200bnore"
    assert visible.verbatim("this.\nThanks all") == "this.\r\nThanks\u00a0all"
    assert visible.verbatim("ignore") is None
