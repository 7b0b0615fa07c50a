"""A change of the embedding model while others search, and what an interruption leaves."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from casewright.errors import SchemaStale
from casewright.models import ClosedCase
from knowledge_base.clauses import Clauses, HeldClause
from knowledge_base.embedding import Embeddings
from knowledge_base.generations import reembed
from knowledge_base.index import Index
from knowledge_base.precedents import Precedents

Closer = Callable[..., ClosedCase]
LATER = datetime(2027, 1, 1, tzinfo=UTC)
TEXTS = ("snow on the road", "a strike at the depot", "an empty box", "the wrong invoice")


class Counting:
    """Imitates an embedding model: a vector counts some words, each model in another order."""

    def __init__(self, name: str, words: str) -> None:
        self.name = name
        self._words = words.split()
        self.embedded: list[str] = []

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.embedded += texts
        rows = [[0.1, *(len(text.split(word)) - 1 for word in self._words)] for text in texts]
        vectors = np.array(rows, dtype=np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def embedder() -> Counting:
    return Counting("first", "snow strike box invoice parcel 1 2 3")


@pytest.fixture
def mirrored() -> Counting:
    return Counting("mirrored", "3 2 1 parcel invoice box strike snow")


@pytest.fixture
def cases(closed: Closer) -> list[ClosedCase]:
    return [closed(f"c{i:03}", situation=f"{TEXTS[i % 4]}, {i // 4}") for i in range(80)]


@pytest.fixture
def old(tmp_path: Path, embedder: Counting, mirrored: Counting, cases: list[ClosedCase]) -> Index:
    index = Index(tmp_path, Embeddings(preferred=embedder, others=(mirrored,)))
    Precedents(index).ingest(cases)
    return index


@pytest.fixture
def new(tmp_path: Path, embedder: Counting, mirrored: Counting) -> Index:
    return Index(tmp_path, Embeddings(preferred=mirrored, others=(embedder,)))


def _found(index: Index) -> list[str]:
    found = Precedents(index).browse("snow and snow", case_type=None, as_of=LATER, k=20)
    return [one.case_id for one in found]


def test_an_open_reader_goes_on_before_amid_and_after(
    old: Index, new: Index, mirrored: Counting, tmp_path: Path
) -> None:
    before = _found(old)
    amid: list[list[str]] = []
    assert reembed(new, lambda done, of: amid.append(_found(old))) == 80
    assert amid == [before] * 2
    asked = len(mirrored.embedded)
    assert _found(old) == before == _found(new)
    assert mirrored.embedded[asked:] == ["snow and snow"] * 2
    assert len(list(tmp_path.glob("vectors-*"))) == 1
    assert old.database.filling() == ()


def test_what_an_interruption_left_is_not_embedded_again(
    old: Index, new: Index, mirrored: Counting
) -> None:
    class Unplugged(Exception):
        pass

    def breaking_off(done: int, of: int) -> None:
        raise Unplugged

    with pytest.raises(Unplugged):
        reembed(new, breaking_off)
    assert old.database.state().space.embedder == "first"
    assert reembed(new) == 80
    assert len(mirrored.embedded) == len(set(mirrored.embedded)) == 80


def test_what_is_written_amid_has_a_vector_after_the_switch(
    old: Index, new: Index, closed: Closer
) -> None:
    added: list[int] = []

    def writing(done: int, of: int) -> None:
        if not added:
            added.append(Precedents(old).ingest([closed("late", situation="snow and snow")]).added)

    reembed(new, writing)
    assert _found(new)[0] == "late"
    names = {named.vector for named in new.stored.named()}
    assert new.dense(new.database.state()).missing("appeal.late_dispatch", sorted(names)) == []


def test_clauses_move_as_well(old: Index, new: Index) -> None:
    clause = HeldClause(clause_id="SHIP-4.1", start=LATER.date(), text="A parcel leaves in time.")
    Clauses(old).ingest([clause])
    reembed(new)
    assert Clauses(new).search("a parcel", on=LATER) == (clause,)


def test_the_model_that_serves_is_not_changed_for_itself(old: Index) -> None:
    serving = old.database.state().space
    assert reembed(old) == 0
    assert old.database.state().space == serving


def test_an_index_whose_model_is_not_at_hand_says_so(
    old: Index, tmp_path: Path, mirrored: Counting
) -> None:
    with pytest.raises(SchemaStale, match=r"first.*mirrored"):
        _found(Index(tmp_path, mirrored))
