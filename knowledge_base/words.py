"""From a text to the numbers of its words: what the lexical side of the index counts.

The tokenizer is that of SQLite's FTS5, asked through a table in memory: Unicode words without
diacritics, under Porter's stemmer (Porter 1980). Chinese, Japanese and Korean runs carry no spaces,
so they are cut into overlapping pairs of characters, the usual choice where no dictionary is at
hand (Nie et al. 2000). A stem is kept as 32 bits of a checksum alone: two of 50,000 stems share one
by chance once in three such vocabularies, and no word of a text stands in the index.
"""

from __future__ import annotations

import re
import sqlite3
import threading
import zlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Words = NDArray[np.uint32]
    """Numbers of words, ascending; one for each time it occurs."""

_WORD = re.compile(r"\w+")
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]+")
_FUNCTION_WORDS = frozenset(
    _WORD.findall(
        "a an and are as at be been but by can could did do does for from had has have he her his "
        "how i if in is it its my no not of on or our she should so that the their them there they "
        "this to was we were what when where which who why will with would you your "
        "al como con de del el ella en era es esta este fue ha han hay la las le lo los mas me mi "
        "muy no nos para pero por que se ser si sin son su sus un una y ya yo"
    )
)
"""English and Spanish words that are in nearly every text: nothing to find by them."""

_TABLES = """
CREATE VIRTUAL TABLE texts USING fts5 (text, tokenize = 'porter unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE stems USING fts5vocab (texts, instance);
"""


class Tokenizer:
    """Cuts texts into words. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tables: sqlite3.Connection | None = None

    def words(self, texts: Sequence[str]) -> list[Words]:
        """The words of each text, function words left out."""
        import numpy as np

        found: list[list[int]] = [[] for _ in texts]
        for number, stem in self._stems(texts):
            found[number - 1].append(zlib.crc32(stem.encode()))
        return [np.array(sorted(words), dtype=np.uint32) for words in found]

    def _stems(self, texts: Sequence[str]) -> Iterable[tuple[int, str]]:
        rows = [(number, _spoken(text)) for number, text in enumerate(texts, start=1)]
        with self._lock:
            if self._tables is None:
                self._tables = sqlite3.connect(":memory:", check_same_thread=False)
                self._tables.executescript(_TABLES)
            self._tables.executemany("INSERT INTO texts (rowid, text) VALUES (?, ?)", rows)
            stems = self._tables.execute("SELECT doc, term FROM stems").fetchall()
            self._tables.rollback()
        return stems


def _spoken(text: str) -> str:
    """The text's words with spaces between them, but for function words."""
    spaced = _UNSPACED.sub(lambda run: f" {' '.join(_pairs(run.group()))} ", text)
    return " ".join(w for w in _WORD.findall(spaced.lower()) if w not in _FUNCTION_WORDS)


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)] or [run]
