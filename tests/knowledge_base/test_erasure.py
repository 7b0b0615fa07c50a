"""Erased cases: not found, not on the disk, and not taken in again."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from casewright.models import ClosedCase
from knowledge_base.embedding import Embedder
from knowledge_base.index import CLASSIFIERS, Index, document
from knowledge_base.precedents import IngestReport, Precedents

Closer = Callable[..., ClosedCase]
LATER = datetime(2027, 1, 1, tzinfo=UTC)
SECRET = "Wilhelmina Oxtoby posted quinces from Llanfair"


@pytest.fixture
def cases(closed: Closer) -> list[ClosedCase]:
    return [
        closed("secret", seller="S-gone", situation="The bag was torn open.", text=SECRET),
        closed("shared", seller="S-gone", situation="The parcel was late."),
        closed("other", situation="The parcel was late."),
        closed("linked", linked=("S-gone",), situation="The invoice was wrong.", text="quinces"),
    ]


@pytest.fixture
def base(tmp_path: Path, embedder: Embedder, cases: list[ClosedCase]) -> Iterator[Precedents]:
    with Precedents(Index(tmp_path, embedder)) as opened:
        opened.ingest(cases)
        yield opened


def _found(base: Precedents, text: str) -> list[str]:
    return [one.case_id for one in base.browse(text, case_type=None, as_of=LATER)]


def _files_with(folder: Path, content: bytes) -> list[str]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return [file.name for file in files if content in file.read_bytes()]


def test_an_erased_seller_is_not_found_and_no_file_holds_a_trace(
    base: Precedents, tmp_path: Path, cases: list[ClosedCase], embedder: Embedder
) -> None:
    name = base._index.stored.named
    vector = next(one.vector for one in name() if one.case_id == "secret")
    raw = embedder.embed([document(cases[0])])[0][:8].tobytes()
    assert _found(base, SECRET)[0] == "secret"
    assert _files_with(tmp_path, SECRET.encode())
    assert _files_with(tmp_path, vector.encode())
    report = base.erase(sellers=["S-gone"])
    assert report.cases == ("secret", "shared")
    assert report.named == ("linked",)
    assert report.remains == ()
    assert report.files >= 3
    assert sorted(_found(base, SECRET)) == ["linked", "other"]
    for trace in (b"Oxtoby", b"torn open", b'"secret"', vector.encode(), raw):
        assert _files_with(tmp_path, trace) == []
    assert _found(base, "late parcel")[0] == "other"


def test_what_was_erased_is_not_taken_in_again_even_by_a_rebuild(
    base: Precedents, cases: list[ClosedCase], tmp_path: Path, closed: Closer
) -> None:
    assert base.erase(sellers=["S-gone"], case_ids=["other"]).refused == 2
    assert base.ingest([*cases, closed("more", seller="S-gone")]) == IngestReport(
        unchanged=1, refused=4
    )
    assert base.ingest(cases, rebuild=True) == IngestReport(added=1, refused=3)
    assert _files_with(tmp_path, b"S-gone") == ["words.sqlite3"]  # the linked case names it


def test_a_case_that_is_replaced_leaves_no_trace_after_an_erasure(
    base: Precedents, tmp_path: Path, closed: Closer
) -> None:
    base.ingest([closed("secret", seller="S-gone", situation="Nothing to see here at all.")])
    base.erase(case_ids=["secret"])
    assert _files_with(tmp_path, b"Oxtoby") == []
    assert _files_with(tmp_path, b"Nothing to see") == []


def test_an_open_reader_finds_it_no_more(
    base: Precedents, tmp_path: Path, embedder: Embedder
) -> None:
    with Precedents(Index(tmp_path, embedder)) as reader:
        assert _found(reader, SECRET)[0] == "secret"
        base.erase(case_ids=["secret"])
        assert "secret" not in _found(reader, SECRET)
        assert _found(reader, "wrong invoice")[0] == "linked"


def test_an_erasure_can_be_repeated_and_needs_no_index(
    base: Precedents, tmp_path: Path, embedder: Embedder
) -> None:
    base.erase(case_ids=["secret"])
    again = base.erase(case_ids=["secret"])
    assert (again.cases, again.refused, again.vectors, again.remains) == ((), 1, 3, ())
    with Precedents(Index(tmp_path / "empty", embedder)) as empty:
        assert empty.erase(case_ids=["secret"]).cases == ()
        assert not empty.stats().cases


def test_what_remains_is_told(
    base: Precedents, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "copy.jsonl").write_text(f'{{"text": "{SECRET}"}}')
    report = base.erase(case_ids=["secret"])
    assert [one.split(":")[0] for one in report.remains] == ["copy.jsonl"]


@pytest.mark.parametrize("indexed", [True, False])
def test_what_may_have_learned_from_an_erased_seller_goes_once(
    tmp_path: Path, embedder: Embedder, cases: list[ClosedCase], indexed: bool
) -> None:
    """Classifiers learn from the source, so a seller whom the index never held counts as well."""
    index = Index(tmp_path, embedder)
    with Precedents(index) as base:
        if indexed:
            base.ingest(cases)
        trained = tmp_path / CLASSIFIERS / "sop" / "factor.json"
        trained.parent.mkdir(parents=True)
        trained.write_text("{}", "utf-8")
        assert base.erase(sellers=["S-never-indexed"]).classifiers == 1
        assert not trained.exists()
        trained.write_text("{}", "utf-8")  # trained anew, without that seller
        assert base.erase(sellers=["S-never-indexed"]).classifiers == 0
        assert trained.exists()
