"""A batch on Ray: a head and two more nodes on this machine, PostgreSQL, and the sandbox over HTTP.

The cluster is on a loopback address that Ray does not take for one: what it takes for one it
replaces by the machine's own address.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from casewright.batching import Batch, Ended, Plan
from casewright.errors import EnvironmentFault, UsageError
from casewright.models import RunStatus
from casewright.settings import Settings
from graphs import ray_cluster
from graphs.batch import begin, open_batches, work
from graphs.ray_cluster import connected, require_ray, require_shared
from graphs.ray_engine import work_on_ray
from graphs.run import Investigator
from graphs.sameness import features_of, require_same

NODE = {"num_cpus": 1, "object_store_memory": 80 * 1024 * 1024, "node_ip_address": "127.0.0.2"}
CASES = 12


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """The head, on which no case is taken, and two nodes with a processor each."""
    pytest.importorskip("ray", reason="casewright[ray] is not installed")
    with pytest.MonkeyPatch.context() as patch:
        # By default a token would be written into the home folder, and use be reported.
        patch.setenv("RAY_AUTH_MODE", "disabled")
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parents[2]), *_path()]))
        from ray.cluster_utils import Cluster

        head = {**NODE, "num_cpus": 0, "include_dashboard": False}
        made = Cluster(initialize_head=True, head_node_args=head)
        try:
            for _ in range(2):
                made.add_node(**NODE)
            yield made
        finally:
            made.shutdown()


def _path() -> list[str]:
    given = os.environ.get("PYTHONPATH", "")
    return [given] if given else []


@pytest.fixture
def shared(settings: Settings, store_url: SecretStr) -> Settings:
    """Settings whose store is on PostgreSQL."""
    return settings.model_copy(update={"store_url": store_url, "concurrency": 2})


async def on_ray(investigator: Investigator, batch: Batch, address: str) -> list[Ended]:
    return [one async for one in work_on_ray(investigator, batch, address=address)]


async def alone(settings: Settings, ids: Sequence[str]) -> list[Ended]:
    """How the local engine ends the same cases, in a store of its own."""
    own = settings.model_copy(update={"home": settings.home / "alone", "store_url": SecretStr("")})
    async with open_batches(own) as (investigator, _):
        batch = await begin(investigator, ids, Plan())
        return [one async for one in work(investigator, batch)]


def totals(found: Sequence[Ended]) -> Counter[tuple[str, ...]]:
    endings = (one.ending for one in found)
    return Counter((one.status, one.outcome, one.route, one.graph_version) for one in endings)


async def test_nodes_take_the_cases_as_one_process_does_and_one_that_is_lost_loses_none(
    cluster: Any, shared: Settings, open_ids: list[str]
) -> None:
    ids = open_ids[:CASES]
    found: list[Ended] = []
    async with open_batches(shared) as (investigator, _):
        batch = await begin(investigator, ids, Plan(engine="ray"))
        batches = investigator.store.batches
        async with aclosing(work_on_ray(investigator, batch, address=cluster.address)) as endings:
            async for one in endings:
                found.append(one)
                if len(found) == 2:
                    workers = await batches.owners(batch.batch_id)
                    lost = cluster.list_all_nodes()[-1]
                    cluster.remove_node(lost, allow_graceful=False)
        runs = await investigator.store.runs(RunStatus.WAITING)
        stands = await batches.get(batch.batch_id)
        tally = await batches.tally(batch.batch_id)
    cluster.add_node(**NODE)
    assert len(workers) == 2
    assert sorted(one.case_id for one in found) == sorted(ids)
    assert [one.number for one in found] == [*range(1, CASES + 1)]
    assert sorted(one.case.case_id for one in runs) == sorted(ids)
    assert (stands.state, tally.ended) == ("ended", CASES)
    assert totals(found) == totals(await alone(shared, ids))
