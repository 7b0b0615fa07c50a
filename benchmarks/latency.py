"""How near a batch comes to the ideal where a model takes 300 ms a call and 64 cases are in flight.

    python benchmarks/latency.py [--cases 1000] [--latency 300] [--concurrency 64] [--narrator]

The SIMULATED model answers through a proxy (``faulty.py``) in a process of its own, which lets
every answer take its time and repeats what it was asked before from memory: a first batch has it
learn all answers, a second one is measured. The ideal is what that many calls take at least, where
as many as there are cases in flight are always on their way: calls x latency / concurrency. Beside
it stands a script that posts the very same calls, as many at once, and does nothing else.

Prints calls, seconds, how many calls were on their way on average, and the ratio of the ideal to
the time taken, for both; processor time of the batch by case and by call; and how long the same
cases take where no model is set, below which no latency could bring them. Ends with 1 where a case
failed.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import httpx
from batches import Batch, fresh, load, prepared, run
from faulty import Manner, bodies, faulty, passed
from outside import Service, marketplace, model

from sandbox.embedded import world_of

TARGET: Final = 0.9
ANSWERS: Final = "/v1/chat/completions"


def replies(log: Path, skipped: int) -> list[dict[str, Any]]:
    """The model's calls that the log holds, but for the first ones."""
    return [one for one in passed(log)[skipped:] if one["path"] == ANSWERS]


def ratio(calls: int, given: argparse.Namespace, seconds: float) -> float:
    """The ideal by the time taken."""
    ideal: float = calls * given.latency / 1000 / given.flying
    return ideal / seconds


def told(name: str, calls: Sequence[dict[str, Any]], seconds: float, share: float) -> None:
    flying = sum(one["seconds"] for one in calls) / seconds
    print(
        f"{name:8} {len(calls):6d} calls in {seconds:7.1f} s, {flying:5.1f} at once on average: "
        f"{share:5.2f} of the ideal"
    )


async def posted(service: Service, sent: Sequence[str], at_once: int) -> float:
    """Post the same calls, so many at once; seconds."""
    gate = asyncio.Semaphore(at_once)
    limits = httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once)
    headers = {"content-type": "application/json"}
    async with httpx.AsyncClient(
        limits=limits, headers=headers, timeout=120, trust_env=False
    ) as client:

        async def post(body: str) -> Any:
            async with gate:
                answer = await client.post(f"{service.url}/chat/completions", content=body)
            return answer.raise_for_status().json()

        start = time.perf_counter()
        await asyncio.gather(*map(post, sent))
        return time.perf_counter() - start


def measured(home: Path, folder: Path, given: argparse.Namespace) -> Batch:
    log = folder / "model.jsonl"
    manner = Manner(latency_s=given.latency / 1000, by_heart=True)
    command = (
        "batch",
        "run",
        "--priority",
        "none",
        "--limit",
        str(given.cases),
        "--concurrency",
        str(given.flying),
    )
    with (
        marketplace(world_of(home), given.cases) as source,
        model(world_of(home)) as simulated,
        faulty(simulated, log, manner) as slow,
    ):
        settings = {
            "model": "simulated",
            "model_base_url": slow.url,
            "model_concurrency": str(given.flying),
            "narrator": "on" if given.narrator else "off",
            "source_timeout_s": "60",
        }
        with fresh(home) as place:
            bare = run(place, source, *command)
        with fresh(home) as place:
            run(place, source, *command, settings=settings)
        learnt, sent = len(passed(log)), len(bodies(slow))
        with fresh(home) as place:
            batch = run(place, source, *command, settings=settings)
        calls = replies(log, learnt)
        share = ratio(len(calls), given, batch.seconds)
        told("batch", calls, batch.seconds, share)
        before = len(passed(log))
        seconds = asyncio.run(posted(slow, bodies(slow)[sent:], given.flying))
        again = replies(log, before)
        told("script", again, seconds, ratio(len(again), given, seconds))
    cases, cpu = len(batch.lines), batch.cpu
    print(
        f"{cases} cases, {len(calls) / cases:.1f} calls each; cpu {1000 * cpu / cases:.1f} ms a "
        f"case, {1000 * (cpu - bare.cpu) / max(1, len(calls)):.1f} ms more for a call; without a "
        f"model {bare.seconds:.1f} s"
    )
    verdict = "met" if share >= TARGET else "MISSED"
    print(f"\n{share:.2f} of the ideal, target {TARGET}: {verdict}; {load()}")
    return batch


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--latency", type=float, default=300, help="milliseconds")
    parser.add_argument("--concurrency", type=int, default=64, dest="flying")
    parser.add_argument("--narrator", action="store_true", help="the model tells the rationale too")
    parser.add_argument("--home", type=Path, default=None, help="keep what is prepared there")
    parser.add_argument("--small", action="store_true", help="a world of a tenth of the size")
    given = parser.parse_args()
    with prepared(given.home, small=given.small, closed=0) as home, fresh(home) as folder:
        batch = measured(home, folder, given)
    failed = [one for one in batch.lines if one["error"]]
    for one in failed[:3]:
        print(f"  {one['case_id']}: {one['error']}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
