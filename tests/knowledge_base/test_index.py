from collections.abc import Callable, Iterator
from datetime import UTC
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casewright.errors import HomeUnwritable, SchemaStale
from casewright.models import ClosedCase
from knowledge_base.embedding import Embedder
from knowledge_base.fusion import fuse
from knowledge_base.index import Index, document, pages

Closer = Callable[..., ClosedCase]

ids = st.sampled_from([f"c{i}" for i in range(12)])
rankings = st.lists(st.lists(ids, unique=True), max_size=3)


def test_fusion_by_hand() -> None:
    fused = fuse([["a", "b", "c"], ["c", "d"]])
    assert [one.case_id for one in fused] == ["c", "a", "b", "d"]
    assert fused[0].score == pytest.approx(float(Fraction(1, 63) + Fraction(1, 61)))
    assert fused[1].score == pytest.approx(1 / 61)
    assert fused[2].score == fused[3].score == pytest.approx(1 / 62)


@given(rankings)
def test_fusion_ranks_every_id_once_and_in_order(drawn: list[list[str]]) -> None:
    fused = fuse(drawn)
    assert {one.case_id for one in fused} == {one for ranking in drawn for one in ranking}
    assert len(fused) == len({one.case_id for one in fused})
    keys = [(-one.score, one.case_id) for one in fused]
    assert keys == sorted(keys)


@given(rankings, st.randoms())
def test_fusion_does_not_depend_on_which_ranking_comes_first(drawn, random) -> None:
    mixed = list(drawn)
    random.shuffle(mixed)
    assert [one.case_id for one in fuse(mixed)] == [one.case_id for one in fuse(drawn)]


@given(st.lists(ids, unique=True, min_size=2))
def test_a_place_up_in_one_ranking_never_lowers_an_id(ranking: list[str]) -> None:
    other = sorted(ranking)
    raised = [ranking[1], ranking[0], *ranking[2:]]
    before = {one.case_id: one.score for one in fuse([ranking, other])}
    after = {one.case_id: one.score for one in fuse([raised, other])}
    assert after[ranking[1]] > before[ranking[1]]


@given(st.lists(st.integers(), max_size=200))
def test_pages_lose_nothing(items: list[int]) -> None:
    cut = list(pages(items))
    assert [item for page in cut for item in page] == items
    assert all(len(page) == 64 for page in cut[:-1])


def test_the_outcome_is_not_searched(closed: Closer) -> None:
    one = closed("c1", outcome="overturn", situation="Outage at the depot.", text="It was late.")
    assert document(one) == "Outage at the depot.\nIt was late."


verdicts = st.fixed_dictionaries(
    {
        "outcome": st.text(),
        "clauses": st.lists(st.text(), max_size=2).map(tuple),
        "facts": st.dictionaries(st.text(), st.booleans() | st.text(), max_size=2),
        "overturned_at": st.none() | st.datetimes(timezones=st.just(UTC)),
        "closed_at": st.datetimes(timezones=st.just(UTC)),
    }
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Index]:
    index = Index(tmp_path_factory.mktemp("kb"), embedder)
    index.create()
    yield index
    index.close()


@settings(max_examples=25, deadline=None)
@given(verdict=verdicts)
def test_no_verdict_changes_what_is_searched_or_its_vector(
    verdict: dict[str, object], closed: Closer, shared: Index
) -> None:
    one = closed("c1", situation="Outage at the depot.", text="It was late.")
    other = one.model_copy(update=verdict)
    assert document(other) == document(one)
    shared.put([one])
    (before,) = shared.stored.named()
    shared.put([other])
    (after,) = shared.stored.named()
    assert after.vector == before.vector


def test_another_embedding_model_is_refused(
    tmp_path: Path, embedder: Embedder, closed: Closer
) -> None:
    class Other(Embedder):
        name = "another-space"

    Index(tmp_path, embedder).create()
    with pytest.raises(SchemaStale, match=r"all-MiniLM.*another-space.*--rebuild"):
        Index(tmp_path, Other()).put([closed("c1")])


def test_removing_leaves_other_files_alone(tmp_path: Path, embedder: Embedder) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    index = Index(tmp_path, embedder)
    index.create()
    index.remove()
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_file_in_the_folders_place_is_named(tmp_path: Path, embedder: Embedder) -> None:
    (tmp_path / "kb").write_text("a file")
    with pytest.raises(HomeUnwritable, match="kb"):
        Index(tmp_path / "kb", embedder).create()
