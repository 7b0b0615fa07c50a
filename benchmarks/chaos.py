"""A batch whose sources and model fail: is every case decided, waiting, or parked with a reason?

    python benchmarks/chaos.py [--cases 500] [--rate 0.1] [--away 60] [--seed 1]

Proxies (``faulty.py``) stand before the sandbox's marketplace and before the SIMULATED model. A
tenth of all calls fail in seven ways, evenly: 500, 503 and 429 with a Retry-After, a connection
that is reset, a body cut short, one that is no JSON, an answer later than its caller waits. When a
third of the cases has ended the marketplace is away for a minute, and after two thirds the model.

Prints how the calls went, what the store says of every case, why cases are parked, and how long a
batch of the same cases took through the same proxies when nothing failed. Ends with 1 where a case
is lost, came to its gate twice, or is parked without a reason, or where the log does not verify.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from batches import Batch, Running, Standing, fresh, load, prepared, run, standing
from faulty import Manner, away, faulty, passed
from outside import Service, marketplace, model

from sandbox.embedded import world_of

PATIENCE_S: Final = 2.0
"""How long a call may take before its caller gives it up."""

LOOK_S: Final = 0.1


@dataclass(frozen=True)
class Surroundings:
    """Two services behind their proxies."""

    source: Service
    model: Service
    source_log: Path
    model_log: Path

    @property
    def settings(self) -> dict[str, str]:
        """With which a batch uses them."""
        return {
            "model": "simulated",
            "model_base_url": self.model.url,
            "model_timeout_s": str(PATIENCE_S),
            "source_timeout_s": str(PATIENCE_S),
        }


@contextmanager
def surrounded(
    world: Path, folder: Path, manner: Manner, *, latency_ms: int = 20
) -> Iterator[Surroundings]:
    """A marketplace and a model, each behind a proxy of that manner."""
    source_log, model_log = folder / "source.jsonl", folder / "model.jsonl"
    with (
        marketplace(world) as sandbox,
        model(world, latency_ms) as simulated,
        faulty(sandbox, source_log, manner) as source,
        faulty(simulated, model_log, manner) as reader,
    ):
        yield Surroundings(source, reader, source_log, model_log)


def disturbed(home: Path, around: Surroundings, given: argparse.Namespace) -> Batch:
    """Run a batch, and have each service be away for a while in the middle of it."""
    batch = Running(home, around.source, command(given), settings=around.settings)
    for share, service in ((1 / 3, around.source), (2 / 3, around.model)):
        while batch.alive and batch.done < share * given.cases:
            time.sleep(LOOK_S)
        if batch.alive:
            print(f"after {batch.done} cases: {_name(service, around)} is away for {given.away} s")
            away(service, given.away)
    return batch.ended()


def _name(service: Service, around: Surroundings) -> str:
    return "the marketplace" if service is around.source else "the model"


def command(given: argparse.Namespace) -> tuple[str, ...]:
    return (
        "batch",
        "run",
        "--priority",
        "none",
        "--limit",
        str(given.cases),
        "--concurrency",
        str(given.flying),
    )


def told_calls(name: str, log: Path) -> None:
    kinds: Mapping[str, int] = Counter(one["kind"] for one in passed(log))
    total = sum(kinds.values())
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    print(f"{name}: {total} calls: {told}")


def told_standing(found: Standing) -> None:
    print(f"cases: {found}")
    for reason, count in Counter(found.reasons).most_common(5):
        print(f"  {count:4d} parked: {reason[:160]}")
    for case_id in found.lost[:5]:
        print(f"  lost: {case_id}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--rate", type=float, default=0.1)
    parser.add_argument("--away", type=float, default=60.0, help="seconds")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--concurrency", type=int, default=16, dest="flying")
    parser.add_argument("--home", type=Path, default=None, help="keep what is prepared there")
    parser.add_argument("--small", action="store_true", help="a world of a tenth of the size")
    parser.add_argument("--alone", action="store_true", help="without the undisturbed batch")
    given = parser.parse_args()
    manner = Manner(given.rate, given.seed, late_s=PATIENCE_S * 1.5)
    with prepared(given.home, small=given.small, closed=0) as home:
        world = world_of(home)
        calm = None
        if not given.alone:
            with fresh(home) as place, surrounded(world, place, Manner()) as around:
                calm = run(place, around.source, *command(given), settings=around.settings)
        with fresh(home) as place, surrounded(world, place, manner) as around:
            batch = disturbed(place, around, given)
            told_calls("marketplace", around.source_log)
            told_calls("model", around.model_log)
            ids = [one["case_id"] for one in batch.lines]
            found = standing(place, ids)
            told_standing(found)
    short = given.cases - len(set(ids))
    if short:
        print(f"  {short} cases were never told of\n{batch.told[-2000:]}")
    beside = f", {batch.seconds / calm.seconds:.1f} of one undisturbed" if calm else ""
    print(f"{len(ids)} cases in {batch.seconds:.0f} s{beside}; exit code {batch.code}; {load()}")
    return 0 if found.clean and not short else 1


if __name__ == "__main__":
    sys.exit(main())
