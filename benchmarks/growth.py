"""What a case costs in a store that holds 1,000, 10,000 and 50,000 others.

    python benchmarks/growth.py [--sizes 1000 10000 50000] [--cases 300] [--rounds 3]

A batch takes 300 cases of the sandbox to their gate. Their rows then stand again and again under
further ids until the store is of a size: runs, evidence (under digests of its own), the queue, the
index, the log of events with a valid chain, and checkpoints. In a copy of the store of each size a
batch takes cases to the gate that it does not hold, some at a time in turns of the sizes, so that
the machine's noise falls on all of them. No knowledge base: what it costs does not depend on the
store.

Prints, by size: megabytes, the time a batch takes to its first case, and a case's time and
processor time from there on, all medians over the rounds; and the ratio to the smallest. Ends with
1 where a case failed.
"""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Any, Final

from batches import FILE, Batch, load, open_ids, prepared, run
from outside import marketplace

from casewright.audit import ORIGIN, Written
from sandbox.embedded import world_of

CHECKPOINTS: Final = "checkpoints.sqlite"
FLAT: Final = 1.15
BASE: Final = 300
"""Cases that are really taken to their gate, and stand again."""

CHUNK: Final = 50
"""Times that they stand again in one transaction."""

Row = dict[str, Any]


class Filler:
    """Has the cases of a store stand in it again under further ids.

    Args:
        home: Whose store it is; every case in it has one run.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        with closing(_opened(home / FILE)) as store:
            self._tables = {name: _rows(store, name) for name in _of_runs(store)}
            linked = "SELECT * FROM evidence WHERE digest IN (SELECT digest FROM run_evidence)"
            self._evidence = [dict(row) for row in store.execute(linked)]
            found = store.execute("SELECT * FROM audit_events WHERE run_id != '' ORDER BY entry")
            self._events = [Written(*row) for row in found]
            self._ids = dict(store.execute("SELECT run_id, case_id FROM runs"))
        with closing(_opened(home / CHECKPOINTS)) as kept:
            self._kept = {name: _rows(kept, name) for name in _tables(kept)}
        self._times = 0

    def fill(self, size: int) -> None:
        """Let the store hold so many cases, or a few less than once more all of them."""
        while (self._times + 1) * len(self._ids) < size:
            least = -(-size // len(self._ids)) - 1
            times = range(self._times + 1, min(self._times + CHUNK, least) + 1)
            self._again(times)
            self._times = times[-1]
        for name in (FILE, CHECKPOINTS):
            with closing(_opened(self._home / name)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _again(self, times: Iterable[int]) -> None:
        times = list(times)
        with closing(_opened(self._home / FILE)) as store, store:
            runs = {"runs": self._tables["runs"]}  # others refer to them
            for name, rows in {**runs, **self._tables}.items():
                _insert(store, name, (self._moved(one, n) for n in times for one in rows))
            _insert(store, "evidence", (_other(one, n) for n in times for one in self._evidence))
            self._chain(store, times)
        with closing(_opened(self._home / CHECKPOINTS)) as kept, kept:
            for name, rows in self._kept.items():
                again = (
                    {**one, "thread_id": _id(one["thread_id"], n)} for n in times for one in rows
                )
                _insert(kept, name, again)

    def _moved(self, row: Row, number: int) -> Row:
        """The row under other ids, which its text names as well."""
        run_id = row.get("run_id", "")
        case_id = row.get("case_id") or self._ids[run_id]
        moved = {**row}
        if "run_id" in row:
            moved["run_id"] = _id(run_id, number)
        if "case_id" in row:
            moved["case_id"] = f"{case_id}-again-{number}"
        if "digest" in row:
            moved["digest"] = _id(row["digest"], number, 64)
        if isinstance(row.get("body"), str):
            text = row["body"].replace(case_id, f"{case_id}-again-{number}")
            moved["body"] = text.replace(run_id, _id(run_id, number)) if run_id else text
        return moved

    def _chain(self, store: sqlite3.Connection, times: Iterable[int]) -> None:
        """Events at the end of the store's chain, each case with a chain of its own."""
        entry, before = store.execute("SELECT entry, hash FROM audit_head").fetchone()
        written: list[Written] = []
        for number in times:
            last: defaultdict[str, str] = defaultdict(lambda: ORIGIN)
            for one in self._events:
                entry += 1
                moved = one._replace(
                    entry=entry, before=before, previous=last[one.case_id],
                    case_id=f"{one.case_id}-again-{number}", run_id=_id(one.run_id, number),
                )  # fmt: skip
                written.append(moved._replace(hash=moved.computed()))
                before = last[one.case_id] = written[-1].hash
        marks = ", ".join("?" * len(Written._fields))
        store.executemany(f"INSERT INTO audit_events VALUES ({marks})", written)
        store.execute("UPDATE audit_head SET entry = ?, hash = ?", (entry, before))


