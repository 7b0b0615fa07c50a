"""How well the knowledge base finds what belongs together, on collections it did not write.

Cranfield (1,400 abstracts, 225 queries): nDCG@10 with binary relevance (Järvelin and Kekäläinen
2002). Banking77 (Casanueva et al. 2020): precision@1, where the same intent is relevant. Each for
the words alone, the vectors alone, and both fused, through the index that the product uses. Nothing
was tuned on either: reciprocal rank has one constant, which is its authors'.

Vectors are kept in a folder for temporary files, so that a second run does not embed again.

Run: python benchmarks/retrieval.py [--data ../shared/data] [--limit 2000] [--only cranfield]
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import math
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from casewright.canonical import digest_of
from casewright.models import Case, ClosedCase, Money
from knowledge_base.embedding import Embedder
from knowledge_base.fusion import fuse
from knowledge_base.index import Index, pages

DEPTH = 50
NEVER = datetime(2000, 1, 1, tzinfo=UTC)
SYSTEMS = ("lexical", "dense", "fused")


@dataclass(frozen=True)
class Collection:
    """Documents by id, queries as (text, ids that are relevant), and how to score a ranking."""

    name: str
    documents: dict[str, str]
    queries: list[tuple[str, frozenset[str]]]
    measure: Callable[[Sequence[str], frozenset[str]], float]


class CachedEmbedder:
    """The product's embedder, with every vector kept in a file of its own collection."""

    def __init__(self, embedder: Embedder, file: Path) -> None:
        self.name = embedder.name
        self._embedder = embedder
        self._file = file
        self._known: dict[str, NDArray[np.float32]] = {}
        if file.is_file():
            with np.load(file) as kept:
                self._known = dict(zip(kept["texts"].tolist(), kept["vectors"], strict=True))

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        missing = [text for text in dict.fromkeys(map(_digest, texts)) if text not in self._known]
        if missing:
            text_of = {_digest(text): text for text in texts}
            vectors = self._embedder.embed([text_of[digest] for digest in missing])
            self._known.update(zip(missing, vectors, strict=True))
        return np.stack([self._known[_digest(text)] for text in texts])

    def save(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        texts, vectors = list(self._known), np.stack(list(self._known.values()))
        np.savez(self._file, texts=np.array(texts), vectors=vectors)


def ndcg_at_10(ranking: Sequence[str], relevant: frozenset[str]) -> float:
    gain = sum(1 / math.log2(i + 2) for i, one in enumerate(ranking[:10]) if one in relevant)
    return gain / sum(1 / math.log2(i + 2) for i in range(min(10, len(relevant))))


def precision_at_1(ranking: Sequence[str], relevant: frozenset[str]) -> float:
    return float(bool(ranking) and ranking[0] in relevant)


def cranfield(folder: Path) -> Collection:
    relevant = defaultdict(set)
    with (folder / "qrels.tsv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if int(row["score"]) > 0:
                relevant[row["query-id"]].add(row["corpus-id"])
    queries = [(q["text"], frozenset(relevant[q["_id"]])) for q in _rows(folder / "queries.jsonl")]
    documents = {row["_id"]: row["text"] for row in _rows(folder / "corpus.jsonl")}
    return Collection("Cranfield nDCG@10", documents, [q for q in queries if q[1]], ndcg_at_10)


def banking77(folder: Path, limit: int) -> Collection:
    train = _every(_table(folder / "train.csv"), limit)
    test = _every(_table(folder / "test.csv"), limit // 4)
    same = defaultdict(set)
    for number, row in enumerate(train):
        same[row["category"]].add(f"train-{number}")
    documents = {f"train-{number}": row["text"] for number, row in enumerate(train)}
    queries = [(row["text"], frozenset(same[row["category"]])) for row in test]
    return Collection("Banking77 precision@1", documents, queries, precision_at_1)


def run(collection: Collection, embedder: CachedEmbedder) -> None:
    with tempfile.TemporaryDirectory() as folder:
        index = Index(Path(folder), embedder)
        index.create()
        started = time.perf_counter()
        for batch in pages(_closed(collection.documents)):
            index.put(batch)
        ingested = time.perf_counter() - started
        scores, asked = _scores(collection, index)
        index.close()
    size = len(collection.documents)
    print(f"{collection.name}: {size} documents, {len(collection.queries)} queries")
    for system in SYSTEMS:
        print(f"  {system:8}{statistics.fmean(scores[system]):.3f}")
    print(f"  ingest {size / ingested:.0f}/s, query p50 {statistics.median(asked) * 1e3:.1f} ms")


def _scores(
    collection: Collection, index: Index
) -> tuple[defaultdict[str, list[float]], list[float]]:
    scores: defaultdict[str, list[float]] = defaultdict(list)
    asked = []
    for text, relevant in collection.queries:
        started = time.perf_counter()
        both = [list(itertools.islice(r, DEPTH)) for r in index.rankings(text, None)]
        fused = [one.case_id for one in fuse(both)]
        asked.append(time.perf_counter() - started)
        for system, ranking in zip(SYSTEMS, (*both, fused), strict=True):
            scores[system].append(collection.measure(ranking, relevant))
    return scores, asked


def _closed(documents: dict[str, str]) -> Iterator[ClosedCase]:
    for case_id, text in documents.items():
        case = Case(
            case_id=case_id,
            case_type="benchmark",
            subject={},
            seller_id="none",
            region="US",
            channel="batch",
            opened_at=NEVER,
            impact=Money(cents=0, currency="USD"),
        )
        yield ClosedCase(case=case, outcome="none", closed_at=NEVER, situation=text)


def _digest(text: str) -> str:
    return digest_of(text)


def _rows(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _every(rows: list[dict[str, str]], limit: int) -> list[dict[str, str]]:
    """About ``limit`` rows, evenly spread: the files are sorted by intent."""
    return rows[:: max(1, len(rows) // limit)] if limit else rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--limit", type=int, default=0, help="Banking77 texts; 0 for all")
    kept = Path(tempfile.gettempdir()) / "casewright-vectors"
    parser.add_argument("--cache", type=Path, default=kept, help="folder of the vectors")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only", choices=("cranfield", "banking77"))
    given = parser.parse_args()
    plain = Embedder(threads=given.threads)
    readers = {"cranfield": cranfield, "banking77": lambda f: banking77(f, given.limit)}
    for name, read in readers.items():
        folder = given.data / "retrieval" / name
        if given.only not in (None, name):
            continue
        if folder.is_dir():
            embedder = CachedEmbedder(plain, given.cache / f"{name}-{plain.name}.npz")
            run(read(folder), embedder)
            embedder.save()
        else:
            print(f"{name}: skipped, {folder} is not there")


if __name__ == "__main__":
    main()
