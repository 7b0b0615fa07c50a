"""How many cases a second a batch takes to its gate, beside a script that keeps nothing.

    python benchmarks/throughput.py [--cases 5000] [--memory 20000] [--home FOLDER]

The sandbox serves the default world of seed 7 over loopback, in a process of its own, without
faults and limits; no model is set, and the knowledge base holds the world's 6,000 closed cases.
Beyond its 600 open cases the same ones come again under further ids. ``casewright batch run``
takes them to the gate with everything durable. Then a hand-written script (``handwritten.py``)
makes the same requests, each as often as the batch did, embeds the same texts with the same model
and asks the same collections of Chroma for the nearest. Both are whole processes, with their start.

Prints cases a second and processor time of both, the ratio, where the batch's processor time went
(``sampled.py``, in a round of its own, so that looking costs the others nothing), and its memory:
the most it had, and after so many cases. Ends with 1 where a case failed. ``--home`` keeps the
prepared world and knowledge base, which take two minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

from batches import ROOT, Batch, environment, fresh, load, prepared, run
from outside import INBOX, Service, asked, forget, marketplace
from sampled import LOOKING

from sandbox.embedded import world_of

TARGET: Final = 0.6
MOST_MEMORY: Final = 900
"""Megabytes (10^6 bytes) that a batch may have."""

GROWTH: Final = 1.05
"""How much more memory it may have after all cases than after a quarter: what noise makes."""


@dataclass
class Traced:
    """What one case asks for: paths, and collection and text of each embedding."""

    asks: list[str] = field(default_factory=list)
    searches: list[tuple[str, str]] = field(default_factory=list)

    def again(self, case_id: str, copy: str) -> dict[str, Any]:
        """The same for a copy of the case."""
        own, its = f"{INBOX}/{case_id}", f"{INBOX}/{copy}"
        asks = [its + one.removeprefix(own) if one.startswith(own) else one for one in self.asks]
        return {"asks": asks, "searches": self.searches}


@contextmanager
def overheard(traced: list[tuple[str, str]]) -> Iterator[None]:
    """Note what is embedded inside the block; with its collection where it is searched for."""
    from knowledge_base.dense import family_key
    from knowledge_base.embedding import Embedder
    from knowledge_base.precedents import Precedents

    search, embed = Precedents.search, Embedder.embed
    looked_for: list[str] = []

    def searching(self: Precedents, case: Any, **given: Any) -> Any:
        looked_for.append(given["text"])
        traced.append((family_key(case.case_type), given["text"]))
        return search(self, case, **given)

    def embedding(self: Embedder, texts: Sequence[str]) -> Any:
        traced.extend(("", one) for one in texts if one not in (*looked_for, "warm"))
        return embed(self, texts)

    Precedents.search, Embedder.embed = searching, embedding  # type: ignore[method-assign]
    try:
        yield
    finally:
        Precedents.search, Embedder.embed = search, embed  # type: ignore[method-assign]


async def trace(home: Path, source: Service, cases: int) -> tuple[list[str], dict[str, Traced]]:
    """So many open cases; and each of the world's own taken to its gate alone, and overheard."""
    from pydantic import SecretStr

    from casewright.settings import Settings
    from graphs.run import open_investigator

    settings = Settings(
        home=home, source_url=source.url, source_token=SecretStr(source.token), source_timeout_s=60
    )
    found: dict[str, Traced] = {}
    async with open_investigator(settings) as investigator:
        ids = await investigator.open_case_ids(None, cases)
        for case_id in dict.fromkeys(one.partition("-")[0] for one in ids):
            one = Traced()
            forget(source)
            with overheard(one.searches):
                await investigator.investigate(case_id)
            one.asks = asked(source)
            found[case_id] = one
    return ids, found


def planned(
    traced: dict[str, Traced], case_ids: Sequence[str], made: Sequence[str]
) -> tuple[list[str], list[dict[str, Any]]]:
    """The requests that a batch made, each as often as it did, by the case that they are for.

    Those that belong to no case, such as the list of cases, come first.
    """
    left = Counter(made)
    cases = []
    for case_id in case_ids:
        base = case_id.partition("-")[0]
        case = traced[base].again(base, case_id)
        kept = []
        for path in case["asks"]:
            if left[path] > 0:
                left[path] -= 1
                kept.append(path)
        cases.append({**case, "asks": kept})
    return list(left.elements()), cases


