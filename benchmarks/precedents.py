"""Whether comparing facts finds precedents that ended as the case did.

Closed cases of simulated worlds, each asked for as if it had just been opened, through the
product's own retrieval and its leak guard: only cases closed before it, of other parties. Printed
for each type: the share of the first five precedents that ended alike, by words and vectors alone
and with the comparison of facts; their difference with a 95% interval, bootstrapped by seller; how
often the vote's leading outcome was right; and how often precedents conflict. Facts are those that
rules establish: readings come later.

Run: python benchmarks/precedents.py [--seed 302 ...] [--size default] [--most 150]
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import cast

from casewright.models import ClosedCase, Precedent
from casewright.registry import load_plugins
from graphs.catalog import Catalog
from graphs.vote import vote
from knowledge_base.embedding import Embedder
from knowledge_base.precedents import Precedents
from sandbox.build import build_world
from sandbox.server import running
from sandbox.sizes import Size
from tools.base import Tool
from tools.inbox import closed_cases
from tools.sources.http import HttpSource

SHOWN = 5
DRAWS = 1000
HEAD = (
    f"{'type':28} {'cases':>5} {'fused':>7} {'and facts':>9} {'gain':>7} {'95%':>16} "
    f"{'vote':>7} {'w. facts':>8} {'conflict':>8}"
)


@dataclass(frozen=True)
class Asked:
    """One closed case and how its precedents ended: shares of the same outcome."""

    case_type: str
    seller: str
    fused: float
    compared: float
    votes_fused: bool
    votes_compared: bool
    conflicts: bool


def cases_of(seed: int, size: Size, folder: Path) -> list[ClosedCase]:
    """The closed cases of a simulated world."""
    build_world(folder, seed=seed, size=size)

    async def listed(base_url: str, token: str) -> list[ClosedCase]:
        async with HttpSource(base_url, token) as source:
            return [case async for case in closed_cases(source)]

    with running(folder, faults=False, rate_limits=False) as endpoint:
        return asyncio.run(listed(endpoint.base_url, endpoint.read_token))


def asked(cases: Sequence[ClosedCase], base: Precedents, unread: frozenset[str]) -> Iterator[Asked]:
    """Each case of the later two thirds of a family, asked for as of the day it was opened."""
    for closed in cases[len(cases) // 3 :]:
        case, text = closed.case, f"{closed.situation} {closed.case.text}".strip()
        facts = {name: value for name, value in closed.facts.items() if name not in unread}
        fused = base.search(case, as_of=case.opened_at, text=text, k=SHOWN)
        compared = base.search(case, as_of=case.opened_at, text=text, k=SHOWN, facts=facts)
        if fused:
            read = {name: value for name, value in closed.facts.items() if name in unread}
            told = vote(compared, (), closed.outcome, read)
            yield Asked(
                case.case_type,
                case.seller_id,
                _alike(fused, closed),
                _alike(compared, closed),
                _leads(fused, closed),
                _leads(compared, closed),
                bool(told and told.conflicts),
            )


def _alike(found: Sequence[Precedent], closed: ClosedCase) -> float:
    return statistics.fmean(one.outcome == closed.outcome for one in found)


def _leads(found: Sequence[Precedent], closed: ClosedCase) -> bool:
    told = vote(found, (), closed.outcome)
    return told is not None and told.outcome == closed.outcome


def interval(rows: Sequence[Asked]) -> tuple[float, float]:
    """A 95% interval of the mean gain: percentiles of draws of sellers with replacement."""
    by_seller: defaultdict[str, list[float]] = defaultdict(list)
    for row in rows:
        by_seller[row.seller].append(row.compared - row.fused)
    groups, rng = list(by_seller.values()), random.Random(20260301)
    means = sorted(
        statistics.fmean(gain for group in rng.choices(groups, k=len(groups)) for gain in group)
        for _ in range(DRAWS)
    )
    return means[int(0.025 * DRAWS)], means[int(0.975 * DRAWS) - 1]


def told(name: str, rows: Sequence[Asked]) -> str:
    """One line of the table."""
    fused, compared, vote_fused, vote_compared, conflict = (
        statistics.fmean(getattr(row, field) for row in rows)
        for field in ("fused", "compared", "votes_fused", "votes_compared", "conflicts")
    )
    low, high = interval(rows)
    return (
        f"{name:28} {len(rows):5} {fused:7.3f} {compared:9.3f} {compared - fused:+7.3f} "
        f"[{low:+.3f}, {high:+.3f}] {vote_fused:7.3f} {vote_compared:8.3f} {conflict:8.3f}"
    )


def measured(seed: int, size: Size, most: int) -> Iterator[Asked]:
    """What the latest cases of each type of a world find."""
    catalog = Catalog(load_plugins().all("tool", Tool))
    with tempfile.TemporaryDirectory() as folder:
        families: defaultdict[str, list[ClosedCase]] = defaultdict(list)
        for case in cases_of(seed, size, Path(folder) / "world"):
            families[case.case.case_type].append(case)
        latest = {
            name: sorted(cases, key=lambda one: one.closed_at)[-most:]
            for name, cases in families.items()
        }
        with Precedents.open(Path(folder) / "kb", embedder=Embedder(threads=2)) as base:
            base.ingest(case for cases in latest.values() for case in cases)
            for name, cases in latest.items():
                unread = frozenset(one.name for one in catalog.for_case_type(name).questions)
                yield from asked(cases, base, unread)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, action="append")
    parser.add_argument("--size", choices=("small", "default", "large"), default="default")
    parser.add_argument("--most", type=int, default=150, help="latest cases of each type")
    parser.add_argument("--limit", type=int, help="only so many cases: a smoke test")
    given = parser.parse_args()
    size = cast("Size", given.size)
    rows = [
        row
        for seed in given.seed or [302]
        for row in islice(measured(seed, size, given.most), given.limit)
    ]
    print(HEAD)
    for name in sorted({row.case_type for row in rows}):
        print(told(name, [row for row in rows if row.case_type == name]))
    print(told("all", rows))


if __name__ == "__main__":
    main()
