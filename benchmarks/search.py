"""How long a search takes among many runs, and what the index costs each saving.

    python benchmarks/search.py [--runs 100000]

Fills the index of a store and prints the median and the longest of several times, in
milliseconds, for a page of each kind of search and for what the page of runs polls; the same as a
ratio to one plain count over the same index; how large the index is; and how long saving a run
takes beside the same saving without the index, as a ratio in one run.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from casewright.hits import Sought
from casewright.models import Case, Money, Run, RunStatus
from casewright.store import Store
from casewright.store import store as module
from casewright.store.opening import FILE

NOON = datetime(2026, 6, 3, 12, tzinfo=UTC)
START = 1_780_000_000_000_000
TIMES = 15

SOUGHT = {
    "no filter": Sought(),
    "every run": Sought(earlier=True),
    "by status": Sought(statuses=("failed",)),
    "own regions and SOPs": Sought(regions=("DE",), sops=("sop1", "sop2"), statuses=("waiting",)),
    "an SOP without runs": Sought(sops=("none",)),
    "all cases begin so": Sought(text="case_"),
    "1,000 cases begin so": Sought(text="case_012"),
    "one case": Sought(text="case_012345"),
    "a seller": Sought(text="sel_00123"),
    "an order": Sought(text="ord_000123"),
    "nothing": Sought(text="xyz"),
}


def fill(home: Path, runs: int) -> None:
    """Rows of the index and what runs are about, without records, which no search reads."""
    draw = random.Random(1)
    rows, about = [], []
    for number in range(runs):
        run_id = f"{draw.getrandbits(128):032x}"
        status = draw.choice(["waiting"] * 3 + ["done"] * 6 + ["failed"])
        region, language = draw.choice(["US", "GB", "DE", "MX", "CN"]), draw.choice(["en", "es"])
        seller, at = f"sel_{draw.randrange(runs // 20):05d}", START + number * 1_000_000
        rows.append(
            (run_id, f"case_{number:06d}", "t", f"sop{draw.randrange(10)}", status, region,
             language, "review", draw.choice(["uphold", "overturn"]), 0, seller, 1, at, at)
        )  # fmt: skip
        about += [(seller, run_id), (f"app_{number:06d}", run_id), (f"ord_{number:06d}", run_id)]
    with closing(sqlite3.connect(home / FILE)) as connection:
        connection.executemany(f"INSERT INTO run_index VALUES ({', '.join('?' * 14)})", rows)
        connection.executemany("INSERT INTO subjects VALUES (?, ?)", about)
        connection.commit()


def size(home: Path) -> str:
    """Megabytes of the index and of its own indexes."""
    query = "SELECT sum(pgsize) / 1e6 FROM dbstat WHERE name GLOB '*run_index*'"
    with closing(sqlite3.connect(home / FILE)) as connection:
        return f"{connection.execute(query).fetchone()[0]:.0f} MB"


async def timed(work: Callable[[], Awaitable[Any]]) -> tuple[float, float]:
    """Median and longest, in milliseconds."""
    taken = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        await work()
        taken.append((time.perf_counter() - begun) * 1000)
    return median(taken), max(taken)


async def searches(home: Path) -> None:
    """Time each kind of search."""
    async with Store.open(home) as store:

        async def plain() -> None:
            async with store._transaction() as connection:
                await connection.exec_driver_sql("SELECT count(*) FROM run_index WHERE updated > 0")

        reference, longest = await timed(plain)
        print(f"{'one plain count':24}{reference:8.1f} ms, at most {longest:.1f}")
        polled = Sought(earlier=True)
        works: dict[str, Callable[[], Awaitable[Any]]] = {
            name: partial(store.search.find, one) for name, one in SOUGHT.items()
        }
        works["counts by status"] = partial(store.search.pace, polled, NOON)
        for name, work in works.items():
            taken, longest = await timed(work)
            ratio = taken / reference
            print(f"{name:24}{taken:8.1f} ms, at most {longest:.1f}, x{ratio:.1f}")


def run_of(number: int) -> Run:
    case = Case(
        case_id=f"CASE-{number}", case_type="t", subject={"appeal_id": f"AP-{number}"},
        seller_id="S-1", region="DE", channel="batch", opened_at=NOON,
        impact=Money(cents=100, currency="EUR"),
    )  # fmt: skip
    return Run(
        run_id=f"saved-{number}", case=case, sop="x", graph_version="x@1+0", as_of=NOON,
        status=RunStatus.RUNNING, started_at=NOON, updated_at=NOON,
    )  # fmt: skip


async def saved(store: Store, numbers: range) -> float:
    """Milliseconds a saving, of new runs that are saved a second time."""
    begun = time.perf_counter()
    for number in numbers:
        run = run_of(number)
        await store.save_run(run)
        later = {"status": RunStatus.FAILED, "updated_at": NOON + timedelta(seconds=1)}
        await store.save_run(run.model_copy(update=later))
    return (time.perf_counter() - begun) * 1000 / (2 * len(numbers))


async def savings(home: Path) -> None:
    """What the index costs, in turns, so that both meet the same machine."""
    kept = module.keep_indexed

    async def nothing(*_: Any, **__: Any) -> None:
        return None

    with_it, without = [], []
    async with Store.open(home) as store:
        for at in range(10):
            with_it.append(await saved(store, range(at * 100, at * 100 + 50)))
            module.keep_indexed = nothing
            without.append(await saved(store, range(at * 100 + 50, at * 100 + 100)))
            module.keep_indexed = kept
    one, other = median(with_it), median(without)
    print(f"saving a run{one:20.2f} ms, without the index {other:.2f}, x{one / other:.2f}")


def main() -> None:
    """Fill a store and time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        asyncio.run(savings(home))
        with closing(sqlite3.connect(home / FILE)) as connection:
            connection.execute("DELETE FROM run_index")
            connection.execute("DELETE FROM subjects")
            connection.commit()
        fill(home, given.runs)
        print(f"{given.runs:,} runs, the index {size(home)}")
        asyncio.run(searches(home))


if __name__ == "__main__":
    main()
