import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from casewright.errors import CasewrightError, StoreCorrupt, UsageError
from casewright.models import Case, ClosedCase
from knowledge_base.embedding import Embedder
from knowledge_base.precedents import IngestReport, Precedents

Closer = Callable[..., ClosedCase]

QUERY = "The carrier had an outage."
SITUATIONS = (
    "The carrier had an outage on the day the parcel was due.",
    "A strike at the depot delayed the first scan.",
    "The seller printed the label and handed the parcel over two days late.",
    "The buyer says that an empty box arrived.",
    "Heavy snow closed the roads around the warehouse.",
    "The invoice names another company than the account.",
)


@pytest.fixture
def now(start: datetime) -> datetime:
    return start + timedelta(days=100)


@pytest.fixture
def case(closed: Closer) -> Case:
    return closed("present", seller="S-1", linked=("S-linked",)).case


def _ids(found: tuple[object, ...]) -> list[str]:
    return [precedent.case_id for precedent in found]  # type: ignore[attr-defined]


LEAKS = {
    "another family": {"family": "payout.hold"},
    "closed at the as-of time": {"day": 100},
    "closed later": {"day": 100.5},
    "same seller": {"seller": "S-1"},
    "seller linked by the case": {"seller": "S-linked"},
    "seller linked by the closed case": {"linked": ("S-1",)},
    "a linked account in common": {"linked": ("S-third", "S-linked")},
}


@pytest.mark.parametrize("leak", LEAKS.values(), ids=LEAKS.keys())
def test_a_planted_leak_is_not_retrieved(
    base: Precedents, closed: Closer, case: Case, now: datetime, leak: dict[str, object]
) -> None:
    base.ingest([closed("leak", **leak), closed("clean", situation=SITUATIONS[3])])
    assert _ids(base.search(case, as_of=now, text=SITUATIONS[0])) == ["clean"]


def test_the_case_itself_is_not_retrieved(
    base: Precedents, closed: Closer, case: Case, now: datetime
) -> None:
    base.ingest([closed("present", seller="S-renamed"), closed("clean")])
    assert _ids(base.search(case, as_of=now, text=SITUATIONS[0])) == ["clean"]


def test_admissible_cases_are_found_behind_many_leaks(
    base: Precedents, closed: Closer, case: Case, now: datetime
) -> None:
    leaks = [closed(f"leak-{i:03}", seller="S-1", text=f"parcel {i}") for i in range(110)]
    clean = [closed(f"clean-{i}", situation=SITUATIONS[5]) for i in range(2)]
    base.ingest([*leaks, *clean])
    assert _ids(base.search(case, as_of=now, text=SITUATIONS[0])) == ["clean-0", "clean-1"]


def test_the_nearest_comes_first_and_carries_its_outcome(
    base: Precedents, closed: Closer, case: Case, now: datetime
) -> None:
    base.ingest(closed(f"c{i}", situation=text) for i, text in enumerate(SITUATIONS))
    found = base.search(case, as_of=now, text="The truck was stuck in snow on the road.", k=3)
    assert len(found) == 3
    assert (found[0].case_id, found[0].outcome) == ("c4", "overturn")
    assert found[0].situation == SITUATIONS[4]
    assert [p.similarity for p in found] == sorted((p.similarity for p in found), reverse=True)


def test_words_and_meaning_both_count(
    base: Precedents, closed: Closer, case: Case, now: datetime
) -> None:
    base.ingest(
        [
            closed("meaning", situation="Deliveries stopped because the drivers walked out."),
            closed("word", situation="Shipment XK-771 has no scan."),
            *(closed(f"other-{i}", situation=text) for i, text in enumerate(SITUATIONS[2:])),
        ]
    )
    assert (
        base.search(case, as_of=now, text="industrial action by couriers")[0].case_id == "meaning"
    )
    assert base.search(case, as_of=now, text="XK-771")[0].case_id == "word"


def test_outcomes_do_not_move_the_ranking(
    tmp_path: Path, embedder: Embedder, closed: Closer, case: Case, now: datetime
) -> None:
    def ranking(name: str, outcome: str) -> list[tuple[str, float]]:
        with Precedents.open(tmp_path / name, embedder=embedder) as base:
            base.ingest(
                closed(f"c{i}", situation=text, outcome=outcome if i % 2 else "x")
                for i, text in enumerate(SITUATIONS)
            )
            found = base.search(case, as_of=now, text="overturn the carrier outage")
            return [(precedent.case_id, precedent.similarity) for precedent in found]

    assert ranking("one", "overturn") == ranking("two", "uphold")


def test_people_browse_all_families_but_never_the_future(
    base: Precedents, closed: Closer, now: datetime
) -> None:
    base.ingest(
        [closed("a"), closed("b", family="payout.hold"), closed("later", day=200), closed("c")]
    )
    assert _ids(base.browse(QUERY, case_type=None, as_of=now)) == ["a", "b", "c"]
    assert _ids(base.browse(QUERY, case_type="payout.hold", as_of=now)) == ["b"]
    assert _ids(base.browse(QUERY, case_type="unknown", as_of=now)) == []


