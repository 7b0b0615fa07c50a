"""The Chroma side of the index: vectors only, one collection for each case family.

Chroma filters slowly in process, so families are collections and every other condition is checked
after the fetch, where the records are.
"""

from __future__ import annotations

import heapq
import shutil
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from casewright.errors import StoreCorrupt
from knowledge_base.lexical import REBUILD, family_key

if TYPE_CHECKING:
    import numpy as np
    from chromadb.api.client import Client
    from chromadb.api.collection_configuration import CreateHNSWConfiguration
    from chromadb.api.models.Collection import Collection
    from numpy.typing import NDArray

Near = tuple[float, str]
"""Cosine distance (0 same direction, 2 opposite) and the vector's name."""

_PAGE = 100
_HNSW: CreateHNSWConfiguration = {
    "space": "cosine",
    "max_neighbors": 32,
    "ef_construction": 200,
    "ef_search": 1000,
    "num_threads": 1,
}
"""Wide enough that near-equal texts, which notes on cases are, do not hide each other."""


class DenseIndex:
    """Persistent Chroma in one folder; opened at first use, one call at a time from any thread.

    Chroma keeps an open family in memory and does not see what another process adds. Vectors are
    only ever added, so a family that has grown by itself is the sign to open it anew.

    All methods raise StoreCorrupt where the folder does not read.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.RLock()
        self._client: Client | None = None
        self._sizes: dict[str, int] = {}

    @property
    def folder(self) -> Path:
        """Where the vectors lie."""
        return self._folder

    def create(self) -> None:
        """Make the folder; Chroma fills it at first use."""
        self._folder.mkdir(parents=True)

    def missing(self, case_type: str, names: Sequence[str]) -> list[str]:
        """Those of ``names`` that have no vector in the family yet, in their order."""
        with self._reading():
            there = set(self._made(case_type).get(ids=list(names), include=[])["ids"])
        return [name for name in names if name not in there]

    def put(self, case_type: str, names: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Add named vectors, of shape (names, dimension), to a family."""
        with self._reading():
            collection = self._made(case_type)
            collection.upsert(ids=list(names), embeddings=vectors)
            if case_type in self._sizes:
                self._sizes[case_type] += len(names)

    def ranked(self, case_types: Sequence[str], vector: NDArray[np.float32]) -> Generator[str]:
        """Yield every name in the families, by rising cosine distance to ``vector``.

        Fetches a page, then twice as many, and so on. Within a page ties go by name; what the
        approximate search finds late comes late.
        """
        seen: set[str] = set()
        limit = _PAGE
        while True:
            page = self._nearest(case_types, vector, limit)
            for name in page:
                if name not in seen:
                    yield name
            if len(page) < limit:
                return
            seen.update(page)
            limit *= 2

    def close(self) -> None:
        """Release the files; the next use opens them again."""
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None
            self._sizes.clear()

    def remove(self) -> None:
        """Close and delete the folder."""
        self.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _nearest(
        self, case_types: Sequence[str], vector: NDArray[np.float32], limit: int
    ) -> list[str]:
        with self._reading():
            near = [n for case_type in case_types for n in self._near(case_type, vector, limit)]
        return [name for _, name in heapq.nsmallest(limit, near)]

    def _near(self, case_type: str, vector: NDArray[np.float32], limit: int) -> list[Near]:
        collection, size = self._current(case_type)
        wanted = min(limit, size)
        answer = collection.query(
            query_embeddings=vector.tolist(), n_results=max(1, wanted), include=["distances"]
        )
        distances = answer["distances"]
        near = list(zip(distances[0] if distances else (), answer["ids"][0], strict=True))
        return near if len(near) >= wanted else near + _unreached(collection, near, vector)

    def _current(self, case_type: str) -> tuple[Collection, int]:
        """The family as it is on disk now, and its size."""
        collection = self._collection(case_type)
        size = collection.count()
        if self._sizes.setdefault(case_type, size) != size:
            self.close()
            return self._current(case_type)
        return collection, size

    def _collection(self, case_type: str) -> Collection:
        return self._open().get_collection(family_key(case_type), embedding_function=None)

    def _made(self, case_type: str) -> Collection:
        return self._open().get_or_create_collection(
            family_key(case_type),
            embedding_function=None,
            metadata={"case_type": case_type},
            configuration={"hnsw": _HNSW},
        )

    def _open(self) -> Client:
        if self._client is None:
            import chromadb
            from chromadb.config import Settings

            if not self._folder.is_dir():
                raise StoreCorrupt(f"{self._folder} is missing.", remedy=REBUILD)
            settings = Settings(anonymized_telemetry=False)
            client = chromadb.PersistentClient(str(self._folder), settings=settings)
            self._client = cast("Client", client)
        return self._client

    @contextmanager
    def _reading(self) -> Iterator[None]:
        from chromadb.errors import ChromaError

        try:
            with self._lock:
                yield
        except ChromaError as error:
            raise StoreCorrupt(f"{self._folder} does not read: {error}.", remedy=REBUILD) from error


def _unreached(
    collection: Collection, near: Sequence[Near], vector: NDArray[np.float32]
) -> list[Near]:
    """Measure exactly what the approximate graph (HNSW) cannot reach, a few in a thousand."""
    import numpy as np

    reached = {name for _, name in near}
    missing = [name for name in collection.get(include=[])["ids"] if name not in reached]
    if not missing:
        return []
    rest = collection.get(ids=missing, include=["embeddings"])
    distances = 1.0 - np.asarray(rest["embeddings"], dtype=np.float32) @ vector
    return list(zip(distances.tolist(), rest["ids"], strict=True))