def scripted(
    home: Path, source: Service, plan: tuple[list[str], list[dict[str, Any]]], concurrency: int
) -> dict[str, float]:
    """Run the script to its end; its cases, requests, seconds and processor time."""
    (vectors,) = (home / "knowledge").glob("vectors-*")  # a base filled once has one set
    file = home / "plan.json"
    told = {
        "url": source.url,
        "token": source.token,
        "vectors": str(vectors),
        "concurrency": concurrency,
        "first": plan[0],
        "cases": plan[1],
    }
    file.write_text(json.dumps(told), "utf-8")
    command = [sys.executable, str(ROOT / "benchmarks" / "handwritten.py"), str(file)]
    before = _children()
    start = time.perf_counter()
    ran = subprocess.run(
        command, env=environment(source, {}), capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - start
    assert ran.returncode == 0, ran.stderr
    return {**json.loads(ran.stdout), "seconds": seconds, "cpu": _children() - before}


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def told_batch(name: str, batch: Batch, requests: int) -> None:
    cases = len(batch.lines)
    print(
        f"{name:12} {batch.rate:7.1f} cases/s  {batch.seconds:7.1f} s  "
        f"cpu {1000 * batch.cpu / cases:6.1f} ms/case  {requests / cases:4.1f} requests/case  "
        f"memory at most {batch.peak / 1e6:.0f} MB"
    )


def told_script(script: dict[str, float]) -> None:
    cases = script["cases"]
    print(
        f"{'script':12} {cases / script['seconds']:7.1f} cases/s  {script['seconds']:7.1f} s  "
        f"cpu {1000 * script['cpu'] / cases:6.1f} ms/case  "
        f"{script['requests'] / cases:4.1f} requests/case"
    )


def told_parts(file: Path, cases: int) -> None:
    """Where the processor time went."""
    told = json.loads(file.read_text("utf-8"))
    print(f"\nwhere the processor time went ({1000 * told['cpu'] / cases:.1f} ms a case)")
    parts = sorted(told["seconds"].items(), key=lambda one: (one[0] == LOOKING, -one[1]))
    for part, seconds in parts:
        print(f"  {part:24} {1000 * seconds / cases:7.2f} ms/case {seconds / told['cpu']:6.1%}")


def told_memory(batch: Batch) -> bool:
    """The memory after so many cases; whether it is within its bounds."""
    marks = sorted(batch.memory.items())
    shown = [one for one in marks if one[0] % max(1, len(batch.lines) // 4) == 0] or marks[-1:]
    parts = ", ".join(f"{size / 1e6:.0f} MB after {count:,}" for count, size in shown)
    quarter = next((size for count, size in marks if count >= len(batch.lines) // 4), batch.peak)
    grown = (marks[-1][1] if marks else batch.peak) / quarter
    within = batch.peak / 1e6 < MOST_MEMORY and grown < GROWTH
    print(
        f"\nmemory: at most {batch.peak / 1e6:.0f} MB; {parts}; grown to {grown:.2f} of a "
        f"quarter's; target under {MOST_MEMORY} MB and not growing: {'met' if within else 'MISSED'}"
    )
    return within


def failures(batch: Batch) -> int:
    """How many cases failed, or never came."""
    bad = [one for one in batch.lines if one.get("error")]
    for one in bad[:3]:
        print(f"  {one['case_id']}: {one['error']}", file=sys.stderr)
    if batch.code not in (0, 1, 3):
        print(batch.told[-2000:], file=sys.stderr)
    return len(bad)


def measured(home: Path, given: argparse.Namespace) -> int:
    """Both, as often as is wanted; how many cases failed."""
    arguments = (
        "batch",
        "run",
        "--priority",
        "none",
        "--limit",
        str(given.cases),
        "--concurrency",
        str(given.flying),
    )
    every = max(1, given.cases // 20)
    ratios, failed = [], 0
    with marketplace(world_of(home), given.cases) as source:
        with fresh(home) as place:
            ids, traced = asyncio.run(trace(place, source, given.cases))
        plan: tuple[list[str], list[dict[str, Any]]] = ([], [])
        for _ in range(given.rounds):
            forget(source)
            with fresh(home) as place:
                batch = run(place, source, *arguments, every=every)
                size = sum(one.stat().st_size for one in place.glob("*.sqlite*"))
            made = asked(source)
            plan = planned(traced, ids, made)
            with fresh(home) as place:
                script = scripted(place, source, plan, given.flying)
            failed += failures(batch) + (given.cases - len(batch.lines))
            told_batch("batch", batch, len(made))
            told_script(script)
            ratios.append(batch.rate / (script["cases"] / script["seconds"]))
            print(f"{'ratio':12} {ratios[-1]:7.2f}  store {size / given.cases / 1000:.1f} kB/case")
        ratio = median(ratios)
        verdict = "met" if ratio >= TARGET else "MISSED"
        print(f"\nratio {ratio:.2f}, target {TARGET}: {verdict}; {load()}")
        if given.sampled:
            count = min(given.cases, given.sampled)
            few = (*arguments[:3], str(count), *arguments[4:])
            with fresh(home) as place:
                batch = run(place, source, *few, sampled=place / "sampled.json")
                told_parts(place / "sampled.json", len(batch.lines))
    return failed


def remembered(home: Path, given: argparse.Namespace) -> int:
    """The memory of a longer batch; 0 where it is within its bounds."""
    with marketplace(world_of(home), given.memory) as source, fresh(home) as place:
        batch = run(
            place, source, "batch", "run", "--priority", "none", "--limit", str(given.memory),
            "--concurrency", str(given.flying), every=max(1, given.memory // 20),
        )  # fmt: skip
    told_batch("long batch", batch, 0)
    told_memory(batch)
    return failures(batch)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=5000)
    parser.add_argument("--memory", type=int, default=20_000, help="cases of a second one; 0: none")
    parser.add_argument("--sampled", type=int, default=1000, help="cases looked into; 0: none")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--concurrency", type=int, default=32, dest="flying")
    parser.add_argument("--home", type=Path, default=None, help="keep what is prepared there")
    parser.add_argument("--small", action="store_true", help="a world of a tenth of the size")
    parser.add_argument("--closed", type=int, default=None, help="most closed cases remembered")
    given = parser.parse_args()
    with prepared(given.home, small=given.small, closed=given.closed) as home:
        print(f"{given.cases} cases, {given.flying} in flight; {os.cpu_count()} cores")
        failed = measured(home, given)
        if given.memory:
            failed += remembered(home, given)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
