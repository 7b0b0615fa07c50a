"""The Chroma side of the index: vectors only, one collection for each case family.

Chroma filters slowly, so families are collections, and every other condition is checked after the
fetch, where the records are. Vectors lie in a folder, opened in process, or on a Chroma server,
where the name of the set stands before the name of each of its collections.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, cast

from casewright.canonical import digest_of
from casewright.errors import StoreCorrupt
from knowledge_base.chroma import Chroma
from knowledge_base.database import REBUILD
from knowledge_base.exact import Beginning, Measured, Near

if TYPE_CHECKING:
    import numpy as np
    from chromadb.api import ClientAPI
    from chromadb.api.client import Client
    from chromadb.api.collection_configuration import CreateHNSWConfiguration
    from chromadb.api.models.Collection import Collection
    from numpy.typing import NDArray

FIRST = 64
"""Size of the first page of a ranking."""

MOST = 20_000
"""Up to how many vectors are measured one by one, where few count: a millisecond or two, once they
are in memory, where they take 4 bytes a dimension: at 384 dimensions at most 31 MB a family. Chroma
takes 50 ms and more to choose among named ones."""

_HNSW: CreateHNSWConfiguration = {
    "space": "cosine",
    "max_neighbors": 32,
    "ef_construction": 200,
    "ef_search": 400,
    "num_threads": 1,
}
"""Wide enough that near-equal texts, which notes on cases are, do not hide each other."""


def family_key(case_type: str) -> str:
    """A name for a case family that any store accepts: ``f`` and 24 hexadecimal digits."""
    return "f" + digest_of(case_type)[:24]


class DenseIndex:
    """One set of vectors; opened at first use, one call at a time from any thread.

    Chroma in process keeps an open family in memory and does not see what another process adds:
    whoever knows that it did calls ``close``, and the next use opens it anew.

    All methods raise StoreCorrupt where the vectors do not read.
    """

    def __init__(self, chroma: Chroma, name: str) -> None:
        self.name = name
        self._chroma = chroma
        self._lock = threading.RLock()
        self._client: ClientAPI | None = None
        self._open: dict[str, _Opened] = {}
        self._measured: dict[str, Measured] = {}

    def create(self) -> None:
        """Make room for the vectors; Chroma fills it at first use."""
        self._chroma.create(self.name)

    def missing(self, case_type: str, names: Sequence[str]) -> list[str]:
        """Those of ``names`` that have no vector in the family yet, in their order."""
        if not names:
            return []
        with self._reading():
            there = set(self._made(case_type).get(ids=list(names), include=[])["ids"])
        return [name for name in names if name not in there]

    def put(self, case_type: str, names: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Add named vectors, of shape (names, dimension), to a family."""
        with self._reading():
            self._made(case_type).upsert(ids=list(names), embeddings=vectors)
            self._open.pop(case_type, None)

    def drop(self, case_type: str, names: Sequence[str]) -> None:
        """Take named vectors out of a family; in process their bytes stay in its files."""
        with self._reading():
            self._made(case_type).delete(ids=list(names))
            self._open.pop(case_type, None)

    def vectors(self, case_type: str, names: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """The vectors of those names that are there."""
        import numpy as np

        if not names:
            return {}
        with self._reading():
            found = self._made(case_type).get(ids=list(names), include=["embeddings"])
        rows = np.asarray(found["embeddings"], dtype=np.float32)
        return dict(zip(found["ids"], rows, strict=True))

    def ranked(
        self,
        case_types: Sequence[str],
        vector: NDArray[np.float32],
        *,
        first: int = FIRST,
    ) -> Generator[Near]:
        """Yield every name in the families with its distance, the nearest to ``vector`` first.

        Fetches a page, then twice as many, and so on. Within a page ties go by name; what the
        approximate search finds late comes late.

        Args:
            case_types: The families.
            vector: Unit vector, of shape (dimension,).
            first: Size of the first page.
        """
        yield from _once(self._paged(case_types, vector, first))

    def exact(self, among: Mapping[str, Beginning], vector: NDArray[np.float32]) -> Generator[Near]:
        """Yield vectors of families with their exact distances, the nearest first, ties by name.

        Args:
            among: Which vectors count, by family; they stay in memory.
            vector: Unit vector, of shape (dimension,).
        """
        with self._reading():
            found = [self._held(name, one).near(one.length, vector) for name, one in among.items()]
        yield from _once(heapq.merge(*found))

    def close(self) -> None:
        """Release the files; the next use opens them again."""
        with self._lock:
            if self._client is not None and not self._chroma.url:
                cast("Client", self._client).close()
            self._client = None
            self._open.clear()
            self._measured.clear()

    def remove(self) -> None:
        """Close and delete the set."""
        self.close()
        if self._chroma.url:
            with self._reading():
                for name in self._collections():
                    self._connection().delete_collection(name)
        else:
            self._chroma.remove(self.name)

    def _held(self, case_type: str, among: Beginning) -> Measured:
        known = self._measured.get(case_type)
        if known is None or known.names is not among.names:
            known = Measured(among.names, partial(self.vectors, case_type))
            self._measured[case_type] = known
        return known

    def _paged(
        self, case_types: Sequence[str], vector: NDArray[np.float32], limit: int
    ) -> Iterator[Near]:
        while True:
            page = self._nearest(case_types, vector, limit)
            yield from page
            if len(page) < limit:
                return
            limit *= 2

    def _collections(self) -> list[str]:
        prefix = self._chroma.prefix(self.name)
        names = [one.name for one in self._connection().list_collections()]
        return [name for name in names if name.startswith(prefix)]

    def _nearest(
        self,
        case_types: Sequence[str],
        vector: NDArray[np.float32],
        limit: int,
    ) -> list[Near]:
        with self._reading():
            near = [one for name in case_types for one in self._family(name).near(vector, limit)]
        return heapq.nsmallest(limit, near)

    def _family(self, case_type: str) -> _Opened:
        if case_type not in self._open:
            name = self._chroma.prefix(self.name) + family_key(case_type)
            found = self._connection().get_collection(name, embedding_function=None)
            self._open[case_type] = _Opened(found, found.count())
        return self._open[case_type]

    def _made(self, case_type: str) -> Collection:
        return self._connection().get_or_create_collection(
            self._chroma.prefix(self.name) + family_key(case_type),
            embedding_function=None,
            metadata={"case_type": case_type},
            configuration={"hnsw": _HNSW},
        )

    def _connection(self) -> ClientAPI:
        if self._client is None:
            self._client = self._chroma.client(self.name)
        return self._client

    @contextmanager
    def _reading(self) -> Iterator[None]:
        from chromadb.errors import ChromaError

        try:
            with self._lock:
                yield
        except ChromaError as error:
            told = f"The vectors {self.name} do not read: {error}."
            raise StoreCorrupt(told, remedy=REBUILD) from error


def _once(near: Iterable[Near]) -> Generator[Near]:
    """Each name where it comes first."""
    seen: set[str] = set()
    for one in near:
        if one[1] not in seen:
            seen.add(one[1])
            yield one


class _Opened(NamedTuple):
    """A family's collection, and how many vectors it held when it was opened."""

    collection: Collection
    size: int

    def near(self, vector: NDArray[np.float32], limit: int) -> list[Near]:
        """The nearest vectors with their distances: ``limit`` of them, or all there are."""
        wanted = min(limit, self.size)
        if not wanted:
            return []
        answer = self.collection.query(
            query_embeddings=vector.tolist(),
            n_results=wanted,
            include=["distances"],
        )
        distances = answer["distances"]
        near = list(zip(distances[0] if distances else (), answer["ids"][0], strict=True))
        return near if len(near) >= wanted else near + self._unreached(near, vector)

    def _unreached(self, near: Sequence[Near], vector: NDArray[np.float32]) -> list[Near]:
        """Measure exactly what the approximate graph (HNSW) cannot reach, a few in a thousand."""
        import numpy as np

        reached = {name for _, name in near}
        missing = [name for name in self.collection.get(include=[])["ids"] if name not in reached]
        if not missing:
            return []
        rest = self.collection.get(ids=missing, include=["embeddings"])
        distances = 1.0 - np.asarray(rest["embeddings"], dtype=np.float32) @ vector
        return list(zip(distances.tolist(), rest["ids"], strict=True))
