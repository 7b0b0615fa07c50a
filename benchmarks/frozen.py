"""How fast gold cases are judged on frozen evidence, beside the same cases judged live.

Gold cases of small simulated worlds are judged live once, over real HTTP, and frozen; then all of
them are judged on the frozen evidence, in one process and in as many as ``--processes`` says. No
model reads: what is timed is gathering, rules, tables, the verifier and the graph around them. The
cases are the same, and so is what is decided of them: where one differs, the benchmark fails.

Printed for each way: cases, seconds by the clock, CPU seconds of all processes (the sandbox, which
answers live cases, runs in the same process), cases a second, and the ratio of CPU to live. Then
where the time of one frozen case goes, by part. The bar is 1,000 cases in under 30 s on two cores
that have nothing else to do; the clock is only worth reading on such a machine.

Run: python benchmarks/frozen.py [--seeds 7 8 9 10 11] [--cases 1000] [--processes 2]
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import os
import pstats
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from casewright.models import GoldCase
from casewright.settings import Settings
from evals.frozen import open_frozen
from evals.frozen_bench import frozen_bench
from evals.gold import load_gold
from evals.live import live_bench
from evals.scored import Scored
from evals.suite import judge_all
from sandbox.build import build_world
from sandbox.server import running

BAR_S = 30.0
IN_FLIGHT = 8
PARTS = {
    "loading the frozen case": ("evals/frozen.py", "case"),
    "which SOP, and whether it changed": ("graphs/entry.py", "_sop_for"),
    "gathering from frozen evidence": ("graphs/gather.py", "_run"),
    "rules": ("graphs/assess.py", "assess"),
    "table, claims, flags": ("graphs/decide.py", "decide"),
    "verifying citations": ("graphs/verify.py", "verify"),
    "traits for the metrics": ("evals/traits.py", "traits_of"),
}


@dataclass
class Taken:
    """What judging took: by the clock, and of all processors."""

    wall_s: float = 0.0
    cpu_s: float = 0.0


@contextmanager
def taking() -> Iterator[Taken]:
    """Time the block; processes that ended in it are counted as well."""
    taken, began, before = Taken(), time.perf_counter(), _cpu()
    yield taken
    taken.wall_s, taken.cpu_s = time.perf_counter() - began, _cpu() - before


def _cpu() -> float:
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    used = [resource.getrusage(kind) for kind in kinds]
    return sum(one.ru_utime + one.ru_stime for one in used)


def freeze(seeds: Sequence[int], most: int, home: Path, folder: Path) -> tuple[Taken, list[Scored]]:
    """Judge the first cases of the worlds live, and freeze them; building worlds is not timed."""
    done: list[Scored] = []
    total = Taken()
    for seed in seeds:
        world = home / f"seed-{seed}"
        build_world(world / "sandbox", seed=seed, size="small")
        every = load_gold(world / "sandbox" / "gold.jsonl")[: most - len(done)]
        gold = [one.model_copy(update={"seed": seed}) for one in every]
        with running(world / "sandbox", faults=False, rate_limits=False) as endpoint:
            settings = Settings(
                home=world,
                source_url=endpoint.base_url,
                source_token=SecretStr(endpoint.read_token),
            )
            with taking() as taken:
                done += asyncio.run(_live(settings, gold, folder))
        total.wall_s, total.cpu_s = total.wall_s + taken.wall_s, total.cpu_s + taken.cpu_s
    return total, done


async def _live(settings: Settings, gold: Sequence[GoldCase], path: Path) -> tuple[Scored, ...]:
    with open_frozen(path, create=True) as folder:
        async with live_bench(settings) as bench:

            def keep(one: Scored) -> None:
                if found := bench.frozen(one.gold.case_id):
                    folder.add(one.gold, found)

            return await judge_all(
                gold, bench.judge, concurrency=IN_FLIGHT, keep=keep, inspect=bench.traits
            )


def judged(path: Path, home: Path, part: int = 0, parts: int = 1) -> list[Scored]:
    """Judge every ``parts``-th frozen case, from the ``part``-th on."""
    return asyncio.run(_judged(path, home, part, parts))


async def _judged(path: Path, home: Path, part: int, parts: int) -> list[Scored]:
    done: list[Scored] = []
    with open_frozen(path) as folder:
        mine = folder.gold()[part::parts]
        for seed in dict.fromkeys(one.seed for one in mine):
            settings = Settings(home=home / f"seed-{seed}")
            async with frozen_bench(settings, folder, world=seed) as bench:
                here = [one for one in mine if one.seed == seed]
                done += await judge_all(
                    here, bench.judge, concurrency=IN_FLIGHT, inspect=bench.traits
                )
    return done


def spread(path: Path, home: Path, processes: int) -> list[Scored]:
    """Judge all frozen cases in several processes."""
    with ProcessPoolExecutor(processes) as pool:
        work = [pool.submit(judged, path, home, part, processes) for part in range(processes)]
        return [one for part in work for one in part.result()]


def differing(live: Sequence[Scored], frozen: Sequence[Scored]) -> list[str]:
    """Cases that are not decided as they were live; times aside."""
    told = {(one.gold.seed, one.gold.case_id): _told(one) for one in frozen}
    return [
        f"{one.gold.case_id} of seed {one.gold.seed}"
        for one in live
        if told[one.gold.seed, one.gold.case_id] != _told(one)
    ]


def _told(one: Scored) -> Scored:
    traits = one.traits and one.traits.model_copy(update={"seconds": 0.0})
    return one.model_copy(update={"traits": traits})


def shares(work: Callable[[], object]) -> Iterator[tuple[str, float]]:
    """The share of the time that each part took, under a profiler, which tells shares alone."""
    profile = cProfile.Profile()
    profile.runcall(work)
    stats = pstats.Stats(profile)
    whole = stats.total_tt  # type: ignore[attr-defined]
    for told, (file, name) in PARTS.items():
        spent = [
            row[3]
            for (path, _, function), row in stats.stats.items()  # type: ignore[attr-defined]
            if function == name and path.endswith(file)
        ]
        yield told, sum(spent) / whole


def line(told: str, cases: int, taken: Taken, live: Taken) -> str:
    ratio = taken.cpu_s / live.cpu_s
    return (
        f"{told:28} {cases:6} {taken.wall_s:8.1f} {taken.cpu_s:8.1f} "
        f"{cases / taken.wall_s:8.1f} {1000 * taken.cpu_s / cases:8.1f} {ratio:7.3f}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[7, 8, 9, 10, 11])
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument(
        "--home", type=Path, help="Where worlds are kept; else they are built anew."
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="casewright-frozen-") as temporary:
        home, folder = given.home or Path(temporary), Path(temporary) / "frozen"
        print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
        live, then = freeze(given.seeds, given.cases, home, folder)
        cases = len(then)
        print(
            f"{'':28} {'cases':>6} {'wall s':>8} {'CPU s':>8} {'a s':>8} {'ms CPU':>8} {'ratio':>7}"
        )
        print(line("live, frozen meanwhile", cases, live, live))
        with taking() as alone:
            now = judged(folder, home)
        print(line("frozen, one process", cases, alone, live))
        with taking() as many:
            also = spread(folder, home, given.processes)
        print(line(f"frozen, {given.processes} processes", cases, many, live))
        wrong = [*differing(then, now), *differing(then, also)]
        print(f"decided otherwise than live: {len(wrong)} {' '.join(wrong[:5])}")
        for told, share in shares(lambda: judged(folder, home, 0, max(1, cases // 200))):
            print(f"  {told:36} {share:6.1%}")
    best = min(alone.wall_s, many.wall_s)
    print(f"{cases} cases in {best:.1f} s; the bar for 1,000 is {BAR_S:.0f} s")
    return 1 if wrong or best > BAR_S * cases / 1000 else 0


if __name__ == "__main__":
    sys.exit(main())