@pytest.mark.parametrize(("text", "k"), [("", 5), (" \n", 5), (QUERY, 0)])
def test_nothing_asked_gives_nothing(
    base: Precedents, closed: Closer, now: datetime, text: str, k: int
) -> None:
    base.ingest([closed("a")])
    assert base.browse(text, case_type=None, as_of=now, k=k) == ()


def test_an_as_of_time_without_zone_is_refused(base: Precedents, case: Case, now: datetime) -> None:
    with pytest.raises(UsageError, match="time zone"):
        base.search(case, as_of=now.replace(tzinfo=None), text=QUERY)


def test_a_missing_index_is_empty_and_stays_missing(
    base: Precedents, tmp_path: Path, case: Case, now: datetime
) -> None:
    assert base.search(case, as_of=now, text=QUERY) == ()
    assert base.browse(QUERY, case_type=None, as_of=now) == ()
    assert base.stats().cases == 0
    assert list(tmp_path.iterdir()) == []


def test_an_empty_index_finds_nothing(base: Precedents, case: Case, now: datetime) -> None:
    assert base.ingest([]) == IngestReport()
    assert base.search(case, as_of=now, text=QUERY) == ()


def test_a_second_ingest_changes_nothing(
    base: Precedents, closed: Closer, case: Case, now: datetime
) -> None:
    cases = [closed(f"c{i}", situation=text) for i, text in enumerate(SITUATIONS)]
    assert base.ingest(cases) == IngestReport(added=6)
    before = base.search(case, as_of=now, text=QUERY)
    assert base.ingest(reversed(cases)) == IngestReport(unchanged=6)
    assert base.search(case, as_of=now, text=QUERY) == before
    assert base.stats().families == {"appeal.late_dispatch": 6}


def test_changed_content_replaces(
    base: Precedents, closed: Closer, case: Case, now: datetime
) -> None:
    base.ingest([closed("a"), closed("b", situation=SITUATIONS[3])])
    changed = closed("a", situation=SITUATIONS[5], outcome="uphold")
    assert base.ingest([changed, closed("c")]) == IngestReport(added=1, replaced=1)
    found = base.search(case, as_of=now, text=SITUATIONS[5])
    assert (found[0].case_id, found[0].outcome) == ("a", "uphold")
    assert sorted(_ids(found)) == ["a", "b", "c"]


def test_a_case_that_changes_family_leaves_the_old_one(
    base: Precedents, closed: Closer, now: datetime
) -> None:
    base.ingest([closed("a"), closed("b")])
    base.ingest([closed("a", family="payout.hold")])
    browse = {f: _ids(base.browse(QUERY, case_type=f, as_of=now)) for f in base.stats().families}
    assert browse == {"appeal.late_dispatch": ["b"], "payout.hold": ["a"]}


def test_of_two_with_the_same_id_the_later_counts(
    base: Precedents, closed: Closer, now: datetime
) -> None:
    base.ingest([closed("a", outcome="uphold"), closed("a", outcome="partial")])
    (found,) = base.browse(QUERY, case_type=None, as_of=now)
    assert found.outcome == "partial"


def test_progress_counts_up_to_all(base: Precedents, closed: Closer) -> None:
    told: list[int] = []
    base.ingest((closed(f"c{i}") for i in range(130)), told.append)
    assert told == [64, 128, 130]


@pytest.fixture(scope="module")
def reference(
    tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, closed: Closer
) -> Iterator[tuple[list[ClosedCase], Precedents]]:
    folder = tmp_path_factory.mktemp("kb") / "reference"
    texts = [f"{text} {part}" for part in range(12) for text in SITUATIONS]
    cases = [closed(f"c{i:03}", situation=texts[i % len(texts)]) for i in range(100)]
    with Precedents.open(folder, embedder=embedder) as base:
        base.ingest(cases)
        yield cases, base


def test_an_ingest_that_breaks_off_is_completed_by_the_next(
    base: Precedents,
    reference: tuple[list[ClosedCase], Precedents],
    case: Case,
    now: datetime,
) -> None:
    class Unplugged(Exception):
        pass

    def breaking_off(done: int) -> None:
        raise Unplugged

    cases, whole = reference
    with pytest.raises(Unplugged):
        base.ingest(cases, breaking_off)
    assert base.stats().cases == 64
    assert base.ingest(cases) == IngestReport(added=36, unchanged=64)
    assert base.search(case, as_of=now, text=QUERY) == whole.search(case, as_of=now, text=QUERY)


