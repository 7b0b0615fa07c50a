"""A batch on Ray: a head and two more nodes on this machine, PostgreSQL, and the sandbox over HTTP.

The cluster is on a loopback address that Ray does not take for one: what it takes for one it
replaces by the machine's own address.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import aclosing, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.types import ASGIApp, Receive, Scope, Send

from casewright.batching import Batch, Ended, Plan
from casewright.clock import utc_now
from casewright.errors import EnvironmentFault, UsageError
from casewright.models import RunStatus
from casewright.price import Price
from casewright.rate import Rate
from casewright.settings import Fallback, Settings
from graphs.batch import begin, open_batches, work
from graphs.ray_cluster import Node, connected, require_shared
from graphs.ray_engine import work_on_ray
from graphs.ray_worker import Order
from graphs.sameness import features_of, require_same
from sandbox.app import create_app
from sandbox.server import LOOPBACK, await_start, listen, uvicorn_server

NODE = {"num_cpus": 1, "object_store_memory": 80 * 1024 * 1024, "node_ip_address": "127.0.0.2"}
CASES = 12
FEW = 5
A_MINUTE = 240


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """The head, on which no case is taken, and two nodes with a processor each."""
    pytest.importorskip("ray", reason="casewright[ray] is not installed")
    with pytest.MonkeyPatch.context() as patch:
        # By default a token would be written into the home folder, and use be reported.
        patch.setenv("RAY_AUTH_MODE", "disabled")
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_worker_niceness", "0")
        above = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, above)))
        from ray.cluster_utils import Cluster

        head = {**NODE, "num_cpus": 0, "include_dashboard": False}
        made = Cluster(initialize_head=True, head_node_args=head)
        try:
            for _ in range(2):
                made.add_node(wait=False, **NODE)
            made.wait_for_nodes(60)
            yield made
        finally:
            made.shutdown()


@pytest.fixture
def shared(settings: Settings, store_url: SecretStr) -> Settings:
    """Settings whose store is on PostgreSQL."""
    return settings.model_copy(update={"store_url": store_url, "concurrency": 2})


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
    workers: set[str] = set()
    async with open_batches(shared) as (investigator, pace):
        batch = await begin(investigator, ids, Plan(engine="ray", address=cluster.address))
        batches = investigator.store.batches
        async with aclosing(work_on_ray(investigator, batch, pace=pace)) as endings:
            async for one in endings:
                found.append(one)
                if len(found) == 2:
                    workers = await batches.owners(batch.batch_id)
                    lost = cluster.list_all_nodes()[-1]
                    cluster.remove_node(lost, allow_graceful=False)
                    cluster.add_node(wait=False, **NODE)
        runs = await investigator.store.runs(RunStatus.WAITING)
        stands = await batches.get(batch.batch_id)
        tally = await batches.tally(batch.batch_id)
    assert len(workers) == 2
    assert sorted(one.case_id for one in found) == sorted(ids)
    assert [one.number for one in found] == [*range(1, CASES + 1)]
    assert sorted(one.case.case_id for one in runs) == sorted(ids)
    assert (stands.state, tally.ended) == ("ended", CASES)
    assert pace.limits()  # what the workers told
    assert totals(found) == totals(await alone(shared, ids))


class Counting:
    """ASGI middleware that notes when it was asked, on a steady clock."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.asked: list[float] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.asked.append(time.monotonic())
        await self._app(scope, receive, send)


@contextmanager
def counted(world: Path) -> Iterator[tuple[str, list[float]]]:
    """The marketplace's address, and when it was asked."""
    counting = Counting(create_app(world, faults=False, rate_limits=False))
    listening = listen(0)
    server = uvicorn_server(counting)  # type: ignore[arg-type]  # it takes any ASGI app
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    try:
        await_start(server, thread)
        yield f"http://{LOOPBACK}:{listening.getsockname()[1]}", counting.asked
    finally:
        server.should_exit = True
        thread.join(20)
        listening.close()