def _opened(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA synchronous = OFF")
    return connection


def _tables(connection: sqlite3.Connection) -> list[str]:
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    return [name for (name,) in connection.execute(query)]


def _of_runs(store: sqlite3.Connection) -> Iterator[str]:
    """Tables whose rows belong to a run or to a case, but for the log."""
    for name in _tables(store):
        columns = {column for (_, column, *_) in store.execute(f"PRAGMA table_info({name})")}
        if columns & {"run_id", "case_id"} and name != "audit_events":
            yield name


def _rows(connection: sqlite3.Connection, table: str) -> list[Row]:
    return [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]


def _insert(connection: sqlite3.Connection, table: str, rows: Iterator[Row]) -> None:
    first = next(rows, None)
    if first is not None:
        marks = ", ".join(f":{name}" for name in first)
        names = ", ".join(f'"{name}"' for name in first)
        query = f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})"
        connection.execute(query, first)
        connection.executemany(query, rows)


def _other(evidence: Row, number: int) -> Row:
    return {**evidence, "digest": _id(evidence["digest"], number, 64)}


def _id(given: str, number: int, length: int = 32) -> str:
    return sha256(f"{given} {number}".encode()).hexdigest()[:length]


@dataclass
class Size:
    """A store of one size, and the batches that ran in it."""

    cases: int
    home: Path
    megabytes: float
    batches: list[Batch] = field(default_factory=list)

    @property
    def each(self) -> float:
        """Milliseconds a case."""
        return 1000 * median(one.each for one in self.batches)

    def __str__(self) -> str:
        first = median(one.at[0] for one in self.batches)
        cpu = 1000 * median(one.cpu / len(one.lines) for one in self.batches)
        return (
            f"{self.cases:>7,} cases {self.megabytes:8.0f} MB  first case after {first:5.1f} s  "
            f"{self.each:7.1f} ms/case  cpu with the start {cpu:7.1f} ms/case"
        )


def filled(folder: Path, base: Path, sizes: Iterable[int]) -> Iterator[Size]:
    """Stores of rising sizes, each a copy of one that grows."""
    filler = Filler(base)
    for size in sorted(sizes):
        start = time.perf_counter()
        filler.fill(size)
        home = folder / str(size)
        shutil.copytree(base, home)
        megabytes = sum(one.stat().st_size for one in home.glob("*.sqlite*")) / 1e6
        print(f"{size} cases written in {time.perf_counter() - start:.0f} s", file=sys.stderr)
        yield Size(size, home, megabytes)


def measured(home: Path, folder: Path, given: argparse.Namespace) -> list[Size]:
    base_count = min(BASE, given.base, *given.sizes)
    flying = ("--concurrency", str(given.flying))
    with marketplace(world_of(home), base_count + given.cases) as source:
        ids = open_ids(source, base_count + given.cases)
        base = folder / "base"
        base.mkdir()
        run(base, source, "batch", "run", *ids[:base_count], *flying)
        sizes = list(filled(folder, base, given.sizes))
        fresh = ids[base_count:]
        for number in range(given.rounds):
            share = fresh[number :: given.rounds]
            # Each size is the first and the last of a round in its turn.
            for size in sizes[number % len(sizes) :] + sizes[: number % len(sizes)]:
                size.batches.append(run(size.home, source, "batch", "run", *share, *flying))
    return sizes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 50_000])
    parser.add_argument("--cases", type=int, default=300, help="measured at each size")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--base", type=int, default=BASE, help="cases that stand again")
    parser.add_argument("--concurrency", type=int, default=16, dest="flying")
    parser.add_argument("--home", type=Path, default=None, help="keep what is prepared there")
    parser.add_argument("--small", action="store_true", help="a world of a tenth of the size")
    given = parser.parse_args()
    with (
        prepared(given.home, small=given.small, closed=0) as home,
        tempfile.TemporaryDirectory() as folder,
    ):
        sizes = measured(home, Path(folder), given)
        for size in sizes:
            print(f"{size}  {size.each / sizes[0].each:5.2f}")
        worst = max(size.each / sizes[0].each for size in sizes)
        verdict = "met" if worst <= FLAT else "MISSED"
        print(f"\nat most {worst:.2f} of the smallest, target {FLAT}: {verdict}; {load()}")
    failed = [
        one for size in sizes for batch in size.batches for one in batch.lines if one["error"]
    ]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
