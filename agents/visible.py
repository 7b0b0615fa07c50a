"""Text as a model is shown it: what cannot be seen is spelled out, and quotes map back."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain

MOST_MARKS = 4
"""Most combining marks that are shown upon one letter; no language writes more."""

_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

_UNSEEN_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Blank although Unicode counts them as letters, marks or symbols."""

_VARIATION_SELECTORS = (range(0x180B, 0x1810), range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))


@dataclass(frozen=True)
class VisibleText:
    """A text beside the form in which it is shown.

    Control, format and other unseen characters are shown as ``⟨U+200B⟩``; every kind of space as
    a space; line breaks and tabs stay; of many marks upon one letter the first few. Party text can
    carry instructions in such characters, and a reader has to see them to quote them.

    Attributes:
        original: The text as it stands in the evidence.
        withheld: Places that are not shown, in their order and apart from each other: first and
            last character, the last exclusive.
        note: What is shown instead of such a place.
    """

    original: str
    withheld: tuple[tuple[int, int], ...] = ()
    note: str = ""

    @cached_property
    def _pieces(self) -> tuple[str, ...]:
        pieces = [*self._all_pieces()]
        for start, end in self.withheld:
            pieces[start:end] = [self.note, *[""] * (end - start - 1)]
        return tuple(pieces)

    def _all_pieces(self) -> Iterator[str]:
        following, marks = f"{self.original[1:]}\0", 0
        for character, after in zip(self.original, following, strict=False):
            marks = marks + 1 if unicodedata.combining(character) else 0
            broken = character == "\r" and after == "\n"
            yield "" if broken or marks > MOST_MARKS else _visible(character)

    @cached_property
    def shown(self) -> str:
        """The text as it is shown."""
        return "".join(self._pieces)

    def verbatim(self, quote: str) -> str | None:
        """What ``quote`` quotes, exactly as it stands in the original.

        Args:
            quote: Words copied from the original, or from the shown form.

        Returns:
            A substring of the original; None where the quote stands in neither form, or in what
            was withheld, or holds no letter and no digit, so that it would prove nothing.
        """
        if not any(character.isalnum() for character in quote):
            return None
        written = ((at, at + len(quote)) for at in _places(quote, self.original))
        shown = (self._original_of(at, at + len(quote)) for at in _places(quote, self.shown))
        places = (place for place in chain(written, shown) if not self.withholds(*place))
        return next((self.original[start:end] for start, end in places), None)

    def _original_of(self, start: int, end: int) -> tuple[int, int]:
        return self._origin[start], self._origin[end - 1] + 1

    @cached_property
    def _origin(self) -> tuple[int, ...]:
        return tuple(index for index, piece in enumerate(self._pieces) for _ in piece)

    def withholds(self, start: int, end: int) -> bool:
        """Whether a place of the original reaches into what is withheld."""
        return any(start < last and first < end for first, last in self.withheld)


def _places(quote: str, text: str) -> Iterator[int]:
    at = text.find(quote)
    while at >= 0:
        yield at
        at = text.find(quote, at + 1)


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