async def test_nodes_keep_one_bound_together_and_who_stops_them_frees_what_they_had(
    cluster: Any, shared: Settings, open_ids: list[str], world: Path
) -> None:
    ids = open_ids[:FEW]
    with counted(world) as (url, asked):
        bound = {"source_url": url, "source_requests_per_minute": A_MINUTE}
        async with open_batches(shared.model_copy(update=bound)) as (investigator, _):
            plan = Plan(engine="ray", address=cluster.address, workers=2, concurrency=3)
            batch = await begin(investigator, ids, plan)
            batches = investigator.store.batches
            async with aclosing(work_on_ray(investigator, batch)) as endings:
                first = [await anext(endings) for _ in range(FEW - 1)]
            tally = await batches.tally(batch.batch_id)
            owners = await batches.owners(batch.batch_id)
            on_both = list(asked)
            rest = [one async for one in work(investigator, batch)]
            runs = await investigator.store.runs(RunStatus.WAITING)
    assert (tally.leased, owners) == (0, set())
    assert tally.ended + tally.pending == FEW
    assert tally.pending + len(first) >= len(rest)
    assert sorted(one.case.case_id for one in runs) == sorted(ids)
    # Two nodes that had a bound each would have been twice as fast.
    rate = Rate(A_MINUTE)
    least = (len(on_both) - rate.burst) * rate.spacing_s() - 1
    assert least > 5
    assert on_both[-1] - on_both[0] >= least


async def test_a_node_that_would_decide_otherwise_is_told_of(
    shared: Settings, workspace: Path
) -> None:
    async with (
        open_batches(shared) as (here, _),
        open_batches(shared, workspace=workspace) as (there, _),
    ):
        own, other = await features_of(here), await features_of(there)
    require_same(own, dict(own), "node-1")
    with pytest.raises(EnvironmentFault, match="node-1 differs in procedures"):
        require_same(own, other, "node-1")
    with pytest.raises(EnvironmentFault, match="differs in node code: 15"):
        require_same(own, own | {"node code": "15"}, "node-1")


def test_an_order_carries_all_settings_and_shows_no_secret(settings: Settings) -> None:
    more = {
        "model_prices": {"small": Price.model_validate({"in": "0.15", "out": "0.6"})},
        "model_fallbacks": (Fallback(model="other", api_key_env="KEY"),),
        "store_url": SecretStr("postgresql://ana:hidden@db/cases"),
    }
    used = settings.model_copy(update=more)
    batch = {"batch_id": "b", "at": utc_now(), "author": "", "state": "open", "plan": Plan()}
    order = Order.of(used, None, Batch(**batch))
    assert Settings(**order.settings) == used.model_copy(update={"shared_rates": "on"})
    assert "hidden" not in repr(order)


def test_on_several_machines_store_and_source_are_where_all_reach_them(settings: Settings) -> None:
    here, there = socket.gethostname(), "node-1.example.com"
    require_shared(settings, {here})
    with pytest.raises(UsageError, match="store is a file of this machine"):
        require_shared(settings, {here, there})
    on_server = {"store_url": SecretStr("postgresql://ana@db/cases")}
    with pytest.raises(UsageError, match="source is on this machine"):
        require_shared(settings.model_copy(update=on_server), {there})
    reachable = on_server | {"source_url": "https://marketplace.example.com"}
    require_shared(settings.model_copy(update=reachable), {here, there})


@pytest.mark.parametrize(
    ("address", "error", "told"),
    [
        ("ray://head:10001", UsageError, "Ray Client"),
        ("head:port", UsageError, "no HOST:PORT"),
        ("127.0.0.1:{closed}", EnvironmentFault, "Nothing answers"),
    ],
)
def test_an_address_that_ray_would_wait_for_is_refused(
    address: str, error: type[Exception], told: str
) -> None:
    with closing(socket.socket()) as taken:
        taken.bind((LOOPBACK, 0))
        closed = taken.getsockname()[1]
        with pytest.raises(error, match=told), connected(address.format(closed=closed)):
            pass


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graphs.ray_cluster.find_spec", lambda _: None)
    with pytest.raises(EnvironmentFault, match=r'pip install "casewright\[ray\]"'), connected():
        pass


def test_a_worker_goes_where_there_is_all_that_it_wants() -> None:
    node = Node("n", "host", {"CPU": 2.0, "cases": 1.0})
    assert node.has({"CPU": 2.0})
    assert node.has({"CPU": 1.0, "cases": 0.5})
    assert not node.has({"CPU": 3.0})
    assert not node.has({"CPU": 1.0, "gpu": 1.0})
