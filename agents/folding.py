"""Folding: a text as a reader takes it in, with the way back to how it stands."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_LOOKALIKES: Final = str.maketrans(
    "аеорсухіјѕԁһӏυνοαειτρκ",
    "aeopcyxijsdhluvoaeitpk",
)
"""Cyrillic and Greek small letters by the Latin ones that they are taken for."""


@dataclass(frozen=True)
class Folded:
    """A text as a reader sees it.

    Attributes:
        text: In small Latin letters where it looks like them; what cannot be seen is left out.
        origin: The index in the original of each character of ``text``.
        original: The text as it stands.
    """

    text: str
    origin: tuple[int, ...]
    original: str

    @classmethod
    def of(cls, text: str) -> Folded:
        """Fold a text."""
        pieces = [(one, index) for index, letter in enumerate(text) for one in _fold(letter)]
        return cls("".join(one for one, _ in pieces), tuple(at for _, at in pieces), text)

    def verbatim(self, start: int, end: int) -> str:
        """What stands in the original where ``text[start:end]`` stands in the folded text."""
        return self.original[self.origin[start] : self.origin[end - 1] + 1]


@lru_cache(maxsize=4096)
def _fold(character: str) -> str:
    """Small Latin letters for what looks like them; nothing for what cannot be seen."""
    if character in "\n\t":
        return "\n" if character == "\n" else " "
    folded = unicodedata.normalize("NFKD", character).casefold().translate(_LOOKALIKES)
    kept = (one for one in folded if unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Mn"))
    return "".join(" " if unicodedata.category(one) == "Zs" else one for one in kept)
