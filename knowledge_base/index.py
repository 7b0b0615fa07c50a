"""Words and vectors as one index: kept in step, and asked side by side."""

from __future__ import annotations

import heapq
import itertools
import secrets
import threading
from collections import defaultdict
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from casewright.canonical import digest_of
from casewright.errors import HomeUnwritable, SchemaStale, StoreCorrupt
from casewright.models import ClosedCase
from knowledge_base.chroma import Chroma
from knowledge_base.database import REBUILD, Database, Space, State
from knowledge_base.dense import FIRST, MOST, DenseIndex
from knowledge_base.embedding import Embedding, Embeddings
from knowledge_base.exact import Near
from knowledge_base.families import Families, Family, Score
from knowledge_base.records import Entry, Guarded, Records
from knowledge_base.words import Tokenizer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Ranking = Generator[str]
"""Case ids, best first, fetched as they are asked for; to be closed by whoever stops early."""

VECTORS = "vectors-"
"""What the names of sets of vectors begin with."""

CLASSIFIERS = "classifiers"
"""Folder of what was trained on closed cases, in the index's own."""

CLAUSES = "policy clauses"
"""Name of the clauses' collection, in place of a case type."""

_T = TypeVar("_T")
_PAGE = 64
_FILE = "words.sqlite3"


def pages(items: Iterable[_T], size: int = _PAGE) -> Iterator[list[_T]]:
    """Cut a stream into lists of ``size``, the last one shorter."""
    remaining = iter(items)
    while page := list(itertools.islice(remaining, size)):
        yield page


def document(closed: ClosedCase) -> str:
    """The text that is searched: facts and what the party wrote, never the outcome."""
    return f"{closed.situation}\n{closed.case.text}".strip()


