"""The cases of each family in memory, as far as ranking and guarding need them.

Read at a family's first use, read on when there is more, and read anew after an erasure: at 100,000
cases that is some seconds once, and what a hundred look-ups a question would cost otherwise. It
takes about 1.5 KB a case.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from knowledge_base.bm25 import Bm25
from knowledge_base.database import State
from knowledge_base.exact import Beginning
from knowledge_base.order import rising
from knowledge_base.records import Guarded, Row, instant

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Score = tuple[str, float]
"""A case id and its BM25 score."""

Read = Callable[[str, int], Sequence[Row]]
"""Reads the rows of a family that were written after the row of that number."""


class Family:
    """The cases of one family as they stood at one moment."""

    def __init__(self, rows: Sequence[Row], state: State) -> None:
        import numpy as np

        self._rows = rows
        self._at = {row.case_id: number for number, row in enumerate(rows)}
        self._closed_at = np.array([row.closed_at for row in rows], dtype=np.int64)
        self._bm25 = Bm25([np.frombuffer(row.words, dtype=np.uint32) for row in rows])
        self._behind: defaultdict[str, list[str]] = defaultdict(list)
        for row in sorted(rows, key=lambda row: row.case_id):
            self._behind[row.vector].append(row.case_id)
        first: dict[str, int] = {}
        for row in sorted(rows, key=lambda row: row.closed_at):
            first.setdefault(row.vector, row.closed_at)
        self._vectors = tuple(first)
        self._first_closed = np.array(list(first.values()), dtype=np.int64)
        self.last = rows[-1].number if rows else 0
        self.base, self.written = (state.built, state.erasures), state.written

    def __len__(self) -> int:
        return len(self._rows)

    def grown(self, rows: Sequence[Row], state: State) -> Family:
        """The family with more cases; one that was written again is there once."""
        if not rows:
            self.written = state.written
            return self
        again = {row.case_id for row in rows}
        return Family([*(row for row in self._rows if row.case_id not in again), *rows], state)

    def guarded(self, case_id: str) -> Guarded | None:
        """What a leak guard asks of a case; None where the family has it not."""
        at = self._at.get(case_id)
        return None if at is None else self._rows[at].guarded()

    def behind(self, vector: str, before: datetime | None = None) -> Sequence[str]:
        """The cases that share a vector, by id, of what closed in time."""
        case_ids = self._behind.get(vector, ())
        if before is None:
            return case_ids
        until = instant(before)
        return [one for one in case_ids if self._rows[self._at[one]].closed_at < until]

    def early(self, before: datetime) -> Beginning:
        """The family's vectors by when the first case with each closed, so far as that was before.

        What closed early enough is the beginning of one order, whatever the moment.
        """
        return Beginning(self._vectors, int(self._first_closed.searchsorted(instant(before))))

    def scored(self, query: NDArray[np.uint32], before: datetime | None) -> Generator[Score]:
        """Yield ids and scores above 0, best first, ties by id, of what closed in time."""
        import numpy as np

        scores = self._bm25.scores(query)
        if before is not None:
            scores[self._closed_at >= instant(before)] = 0
        found = np.flatnonzero(scores)
        held = scores[found]
        for place in rising(-held, lambda place: self._rows[found[place]].case_id):
            yield self._rows[found[place]].case_id, float(held[place])


class Families:
    """The families that were read so far. Threads may share it."""

    def __init__(self, read: Read, names: Callable[[], Iterable[str]]) -> None:
        self._read = read
        self._list = names
        self._lock = threading.Lock()
        self._known: dict[str, Family] = {}
        self._names: tuple[State, tuple[str, ...]] | None = None

    def names(self, state: State) -> tuple[str, ...]:
        """All families by name, as they are in that state of the index."""
        with self._lock:
            if self._names is None or self._names[0] != state:
                self._names = state, tuple(self._list())
            return self._names[1]

    def of(self, name: str, state: State) -> Family:
        """A family, as it is in that state of the index.

        Raises:
            StoreCorrupt: its rows do not read.
        """
        with self._lock:
            known = self._known.get(name)
            if known is None or known.base != (state.built, state.erasures):
                known = Family(self._read(name, 0), state)
            elif known.written != state.written:
                known = known.grown(self._read(name, known.last), state)
            self._known[name] = known
            return known

    def clear(self) -> None:
        """Forget what was read."""
        with self._lock:
            self._known.clear()
            self._names = None
