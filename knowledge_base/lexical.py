"""The lexical side of the index: the words of each family in memory, ranked by BM25.

The words lie beside the records; a family is read at its first use, and read on when there is more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from knowledge_base.bm25 import Bm25
from knowledge_base.database import State
from knowledge_base.records import Row, instant
from knowledge_base.words import Tokenizer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Score = tuple[str, float]
"""A case id and its BM25 score."""

Read = Callable[[str, int], Sequence[Row]]
"""Reads the rows of a family that were written after the row of that number."""

_FIRST = 128


class LexicalIndex:
    """Ranks the cases of families by the words they share with a text. Threads may share it.

    All methods raise what reading the records raises.
    """

    def __init__(self, read: Read, tokenizer: Tokenizer) -> None:
        self._read = read
        self._tokenizer = tokenizer
        self._lock = threading.Lock()
        self._families: dict[str, _Family] = {}

    def ranked(
        self, text: str, families: Sequence[str], state: State, before: datetime | None = None
    ) -> Generator[Score]:
        """Yield cases by falling BM25 score, ties by id: those that share a word with ``text``.

        Args:
            text: What to look for.
            families: The case types to look in.
            state: What the index holds now; what was read before is kept as long as it holds.
            before: Cases that closed at that moment or later may be left out.
        """
        (words,) = self._tokenizer.words([text])
        until = None if before is None else instant(before)
        found = [self._family(name, state).scored(words, until) for name in families]
        yield from _merged(found)

    def closed(self, families: Sequence[str], state: State, before: datetime) -> tuple[int, int]:
        """How many cases of some families closed before a moment, and how many there are."""
        found = [self._family(name, state) for name in families]
        return sum(one.closed(instant(before)) for one in found), sum(map(len, found))

    def close(self) -> None:
        """Forget what was read."""
        with self._lock:
            self._families.clear()

    def _family(self, name: str, state: State) -> _Family:
        with self._lock:
            known = self._families.get(name)
            if known is None or known.erasures != state.erasures:
                known = _Family(self._read(name, 0), state)
            elif known.written != state.written:
                known = known.grown(self._read(name, known.last), state)
            self._families[name] = known
            return known


class _Family:
    """The cases of one family as they stood at one moment."""

    def __init__(self, rows: Sequence[Row], state: State) -> None:
        import numpy as np

        self._rows = rows
        self._ids = [row.case_id for row in rows]
        self._closed_at = np.array([row.closed_at for row in rows], dtype=np.int64)
        self._bm25 = Bm25([np.frombuffer(row.words, dtype=np.uint32) for row in rows])
        self.last = rows[-1].number if rows else 0
        self.erasures, self.written = state.erasures, state.written

    def grown(self, rows: Sequence[Row], state: State) -> _Family:
        """The family with more cases; one that was written again is there once."""
        if not rows:
            self.written = state.written
            return self
        again = {row.case_id for row in rows}
        return _Family([*(row for row in self._rows if row.case_id not in again), *rows], state)

    def __len__(self) -> int:
        return len(self._ids)

    def closed(self, until: int) -> int:
        """How many cases closed before that microsecond."""
        return int((self._closed_at < until).sum())

    def scored(self, query: NDArray[np.uint32], until: int | None) -> Generator[Score]:
        """Yield ids and scores above 0, best first, ties by id."""
        import numpy as np

        scores = self._bm25.scores(query)
        if until is not None:
            scores[self._closed_at >= until] = 0
        found = np.flatnonzero(scores)
        done, limit = 0, _FIRST
        while done < len(found):
            for one in self._best(found, scores, limit)[done:]:
                done += 1
                yield self._ids[one], float(scores[one])
            limit *= 8

    def _best(self, found: NDArray[np.intp], scores: NDArray[np.float32], limit: int) -> list[int]:
        """At least the best ``limit`` of those found, in order, and who ties with the last."""
        import numpy as np

        if limit < len(found):
            held = scores[found]
            found = found[held >= np.partition(held, -limit)[-limit]]
        return sorted(found.tolist(), key=lambda one: (-scores[one], self._ids[one]))


def _merged(found: Sequence[Generator[Score]]) -> Generator[Score]:
    """Several rankings as one, by score, ties by id."""
    import heapq

    return (yield from heapq.merge(*found, key=lambda one: (-one[1], one[0])))
