"""Folding: a text as a reader takes it in, with the way back to how it stands."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_LOOKALIKES: Final = str.maketrans(
    "аеорсухіјѕԁһӏυνοαειτρκ",
    "aeopcyxijsdhluvoaeitpk",
)
"""Cyrillic and Greek small letters by the Latin ones that they are taken for."""


_SPACED: Final = re.compile(r"(?<!\w)(?:[a-z] ){4,}[a-z](?!\w)")
"""A word written letter by letter."""


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
        return self.original[slice(*self.place(start, end))]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where in the original that stands, the last character exclusive."""
        return self.origin[start], self.origin[end - 1] + 1

    def joined(self) -> Folded:
        """The same text with words in one piece that are written letter by letter."""
        blanks = {
            at
            for run in _SPACED.finditer(self.text)
            for at in range(run.start() + 1, run.end() - 1, 2)
        }
        kept = [at for at in range(len(self.text)) if at not in blanks]
        text = "".join(self.text[at] for at in kept)
        return Folded(text, tuple(self.origin[at] for at in kept), self.original)


@lru_cache(maxsize=4096)
def _fold(character: str) -> str:
    """Small Latin letters for what looks like them; nothing for what cannot be seen."""
    if character in "\n\t":
        return "\n" if character == "\n" else " "
    folded = unicodedata.normalize("NFKD", character).casefold().translate(_LOOKALIKES)
    kept = (one for one in folded if unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Mn"))
    return "".join(" " if unicodedata.category(one) == "Zs" else one for one in kept)
