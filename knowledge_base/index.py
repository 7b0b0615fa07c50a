"""Words and vectors as one index: kept in step, asked side by side, fused by rank."""

from __future__ import annotations

import itertools
import secrets
import threading
from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from casewright.canonical import digest_of
from casewright.errors import HomeUnwritable, SchemaStale, StoreCorrupt
from casewright.models import ClosedCase
from knowledge_base.dense import DenseIndex
from knowledge_base.embedding import Embedder
from knowledge_base.lexical import REBUILD, Entry, Header, LexicalIndex

Ranking = Generator[str]
"""Case ids, best first, fetched as they are asked for; to be closed by whoever stops early."""

RRF_K = 60

_T = TypeVar("_T")
_PAGE = 64
_WORDS = "words.sqlite3"
_VECTORS = "vectors-"


@dataclass(frozen=True)
class Fused:
    """A case id and its fused score; higher is nearer."""

    case_id: str
    score: float


def fuse(rankings: Iterable[Sequence[str]]) -> tuple[Fused, ...]:
    """Fuse rankings by reciprocal rank: the sum of 1 / (60 + rank), ranks from 1.

    Source: Cormack, Clarke and Büttcher (2009), who settle on 60.

    Args:
        rankings: Case ids, best first, each id at most once in a ranking.

    Returns:
        All ids by falling score, ties by id.
    """
    scores: defaultdict[str, float] = defaultdict(float)
    for ranking in rankings:
        for rank, case_id in enumerate(ranking, start=1):
            scores[case_id] += 1 / (RRF_K + rank)
    fused = (Fused(case_id, score) for case_id, score in scores.items())
    return tuple(sorted(fused, key=lambda one: (-one.score, one.case_id)))


def pages(items: Iterable[_T]) -> Iterator[list[_T]]:
    """Cut a stream into lists of 64, the last one shorter."""
    remaining = iter(items)
    while page := list(itertools.islice(remaining, _PAGE)):
        yield page


def document(closed: ClosedCase) -> str:
    """The text that is searched: facts and what the party wrote, never the outcome."""
    return f"{closed.situation}\n{closed.case.text}".strip()


class Index:
    """Both sides of the index in one folder. It knows no leak guard: ask ``Precedents`` instead.

    Args:
        folder: Where the files lie; nothing is created before ``create``.
        embedder: Turns documents and queries into vectors.
    """

    def __init__(self, folder: Path, embedder: Embedder) -> None:
        self._folder = folder
        self._embedder = embedder
        self._lexical = LexicalIndex(folder / _WORDS)
        self._lock = threading.Lock()
        self._dense: DenseIndex | None = None

    def exists(self) -> bool:
        """Whether an index was ever written; asking creates nothing.

        Raises:
            StoreCorrupt: there are vectors, but the records are gone.
        """
        if not self._lexical.exists() and any(self._folder.glob(f"{_VECTORS}*")):
            raise StoreCorrupt(f"{self._folder / _WORDS} is missing.", remedy=REBUILD)
        return self._lexical.exists()

    def create(self) -> None:
        """Write an empty index.

        Raises:
            HomeUnwritable: the folder cannot be made or written.
        """
        name = f"{_VECTORS}{secrets.token_hex(4)}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            DenseIndex(self._folder / name).create()
        except OSError as error:
            raise HomeUnwritable(f"{self._folder} cannot be written: {error}.") from error
        self._lexical.create(Header(self._embedder.name, name))

    def remove(self) -> None:
        """Delete what ``create`` and ``put`` wrote, and nothing else in the folder."""
        self.close()
        self._lexical.remove()
        for folder in self._folder.glob(f"{_VECTORS}*"):
            DenseIndex(folder).remove()

    def close(self) -> None:
        """Release the files; the next use opens them again."""
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
        entries = {closed.case.case_id: _entry(closed) for closed in batch}
        known = self._lexical.digests(entries)
        fresh = {i: entry for i, entry in entries.items() if known.get(i) != entry.digest}
        self._put_vectors(fresh.values())
        self._lexical.put(fresh.values())
        replaced = len(fresh.keys() & known.keys())
        return len(fresh) - replaced, replaced

    def rankings(self, text: str, case_type: str | None) -> tuple[Ranking, Ranking]:
        """The lexical and the dense ranking of a family, or of all, against ``text``.

        Raises:
            StoreCorrupt: the index does not read.
            SchemaStale: another version or another embedding model wrote it.
        """
        dense = self._vectors()
        families = [f for f in self._lexical.families() if case_type in (None, f)]
        vector = self._embedder.embed([text])[0]
        nearest = self._nearest(dense.ranked(families, vector), case_type)
        return self._lexical.ranked(text, case_type), nearest

    def warm(self, text: str) -> None:
        """Load the model and open the vectors, which the first search would otherwise wait for."""
        lexical, nearest = self.rankings(text, None)
        with closing(nearest), closing(lexical):
            next(nearest, None)

    def records(self, case_ids: Sequence[str]) -> dict[str, ClosedCase]:
        """The closed cases behind those ids that are indexed."""
        return self._lexical.records(case_ids)

    def families(self) -> dict[str, int]:
        """Number of cases by case type; empty where there is no index."""
        return self._lexical.families() if self.exists() else {}

    def _put_vectors(self, fresh: Iterable[Entry]) -> None:
        """Embed what has no vector yet. One that no case names any more does no harm."""
        dense = self._vectors()
        families: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for entry in fresh:
            families[entry.closed.case.case_type][entry.vector] = entry.document
        for case_type, documents in families.items():
            missing = dense.missing(case_type, list(documents))
            vectors = self._embedder.embed([documents[name] for name in missing])
            if missing:
                dense.put(case_type, missing, vectors)

    def _nearest(self, vectors: Generator[str], case_type: str | None) -> Ranking:
        with closing(vectors):
            for names in pages(vectors):
                yield from self._lexical.sharing(names, case_type)

    def _vectors(self) -> DenseIndex:
        """The vectors that the header names: a rebuild by another process is noticed."""
        header = self._lexical.header()
        if header.embedder != self._embedder.name:
            raise SchemaStale(
                f"{self._folder} was built with the embedding model {header.embedder!r}, "
                f"not {self._embedder.name!r}.",
                remedy=REBUILD,
            )
        with self._lock:
            if self._dense is None or self._dense.folder.name != header.vectors:
                self._dense = DenseIndex(self._folder / header.vectors)
            return self._dense


def _entry(closed: ClosedCase) -> Entry:
    text = document(closed)
    return Entry(closed, digest_of(closed.model_dump(mode="json")), text, digest_of(text))
