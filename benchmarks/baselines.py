"""How right the ten built-in SOPs are on worlds nobody looked at, beside what learners reach.

Two phases. The first builds small simulated worlds of unseen seeds and judges their gold cases, all
of which opened after the simulated parties had changed their ways twice, and their past cases,
each as of two days after it opened or just before it closed. It goes on where it stopped. The
second compares, SOP by SOP, over all worlds.

The reader is by default the simulated ``expert``, who knows the sandbox's texts nearly by heart:
the handbook's figures are for every question read rightly. All figures are of simulated worlds:
they say nothing about a real model or a real market.

Run: python benchmarks/baselines.py --seeds 101-120 --out FOLDER [--reader none] [--limit 40]
     python benchmarks/baselines.py --report FOLDER [--drawn]
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import cast

from beside import drawn_tables, tables
from judged import PARTS, Job, Judged, ReaderStyle, judged_cases
from rivals import SPLITS, predictions
from unseen import judge_world

AT_A_TIME = 2
NICENESS = 10
FOLDS = 5


def seeds_of(text: str) -> list[int]:
    """Seeds from ``101-120`` or ``101,105,110-112``."""

    def spans() -> Iterator[range]:
        for part in text.split(","):
            first, _, last = part.partition("-")
            yield range(int(first), int(last or first) + 1)

    return [seed for span in spans() for seed in span]


def judge(jobs: Sequence[Job], at_a_time: int) -> None:
    """Judge the worlds, each in a process of its own that lets others go first."""
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        at_a_time, fresh, initializer=os.nice, initargs=(NICENESS,), max_tasks_per_child=1
    ) as pool:
        for done in as_completed([pool.submit(judge_world, job) for job in jobs]):
            print(done.result(), flush=True)


def compare(jobs: Sequence[Job], folds: int, *, drawn: bool = False) -> None:
    """Compare what was judged of the worlds, and print the tables.

    Args:
        jobs: The worlds; one that nothing was judged of is left out.
        folds: Groups of worlds; see ``rivals.predictions``.
        drawn: Whether to print first what the decision tables alone make of drawn facts.
    """
    there = [job for job in jobs if all(job.path(part).is_file() for part in PARTS)]
    judged = [one for job in there for one in judged_cases(job)]
    print(about(there, judged, folds))
    if drawn:
        print("\n".join(["", *drawn_tables()]), flush=True)
    for split in SPLITS:
        said = predictions(judged, split, folds)
        print("\n".join(["", *tables(judged, split, said)]), flush=True)


def about(jobs: Sequence[Job], judged: Sequence[Judged], folds: int) -> str:
    """What was judged, in a line or two."""
    cases = {part: sum(one.part == part for one in judged) for part in PARTS}
    versions = sorted({one.scored.graph_version for one in judged if one.scored.graph_version})
    failed = sum(1 for one in judged if one.scored.predicted == "error")
    return (
        f"worlds {', '.join(str(job.seed) for job in jobs)}: {cases['gold']} gold cases, "
        f"{cases['past']} past ones, {failed} of them failed; pooled learners in {folds} groups "
        f"of worlds\n{', '.join(versions)}"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=seeds_of, default=seeds_of("101-120"))
    parser.add_argument("--out", type=Path, help="folder to judge into")
    parser.add_argument("--reader", default="expert", choices=("none", "expert", "noisy"))
    parser.add_argument("--limit", type=int, help="only so many cases a part: a smoke test")
    parser.add_argument("--at-a-time", type=int, default=AT_A_TIME, help="worlds at a time")
    parser.add_argument("--report", type=Path, help="folder to compare")
    parser.add_argument("--folds", type=int, default=FOLDS, help="groups of worlds; see rivals.py")
    parser.add_argument("--drawn", action="store_true", help="also the tables on drawn facts")
    given = parser.parse_args(arguments)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    if given.out:
        given.out.mkdir(parents=True, exist_ok=True)
        style = cast("ReaderStyle", given.reader)
        judge([Job(seed, given.out, style, given.limit) for seed in given.seeds], given.at_a_time)
    if given.report:
        jobs = [Job(seed, given.report) for seed in given.seeds]
        compare(jobs, given.folds, drawn=given.drawn)
        print(f"\nload {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
