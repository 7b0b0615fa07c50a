"""A new set of vectors is filled beside the one that serves, and then takes its place.

It is how an index changes its embedding model without a pause, and how erased vectors leave the
disk: a graph of neighbours on disk keeps the bytes of what was deleted from it, so what remains is
copied and the old files go.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

from casewright.errors import HomeUnwritable
from casewright.models import ClosedCase
from knowledge_base.database import Space, State
from knowledge_base.dense import DenseIndex
from knowledge_base.index import CLAUSES, VECTORS, Index, document, fill, pages
from knowledge_base.records import Named

Progress = Callable[[int, int], None]
"""Told how many vectors are done, and of how many."""


def reembed(index: Index, progress: Progress | None = None) -> int:
    """Embed everything with the preferred model, beside the vectors that serve meanwhile.

    Safe to run again after an interruption: what was embedded is kept. Readers go on with the old
    vectors up to the switch, which is one write, and with the new ones from then on.

    Returns:
        How many vectors the new set has; 0 where the preferred model serves already.

    Raises:
        CasewrightError: the model or the index fails; the old vectors go on serving.
    """
    state = index.database.state()
    wanted = index.embeddings.preferred
    if state.space.embedder == wanted.name:
        return 0
    space = _begun(index, wanted.name)

    def embed(dense: DenseIndex, family: str, page: Sequence[Named]) -> None:
        fill(dense, wanted, family, _documents(index, page))

    return _move(index, state, space, embed, progress)


def recopy(index: Index, progress: Progress | None = None) -> int:
    """Copy the vectors that a case still names to a new set, and delete the old one's files.

    Returns:
        How many vectors the new set has.
    """
    state = index.database.state()
    for space in index.database.filling():  # may hold what is to be erased
        index.discard(space)
    old, space = index.dense(state), _begun(index, state.space.embedder)

    def copy(dense: DenseIndex, family: str, page: Sequence[Named]) -> None:
        _copy(old, dense, family, [one.vector for one in page])

    return _move(index, state, space, copy, progress)


def _begun(index: Index, embedder: str) -> Space:
    """The set of that model which an interrupted run left, or a new one; others are dropped."""
    found = None
    for space in index.database.filling():
        if space.embedder == embedder and found is None:
            found = space
        else:
            index.discard(space)
    if found is None:
        found = Space(f"{VECTORS}{secrets.token_hex(4)}", embedder)
        try:
            DenseIndex(index.chroma, found.vectors).create()
        except OSError as error:
            raise HomeUnwritable(f"{index.folder} cannot be written: {error}.") from error
        index.database.begin(found)
    return found


def _move(
    index: Index,
    state: State,
    space: Space,
    put: Callable[[DenseIndex, str, Sequence[Named]], None],
    progress: Progress | None,
) -> int:
    """Fill a set until it has all that is named, let it serve, and delete the old one."""
    dense = DenseIndex(index.chroma, space.vectors)
    done, last = 0, 0
    clauses = [Named(0, "", CLAUSES, name) for name in index.stored.clauses()]
    try:
        put(dense, CLAUSES, clauses)
        while True:
            total = index.stored.count()
            for page in pages(index.stored.named(after=last)):
                for family in {one.family for one in page}:
                    put(dense, family, [one for one in page if one.family == family])
                done, last = done + len(page), page[-1].number
                if progress is not None:
                    progress(done, total)
            if index.database.switch(space, written=last):
                break  # else more was written meanwhile: it is filled in as well
    finally:
        dense.close()
    index.discard(state.space)
    return done


def _copy(old: DenseIndex, new: DenseIndex, family: str, names: Sequence[str]) -> None:
    import numpy as np

    kept = old.vectors(family, new.missing(family, list(dict.fromkeys(names))))
    if kept:
        new.put(family, list(kept), np.stack(list(kept.values())))


def _documents(index: Index, page: Sequence[Named]) -> dict[str, str]:
    if page and page[0].family == CLAUSES:
        return index.stored.clauses()
    records: dict[str, ClosedCase] = index.records([one.case_id for one in page])
    return {one.vector: document(records[one.case_id]) for one in page if one.case_id in records}