class Index:
    """Both sides of the index in one folder. It knows no leak guard: ask ``Precedents`` instead.

    Args:
        folder: Where the files lie; nothing is created before ``create``.
        embedder: The model for new vectors, and how to find that of vectors which are there.
        chroma: Where the vectors lie; None: in the folder.
    """

    def __init__(
        self, folder: Path, embedder: Embedding | Embeddings, chroma: Chroma | None = None
    ) -> None:
        self.folder = folder
        self.embeddings = (
            embedder if isinstance(embedder, Embeddings) else Embeddings(preferred=embedder)
        )
        self.chroma = chroma or Chroma(folder)
        self.database = Database(folder / _FILE)
        self.stored = Records(self.database)
        self.tokenizer = Tokenizer()
        self._families = Families(self.stored.rows, self.stored.families)
        self._lock = threading.Lock()
        self._dense: DenseIndex | None = None
        self._written = 0

    def exists(self) -> bool:
        """Whether an index was ever written; asking creates nothing.

        Raises:
            StoreCorrupt: there are vectors, but the records are gone.
        """
        if not self.database.exists() and any(self.folder.glob(f"{VECTORS}*")):
            raise StoreCorrupt(f"{self.database.path} is missing.", remedy=REBUILD)
        return self.database.exists()

    def create(self) -> None:
        """Write an empty index.

        Raises:
            HomeUnwritable: the folder cannot be made or written.
        """
        space = Space(f"{VECTORS}{secrets.token_hex(4)}", self.embeddings.preferred.name)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            DenseIndex(self.chroma, space.vectors).create()
        except OSError as error:
            raise HomeUnwritable(f"{self.folder} cannot be written: {error}.") from error
        self.database.create(space)

    def remove(self) -> None:
        """Delete what ``create`` and ``put`` wrote, and nothing else in the folder."""
        self.close()
        for name in self._spaces():
            DenseIndex(self.chroma, name).remove()
        self.database.remove()

    def close(self) -> None:
        """Release the files; the next use opens them again."""
        self._families.clear()
        with self._lock:
            if self._dense is not None:
                self._dense.close()
                self._dense = None

    def put(self, batch: Sequence[ClosedCase]) -> tuple[int, int]:
        """Index closed cases; what is there with the same digest stays untouched.

        Vectors are written first and the record, with its digest, last: whatever an interruption
        leaves behind is not yet known and is done again.

        Args:
            batch: Closed cases; of two with the same id the later one counts.

        Returns:
            How many were added, and how many replaced.
        """
        given = {closed.case.case_id: closed for closed in batch}
        digests = {i: digest_of(closed.model_dump(mode="json")) for i, closed in given.items()}
        known = self.stored.digests(given)
        changed = {i: one for i, one in given.items() if known.get(i) != digests[i]}
        fresh = self._entries(changed.values(), [digests[i] for i in changed])
        while fresh:
            state = self.database.state()
            self._put_vectors(fresh, state)
            if self.stored.put(fresh, vectors=state.space.vectors):
                self._written = self.database.state().written
                break  # else another set of vectors serves since: it needs them as well
        replaced = sum(entry.closed.case.case_id in known for entry in fresh)
        return len(fresh) - replaced, replaced

    def rankings(
        self, text: str, case_type: str | None, before: datetime | None = None
    ) -> tuple[Ranking, Ranking]:
        """The lexical and the dense ranking of a family, or of all, against ``text``.

        Args:
            text: What to look for.
            case_type: The family to stay in, or None for all.
            before: Cases that closed then or later may be left out, so that none is fetched in
                vain. Who must not see them checks all the same.

        Raises:
            StoreCorrupt: the index does not read.
            SchemaStale: another version or another embedding model wrote it.
        """
        state = self.database.state()
        dense = self.dense(state)
        vector = self.embedding(state.space).embed([text])[0]
        names = (name for name in self._families.names(state) if case_type in (None, name))
        families = {name: self._families.of(name, state) for name in names}
        (words,) = self.tokenizer.words([text])
        scored = [family.scored(words, before) for family in families.values()]
        near = _near(dense, families, vector, before)
        return _merged(scored), _behind(near, families.values(), before)

    def warm(self, text: str) -> None:
        """Load the model and open the vectors, which the first search would otherwise wait for."""
        lexical, nearest = self.rankings(text, None)
        with closing(nearest), closing(lexical):
            next(nearest, None)
            next(lexical, None)

    def records(self, case_ids: Sequence[str]) -> dict[str, ClosedCase]:
        """The closed cases behind those ids that are indexed."""
        return self.stored.records(case_ids)

    def guarded(self, case_ids: Sequence[str]) -> dict[str, Guarded]:
        """What a leak guard asks of the cases behind those ids that are indexed."""
        state = self.database.state()
        families = [self._families.of(name, state) for name in self._families.names(state)]
        found = ((i, family.guarded(i)) for i in case_ids for family in families)
        return {case_id: guarded for case_id, guarded in found if guarded is not None}

    def families(self) -> dict[str, int]:
        """Number of cases by case type; empty where there is no index."""
        return self.stored.families() if self.exists() else {}

    def dense(self, state: State) -> DenseIndex:
        """The vectors that serve, as they are now whoever wrote them."""
        with self._lock:
            if self._dense is None or self._dense.name != state.space.vectors:
                if self._dense is not None:
                    self._dense.close()
                self._dense = DenseIndex(self.chroma, state.space.vectors)
            elif self._written != state.written:
                self._dense.close()
            self._written = state.written
            return self._dense

    def embedding(self, space: Space) -> Embedding:
        """The model that a set of vectors comes from.

        Raises:
            SchemaStale: no such model is set.
        """
        found = self.embeddings.named(space.embedder)
        if found is None:
            raise SchemaStale(
                f"{self.folder} was built with the embedding model {space.embedder!r}, "
                f"not {self.embeddings.preferred.name!r}.",
                remedy=f"Set that model again, or start anew. {REBUILD}",
            )
        return found

    def discard(self, space: Space) -> None:
        """Delete a set of vectors that does not serve."""
        DenseIndex(self.chroma, space.vectors).remove()
        self.database.drop(space)

    def _entries(self, fresh: Iterable[ClosedCase], digests: Sequence[str]) -> list[Entry]:
        texts = [document(closed) for closed in fresh]
        words = self.tokenizer.words(texts)
        return [
            Entry(closed, digest, text, digest_of(text), counted)
            for closed, digest, text, counted in zip(fresh, digests, texts, words, strict=True)
        ]

    def _spaces(self) -> set[str]:
        """Names of all sets of vectors: those that lie here, and those that the file names."""
        names = {folder.name for folder in self.folder.glob(f"{VECTORS}*")}
        if self.database.exists():
            with suppress(StoreCorrupt, SchemaStale):
                names |= {space.vectors for space in self.database.filling()}
                names.add(self.database.state().space.vectors)
        return names

    def _put_vectors(self, fresh: Iterable[Entry], state: State) -> None:
        """Embed what has no vector yet. One that no case names any more does no harm."""
        families: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for entry in fresh:
            families[entry.closed.case.case_type][entry.vector] = entry.document
        dense, embedding = self.dense(state), self.embedding(state.space)
        for case_type, documents in families.items():
            fill(dense, embedding, case_type, documents)


def fill(
    dense: DenseIndex, embedding: Embedding, case_type: str, documents: Mapping[str, str]
) -> int:
    """Embed those documents of a family, by the names of their vectors, that have none yet.

    Returns:
        How many were embedded.
    """
    missing = dense.missing(case_type, list(documents))
    if missing:
        vectors = embedding.embed([documents[name] for name in missing])
        dense.put(case_type, missing, vectors)
    return len(missing)


def _near(
    dense: DenseIndex,
    families: Mapping[str, Family],
    vector: NDArray[np.float32],
    before: datetime | None,
) -> Generator[Near]:
    """The nearest vectors; where few cases closed in time, those alone or a larger page."""
    if before is None:
        return dense.ranked(list(families), vector)
    early = {name: family.early(before) for name, family in families.items()}
    held = sum(one.length for one in early.values())
    size = sum(len(one.names) for one in early.values())
    if held < size and held <= MOST:
        return dense.exact(early, vector)
    first = int(FIRST * (0.25 + 1.25 * size / max(1, held)))  # so that seldom a second is needed
    return dense.ranked(list(families), vector, first=FIRST if held == size else first)


def _behind(
    near: Generator[Near], families: Collection[Family], before: datetime | None
) -> Ranking:
    with closing(near):
        for _, name in near:
            for family in families:
                yield from family.behind(name, before)


def _merged(scored: Sequence[Generator[Score]]) -> Ranking:
    """Several rankings as one, by score, ties by id."""
    for case_id, _ in heapq.merge(*scored, key=lambda one: (-one[1], one[0])):
        yield case_id
