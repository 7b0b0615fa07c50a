import itertools
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casewright.errors import EnvironmentFault, SchemaStale, StoreCorrupt
from casewright.models import ClosedCase
from knowledge_base.lexical import Entry, Header, LexicalIndex, family_key

Closer = Callable[..., ClosedCase]


@pytest.fixture
def index(tmp_path: Path) -> LexicalIndex:
    made = LexicalIndex(tmp_path / "words.sqlite3")
    made.create(Header("model", "vectors"))
    return made


def _entry(case: ClosedCase, text: str) -> Entry:
    return Entry(case, digest="0", document=text, vector=text)


def _fill(index: LexicalIndex, closed: Closer, **documents: str) -> None:
    index.put(_entry(closed(name), text) for name, text in documents.items())


def test_rare_shared_words_rank_above_common_ones(index: LexicalIndex, closed: Closer) -> None:
    _fill(
        index,
        closed,
        common="parcel parcel late",
        rare="parcel hurricane",
        a="parcel late",
        b="parcel early",
        c="refund due",
        d="refund asked",
    )
    assert next(index.ranked("parcel in the hurricane", None)) == "rare"


def test_words_match_by_their_stem_and_in_any_case(index: LexicalIndex, closed: Closer) -> None:
    _fill(index, closed, one="Deliveries DELAYED", two="refund")
    assert list(index.ranked("delivery delay", None)) == ["one"]


def test_chinese_is_found_by_parts_of_a_run(index: LexicalIndex, closed: Closer) -> None:
    _fill(index, closed, storm="由于台风包裹延误了", brand="商品是正品有授权书")
    assert list(index.ranked("台风", None)) == ["storm"]
    assert list(index.ranked("有授权", None)) == ["brand"]


def test_function_words_find_nothing(index: LexicalIndex, closed: Closer) -> None:
    _fill(index, closed, one="this is the parcel")
    assert list(index.ranked("is this the", None)) == []


def test_a_family_sees_only_its_own(index: LexicalIndex, closed: Closer) -> None:
    for name, family in (("a", "fake orders"), ("b", "payout")):
        index.put([_entry(closed(name, family=family), "same words")])
    assert list(index.ranked("words", "payout")) == ["b"]
    assert list(index.ranked("words", None)) == ["a", "b"]
    assert index.families() == {"fake orders": 1, "payout": 1}


def test_ties_go_by_id_whatever_the_order_of_writing(index: LexicalIndex, closed: Closer) -> None:
    _fill(index, closed, c="storm", a="storm", b="storm")
    assert list(index.ranked("storm", None)) == ["a", "b", "c"]


def test_replaced_text_is_found_no_more(index: LexicalIndex, closed: Closer) -> None:
    _fill(index, closed, one="storm")
    _fill(index, closed, one="strike")
    assert list(index.ranked("storm", None)) == []
    assert list(index.ranked("strike", None)) == ["one"]


def test_a_failed_batch_leaves_nothing(index: LexicalIndex, closed: Closer) -> None:
    def breaking() -> itertools.chain[Entry]:
        return itertools.chain([_entry(closed("one"), "storm")], iter(_broken()))

    with pytest.raises(RuntimeError):
        index.put(breaking())
    assert index.families() == {}


def _broken() -> list[Entry]:
    class Broken(list[Entry]):
        def __iter__(self):  # type: ignore[no-untyped-def]
            raise RuntimeError

    return Broken()


def test_records_come_back_whole(index: LexicalIndex, closed: Closer) -> None:
    one = closed("one", linked=("S-2",), text="Señor, 台风")
    index.put([Entry(one, "7" * 64, "storm", "v")])
    assert index.records(["one", "unknown"]) == {"one": one}
    assert index.digests(["one", "unknown"]) == {"one": "7" * 64}


@settings(max_examples=200, deadline=None)
@given(query=st.text(max_size=40))
def test_no_query_breaks_the_search(searched: LexicalIndex, query: str) -> None:
    assert set(searched.ranked(query, "any family")) <= {"one"}


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory, closed: Closer) -> LexicalIndex:
    made = LexicalIndex(tmp_path_factory.mktemp("words") / "words.sqlite3")
    made.create(Header("model", "vectors"))
    made.put([_entry(closed("one", family="any family"), 'NEAR(a b) "quoted" AND near*')])
    return made


@pytest.mark.parametrize("query", ['"', "NEAR(", "a AND", "family : x", "x* OR", "document:"])
def test_query_syntax_is_only_text(searched: LexicalIndex, query: str) -> None:
    assert set(searched.ranked(f"quoted {query}", "any family")) == {"one"}


def test_a_newer_file_is_refused(index: LexicalIndex, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "words.sqlite3") as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(SchemaStale, match="--rebuild"):
        index.header()


def test_a_file_that_is_no_database_is_corrupt(tmp_path: Path) -> None:
    path = tmp_path / "words.sqlite3"
    path.write_bytes(b"not a database" * 500)
    with pytest.raises(StoreCorrupt, match="--rebuild"):
        LexicalIndex(path).header()


def test_a_place_that_cannot_be_opened_is_a_fault_but_not_corruption(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault) as caught:
        LexicalIndex(tmp_path / "nowhere" / "words.sqlite3").families()
    assert not isinstance(caught.value, StoreCorrupt)


def test_cases_behind_vectors_keep_the_vectors_order(index: LexicalIndex, closed: Closer) -> None:
    _fill(index, closed, c="far", b="near", a="far")
    index.put([_entry(closed("other", family="payout"), "far")])
    assert index.sharing(["near", "gone", "far"], "appeal.late_dispatch") == ["b", "a", "c"]
    assert index.sharing(["far"], None) == ["a", "c", "other"]


@given(st.text())
def test_family_keys_suit_any_store(case_type: str) -> None:
    key = family_key(case_type)
    assert len(key) == 25
    assert key.isascii()
    assert key.isalnum()
