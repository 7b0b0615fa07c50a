"""BM25 over one family of texts in memory (Robertson and Zaragoza 2009), as arrays.

A search engine on disk scores row by row. Here all texts that hold a word are scored at once; at
100,000 texts that is the difference between a second and some milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from knowledge_base.words import Words

K1 = 1.2
B = 0.75
"""The usual constants, those of SQLite's FTS5 and of Lucene."""

BUDGET = 300_000
"""Most texts scored for one query, counted for each of its words: the rarest words first, and
where there are more, those are left out that nearly every text has."""


class Bm25:
    """The words of some texts, by word; texts are numbered as they come."""

    def __init__(self, texts: Sequence[Words]) -> None:
        import numpy as np

        lengths = np.array([len(text) for text in texts], dtype=np.int64)
        self._norms = K1 * (1 - B + B * lengths / max(1.0, lengths.mean() if len(texts) else 1.0))
        words = np.concatenate([np.empty(0, dtype=np.uint32), *texts]).astype(np.uint64)
        numbers = np.repeat(np.arange(len(texts), dtype=np.uint64), lengths)
        pairs, counts = np.unique(words << np.uint64(32) | numbers, return_counts=True)
        self._texts = (pairs & np.uint64(0xFFFFFFFF)).astype(np.int32)
        norms = self._norms[self._texts]
        self._weights = (counts * (K1 + 1) / (counts + norms)).astype(np.float32)
        self._words, starts = np.unique(pairs >> np.uint64(32), return_index=True)
        self._starts = np.append(starts, len(pairs))

    def scores(self, query: Words) -> NDArray[np.float32]:
        """The score of each text against the different words of ``query``; 0 where none occurs."""
        import numpy as np

        size = len(self._norms)
        scores = np.zeros(size, dtype=np.float32)
        for start, end in self._wanted(query):
            held = end - start
            weight = np.float32(np.log1p((size - held + 0.5) / (held + 0.5)))
            np.add.at(scores, self._texts[start:end], weight * self._weights[start:end])
        return scores

    def _wanted(self, query: Words) -> Iterator[tuple[int, int]]:
        """Where the query's words stand, the rarest first, as far as the budget reaches."""
        import numpy as np

        words = np.unique(query)
        at = np.minimum(np.searchsorted(self._words, words), max(0, len(self._words) - 1))
        held = at[self._words[at] == words] if len(self._words) else at[:0]
        spans = np.stack([self._starts[held], self._starts[held + 1]], axis=1)
        spans = spans[np.argsort(spans[:, 1] - spans[:, 0], kind="stable")]
        spent = np.cumsum(spans[:, 1] - spans[:, 0])
        within = max(1, int(np.searchsorted(spent, BUDGET, side="right")))
        yield from ((int(start), int(end)) for start, end in spans[:within])
