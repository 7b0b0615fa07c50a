"""Text as a model is shown it: what cannot be seen is spelled out, and quotes map back."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache

_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

_UNSEEN_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Blank although Unicode counts them as letters, marks or symbols."""

_VARIATION_SELECTORS = (range(0x180B, 0x1810), range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))


@dataclass(frozen=True)
class VisibleText:
    """A text beside the form in which it is shown.

    Control, format and other unseen characters are shown as ``⟨U+200B⟩``; every kind of space as
    a space; line breaks and tabs stay. Party text can carry instructions in such characters, and
    a reader has to see them to quote them.

    Attributes:
        original: The text as it stands in the evidence.
    """

    original: str

    @cached_property
    def _pieces(self) -> tuple[str, ...]:
        following = f"{self.original[1:]}\0"
        return tuple(
            "" if character == "\r" and after == "\n" else _visible(character)
            for character, after in zip(self.original, following, strict=False)
        )

    @cached_property
    def shown(self) -> str:
        """The text as it is shown."""
        return "".join(self._pieces)

    def verbatim(self, quote: str) -> str | None:
        """What ``quote`` quotes, exactly as it stands in the original.

        Args:
            quote: Words copied from the original, or from the shown form.

        Returns:
            A substring of the original; None where the quote stands in neither form, or holds
            no letter and no digit, so that it would prove nothing.
        """
        if not any(character.isalnum() for character in quote):
            return None
        if quote in self.original:
            return quote
        start = self.shown.find(quote)
        return None if start < 0 else self._original_of(start, start + len(quote))

    def _original_of(self, start: int, end: int) -> str:
        origin = [index for index, piece in enumerate(self._pieces) for _ in piece]
        return self.original[origin[start] : origin[end - 1] + 1]


@lru_cache(maxsize=4096)
def _visible(character: str) -> str:
    if character in "\n\t":
        return character
    category = unicodedata.category(character)
    if category == "Zs":
        return " "
    return f"⟨U+{ord(character):04X}⟩" if _unseen(character, category) else character


def _unseen(character: str, category: str) -> bool:
    return (
        category in _UNSEEN_CATEGORIES
        or character in _UNSEEN_LETTERS
        or any(ord(character) in selectors for selectors in _VARIATION_SELECTORS)
    )
