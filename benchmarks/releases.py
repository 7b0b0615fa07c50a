"""What it costs to ask, for every case, which version may run.

Asked of a real store: nothing promoted, one release, and a log of 500 entries, that has not grown
and that has; beside loading the SOP from its folder, which a standing version saves.

Run: python benchmarks/releases.py [--rounds 200]
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from casewright.models import Case, Money
from casewright.registry import load_plugins
from casewright.release import Release
from casewright.settings import Settings
from casewright.store import Store
from graphs.catalog import Catalog
from graphs.choice import Choice
from tools.base import Tool

AT = datetime(2026, 6, 1, tzinfo=UTC)
TYPE = "appeal.late_dispatch"
CASE = Case(
    case_id="case_1",
    case_type=TYPE,
    subject={},
    seller_id="s",
    region="US",
    channel="appeal",
    opened_at=AT,
    impact=Money(cents=1, currency="USD"),
)


def release(number: int) -> Release:
    return Release(
        sop="late_shipment_appeal",
        case_type=TYPE,
        version=f"late_shipment_appeal@{number}+{number:012x}",
        kind="promoted",
        stage="production",
        author="qa",
        at=AT,
        why="measured",
        report="a" * 64,
        figures={"accuracy": 0.95, "accuracy_low": 0.9, "cases": 300},
        made_of={f"part {i}": "1" * 12 for i in range(16)},
    )


async def took(rounds: int, work: Callable[[], Awaitable[object]]) -> float:
    """Median seconds of one round."""
    found = []
    for _ in range(rounds):
        start = time.perf_counter()
        await work()
        found.append(time.perf_counter() - start)
    return median(found)


async def measure(home: Path, rounds: int) -> None:
    settings = Settings(home=home)
    catalog = Catalog(load_plugins().all("tool", Tool))
    async with Store.open(home) as store:
        choice = Choice(store, settings)

        async def ask() -> object:
            return await choice.of_case(CASE, None)

        async def ask_anew() -> object:
            return await Choice(store, settings).of_case(CASE, None)

        async def folder() -> object:
            return catalog.for_case_type(TYPE)

        shown = [("nothing promoted", await took(rounds, ask))]
        await store.releases.put(release(1))
        shown.append(("one release", await took(rounds, ask)))
        for number in range(2, 501):
            await store.releases.put(release(number))
        shown.append(("500 entries, as before", await took(rounds, ask)))
        shown.append(("500 entries, log has grown", await took(max(1, rounds // 10), ask_anew)))
        base = await took(max(1, rounds // 10), folder)
    print(f"{'which version may run':<30}{'ms':>8}{'of loading the folder':>24}")
    for name, seconds in (*shown, ("the SOP from its folder", base)):
        print(f"{name:<30}{seconds * 1000:>8.2f}{seconds / base:>24.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    with tempfile.TemporaryDirectory(prefix="casewright-releases-") as folder:
        asyncio.run(measure(Path(folder), parser.parse_args().rounds))


if __name__ == "__main__":
    main()