def test_vectors_without_records_are_invisible_until_the_next_ingest(
    base: Precedents, tmp_path: Path, closed: Closer, now: datetime
) -> None:
    base.ingest([closed("a")])
    path = tmp_path / "kb" / "words.sqlite3"
    stop = "CREATE TRIGGER stop BEFORE INSERT ON closed BEGIN SELECT RAISE(ABORT, 'stop'); END"
    with sqlite3.connect(path) as connection:
        connection.execute(stop)
    with pytest.raises(CasewrightError, match="stop"):
        base.ingest([closed("b", situation=SITUATIONS[1])])
    assert _ids(base.browse(SITUATIONS[1], case_type=None, as_of=now)) == ["a"]
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TRIGGER stop")
    assert base.ingest([closed("b", situation=SITUATIONS[1])]) == IngestReport(added=1)
    assert _ids(base.browse(SITUATIONS[1], case_type=None, as_of=now)) == ["b", "a"]


INGEST = """
import os, sys, pathlib
from casewright.models import ClosedCase
from knowledge_base.precedents import Precedents
lines = sys.stdin.read().splitlines()
cases = [ClosedCase.model_validate_json(line) for line in lines]
killed = lambda done: os._exit(9)
told = killed if sys.argv[2] == "killed" else None
Precedents.open(pathlib.Path(sys.argv[1])).ingest(cases, told)
"""


def _ingest_elsewhere(folder: Path, cases: list[ClosedCase], how: str) -> int:
    """Ingest in a process of its own; returns its exit code."""
    lines = "\n".join(one.model_dump_json() for one in cases)
    command = [sys.executable, "-c", INGEST, str(folder), how]
    return subprocess.run(command, input=lines, text=True, check=False).returncode


def test_a_killed_process_leaves_an_index_that_can_be_completed(
    base: Precedents, tmp_path: Path, reference: tuple[list[ClosedCase], Precedents], now: datetime
) -> None:
    cases, whole = reference
    assert _ingest_elsewhere(tmp_path / "kb", cases, "killed") == 9
    assert base.ingest(cases) == IngestReport(added=36, unchanged=64)
    again = base.browse(QUERY, case_type=None, as_of=now, k=20)
    assert again == whole.browse(QUERY, case_type=None, as_of=now, k=20)


def test_an_open_reader_sees_what_another_process_adds(
    base: Precedents, tmp_path: Path, closed: Closer, now: datetime
) -> None:
    blizzard = "blizzard blocked highways"
    base.ingest([closed("a"), closed("b", situation=SITUATIONS[2])])
    assert _ids(base.browse(blizzard, case_type=None, as_of=now)) == ["a", "b"]
    assert _ingest_elsewhere(tmp_path / "kb", [closed("new", situation=SITUATIONS[4])], "") == 0
    assert _ids(base.browse(blizzard, case_type=None, as_of=now))[0] == "new"


def test_reopened_and_asked_from_threads_the_answer_is_the_same(
    reference: tuple[list[ClosedCase], Precedents], case: Case, now: datetime
) -> None:
    _, base = reference
    first = [base.search(case, as_of=now, text=text) for text in SITUATIONS]
    base.close()
    texts = SITUATIONS * 3
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda text: base.search(case, as_of=now, text=text), texts))
    assert found == first * 3


def _no_database(folder: Path) -> None:
    (folder / "words.sqlite3").write_bytes(b"no database " * 1000)


def _torn_records(folder: Path) -> None:
    content = (folder / "words.sqlite3").read_bytes()
    (folder / "words.sqlite3").write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))


def _no_records(folder: Path) -> None:
    (folder / "words.sqlite3").unlink()


def _no_vectors(folder: Path) -> None:
    for database in folder.glob("vectors-*/chroma.sqlite3"):
        database.unlink()


def _torn_vectors(folder: Path) -> None:
    for database in folder.glob("vectors-*/chroma.sqlite3"):
        database.write_bytes(b"no database " * 1000)


def _moved_vectors(folder: Path) -> None:
    for vectors in folder.glob("vectors-*"):
        vectors.rename(folder / "elsewhere")


@pytest.mark.parametrize(
    "harm",
    [_no_database, _torn_records, _no_records, _no_vectors, _torn_vectors, _moved_vectors],
)
def test_a_corrupt_folder_says_how_to_rebuild_and_can_be_rebuilt(
    base: Precedents,
    tmp_path: Path,
    closed: Closer,
    case: Case,
    now: datetime,
    harm: Callable[[Path], None],
) -> None:
    base.ingest([closed("a"), closed("b", situation=SITUATIONS[3])])
    base.close()
    harm(tmp_path / "kb")
    with pytest.raises(StoreCorrupt, match="casewright kb ingest --rebuild"):
        base.search(case, as_of=now, text=QUERY)
    assert base.ingest([closed("a")], rebuild=True) == IngestReport(added=1)
    assert _ids(base.search(case, as_of=now, text=QUERY)) == ["a"]


def test_a_reader_notices_that_another_instance_rebuilt(
    base: Precedents, tmp_path: Path, embedder: Embedder, closed: Closer, now: datetime
) -> None:
    base.ingest([closed("a")])
    assert _ids(base.browse(QUERY, case_type=None, as_of=now)) == ["a"]
    with Precedents.open(tmp_path / "kb", embedder=embedder) as other:
        other.ingest([closed("b")], rebuild=True)
    assert _ids(base.browse(QUERY, case_type=None, as_of=now)) == ["b"]
