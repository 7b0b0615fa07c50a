"""Texts as sequences of words, so that they are known again although something was changed.

Invisible characters, also spelled out as ``⟨U+200B⟩``, case, width and punctuation count nothing;
Chinese is taken character by character.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

_UNSEEN: Final = re.compile(
    r"⟨U\+[0-9A-Fa-f]{4,6}⟩|[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f]"
)
_WORD: Final = re.compile(r"[\u3400-\u9fff]|[^\W\d_\u3400-\u9fff]+|\d+")
_SENTENCE: Final = re.compile(r"[^.!?\u3002\uff01\uff1f\n]+[.!?\u3002\uff01\uff1f]*")
WINDOW: Final = 4
"""Words in a row that make a text known again."""


def plain(text: str) -> str:
    """The text without what cannot be seen, in one case and width."""
    return unicodedata.normalize("NFKC", _UNSEEN.sub("", text)).casefold()


def words(text: str) -> list[str]:
    """The words of a text in their order; numbers count as words."""
    return _WORD.findall(plain(text))


def shingles(text: str) -> set[tuple[str, ...]]:
    """All runs of ``WINDOW`` words; of a shorter text the whole, of an empty one nothing."""
    found = words(text)
    if len(found) <= WINDOW:
        return {tuple(found)} if found else set()
    return {tuple(found[at : at + WINDOW]) for at in range(len(found) - WINDOW + 1)}


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text, each exactly as it stands there, without blanks around it."""
    for match in _SENTENCE.finditer(text):
        sentence = match[0].strip().removeprefix(">").strip()
        if any(char.isalnum() for char in sentence):
            yield sentence
