"""The records, and the words beside them: what is written, read again, and ranked."""

import itertools
import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casewright.errors import EnvironmentFault, SchemaStale, StoreCorrupt
from casewright.models import ClosedCase
from knowledge_base.database import Database, Space
from knowledge_base.dense import family_key
from knowledge_base.families import Families, Family
from knowledge_base.records import Entry, Guarded, Records
from knowledge_base.words import Tokenizer

Closer = Callable[..., ClosedCase]
TOKENIZER = Tokenizer()
FAMILY = "appeal.late_dispatch"


class Base:
    """A file with its records and their words, filled by text."""

    def __init__(self, path: Path) -> None:
        self.database = Database(path)
        self.database.create(Space("vectors", "model"))
        self.records = Records(self.database)
        self.families = Families(self.records.rows, self.records.families)

    def put(self, *cases: ClosedCase, text: str) -> None:
        assert self.records.put([entry(one, text) for one in cases], vectors="vectors")

    def ranked(self, text: str, family: str = FAMILY, before: datetime | None = None) -> list[str]:
        (words,) = TOKENIZER.words([text])
        found = self.family(family).scored(words, before)
        return [case_id for case_id, _ in found]

    def family(self, name: str = FAMILY) -> Family:
        return self.families.of(name, self.database.state())


def entry(case: ClosedCase, text: str) -> Entry:
    return Entry(case, "0" * 64, text, text, TOKENIZER.words([text])[0])


@pytest.fixture
def base(tmp_path: Path) -> Base:
    return Base(tmp_path / "words.sqlite3")


def test_rare_shared_words_rank_above_common_ones(base: Base, closed: Closer) -> None:
    texts = {
        "common": "parcel parcel late",
        "rare": "parcel hurricane",
        "a": "parcel late",
        "b": "parcel early",
        "c": "refund due",
    }
    for name, text in texts.items():
        base.put(closed(name), text=text)
    assert base.ranked("parcel in the hurricane")[0] == "rare"


def test_a_family_sees_only_its_own(base: Base, closed: Closer) -> None:
    for name, family in (("a", "fake orders"), ("b", "payout")):
        base.put(closed(name, family=family), text="same words")
    assert base.ranked("words", "payout") == ["b"]
    assert base.families.names(base.database.state()) == ("fake orders", "payout")
    assert base.records.families() == {"fake orders": 1, "payout": 1}


def test_ties_go_by_id_whatever_the_order_of_writing(base: Base, closed: Closer) -> None:
    names = [f"c{i:03}" for i in range(300)]
    base.put(*(closed(name) for name in reversed(names)), text="storm")
    assert base.ranked("storm") == names


def test_what_is_written_later_is_found_and_replaced_text_is_not(
    base: Base, closed: Closer
) -> None:
    base.put(closed("one"), closed("two"), text="storm")
    assert base.ranked("storm") == ["one", "two"]
    base.put(closed("one"), text="strike")
    assert base.ranked("storm") == ["two"]
    assert base.ranked("strike") == ["one"]
    base.put(closed("two", family="payout"), text="storm")
    assert base.ranked("storm", "payout") == ["two"]


def test_what_closed_later_may_be_left_out(base: Base, closed: Closer) -> None:
    early, late = closed("early", day=1), closed("late", day=2)
    base.put(early, late, text="storm")
    assert base.ranked("storm", before=late.closed_at) == ["early"]
    assert base.ranked("storm", before=early.closed_at) == []


def test_a_vector_is_as_old_as_its_first_case(base: Base, closed: Closer) -> None:
    base.put(closed("c1", day=3), closed("c2", day=1), text="storm")
    base.put(closed("c3", day=2), text="strike")
    family = base.family()
    counts = [family.early(closed("c", day=day).closed_at).length for day in (1, 1.5, 2, 2.5, 9)]
    assert counts == [0, 1, 1, 2, 2]
    assert family.early(closed("c").closed_at).names == ("storm", "strike")
    assert len(family) == 3


def test_a_failed_batch_leaves_nothing(base: Base, closed: Closer) -> None:
    class Broken(list[Entry]):
        def __iter__(self):  # type: ignore[no-untyped-def]
            raise RuntimeError

    batch = itertools.chain([entry(closed("one"), "storm")], Broken())
    with pytest.raises(RuntimeError):
        base.records.put((one for one in batch), vectors="vectors")
    assert base.records.families() == {}


def test_what_was_embedded_for_other_vectors_is_not_written(base: Base, closed: Closer) -> None:
    assert not base.records.put([entry(closed("one"), "storm")], vectors="elsewhere")
    assert base.records.families() == {}


def test_records_come_back_whole_and_the_guard_sees_its_columns(base: Base, closed: Closer) -> None:
    one = closed("one", linked=("S-2",), text="Señor, 台风", subject={"order_id": "O-1"})
    one = one.model_copy(
        update={
            "clauses": ("SHIP-4.1@2026-03-01",),
            "overturned_at": one.closed_at + timedelta(days=3, microseconds=1),
            "facts": {"late": True, "days": 3},
        }
    )
    base.put(one, text="storm")
    assert base.records.records(["one", "unknown"]) == {"one": one}
    assert base.records.digests(["one", "unknown"]) == {"one": "0" * 64}
    guarded = Guarded(
        "one", FAMILY, one.case.involved, "US", one.closed_at, one.overturned_at, one.clauses
    )
    assert base.family().guarded("one") == guarded
    assert base.family().guarded("unknown") is None


def test_no_word_of_a_text_stands_beside_its_record(base: Base, closed: Closer) -> None:
    base.put(closed("one"), text="xylophone")
    (row,) = base.records.rows(FAMILY, 0)
    assert np.frombuffer(row.words, np.uint32).tolist() == TOKENIZER.words(["xylophone"])[0]
    assert b"xylophon" not in row.words


def test_cases_behind_a_vector_are_those_of_the_family_by_id(base: Base, closed: Closer) -> None:
    for name, text in {"c": "far", "b": "near", "a": "far"}.items():
        base.put(closed(name), text=text)
    base.put(closed("other", family="payout"), text="far")
    assert [list(base.family().behind(one)) for one in ("near", "gone", "far")] == [
        ["b"],
        [],
        ["a", "c"],
    ]


def test_an_erased_case_is_gone_from_what_was_read(base: Base, closed: Closer) -> None:
    base.put(closed("one"), closed("two", seller="S-gone", linked=("S-x",)), text="storm")
    assert base.ranked("storm") == ["one", "two"]
    gone = base.records.erase(sellers=["S-gone", "S-x"], case_ids=["unknown"])
    assert [one.case.case_id for one in gone] == ["two"]
    assert base.ranked("storm") == ["one"]
    assert base.records.naming(["S-other"]) == ["one"]


def test_a_newer_file_is_refused(base: Base) -> None:
    with sqlite3.connect(base.database.path) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(SchemaStale, match="--rebuild"):
        base.database.state()


def test_a_file_that_is_no_database_is_corrupt(tmp_path: Path) -> None:
    path = tmp_path / "words.sqlite3"
    path.write_bytes(b"not a database" * 500)
    with pytest.raises(StoreCorrupt, match="--rebuild"):
        Database(path).state()


def test_a_place_that_cannot_be_opened_is_a_fault_but_not_corruption(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault) as caught:
        Database(tmp_path / "nowhere" / "words.sqlite3").state()
    assert not isinstance(caught.value, StoreCorrupt)


@given(st.text())
def test_family_keys_suit_any_store(case_type: str) -> None:
    key = family_key(case_type)
    assert len(key) == 25
    assert key.isascii()
    assert key.isalnum()
