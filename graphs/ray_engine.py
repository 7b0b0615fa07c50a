"""A batch on a Ray cluster: workers on its nodes take the cases, and this process tells of them.

What is to be done and what came of it goes through the store alone. A node that is lost loses the
calls that it had in flight: its cases are free again at once, and others take them.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Final

from casewright.batching import Batch, Ended
from casewright.store.away import patiently
from casewright.store.batches import Batches
from graphs.fleet import Fleet
from graphs.ray_cluster import connected
from graphs.ray_worker import Order
from graphs.run import Investigator
from graphs.sameness import features_of

LOOK_S: Final = 0.5
"""How often the store is asked what ended, in seconds."""


async def work_on_ray(
    investigator: Investigator,
    batch: Batch,
    *,
    workspace: Path | None = None,
    address: str = "",
    workers: int = 0,
) -> AsyncGenerator[Ended, None]:
    """Work on a batch on a cluster, and yield each case as it ends, whoever took it.

    Cancelling stops the cases in flight where they are and frees them; working on the batch again,
    on a cluster or not, goes on with them.

    Args:
        investigator: Its settings and store are used; no case is taken in this process.
        batch: The batch.
        workspace: The investigator's workspace; at the same path on every node.
        address: Of the cluster, see :func:`graphs.ray_cluster.connected`.
        workers: How many; 0: one on each node that has room for one.

    Raises:
        EnvironmentFault: Ray is not installed, there is no such cluster, a node would decide
            otherwise than this process, no worker can be started, or the store was away for too
            long.
        UsageError: a machine does not reach what the settings name.
    """
    batches = investigator.store.batches
    with connected(address):
        settings = investigator.settings
        order = Order.of(settings, workspace, batch)
        fleet = Fleet(settings, order, await features_of(investigator), batches, workers)
        number, over = await batches.newest(batch.batch_id), False

        async def asked() -> list[Ended]:
            return await _ended(batches, batch.batch_id, number)

        try:
            while not over:
                over = await fleet.look()
                for one in await patiently(asked, settings.store_patience_s):
                    number = one.number
                    yield one
                if not over:
                    await fleet.changed(LOOK_S)
        finally:
            await fleet.stop()


async def _ended(batches: Batches, batch_id: str, after: int) -> list[Ended]:
    """All cases that ended after that number."""
    found: list[Ended] = []
    while more := await batches.endings(batch_id, after=after):
        found += more
        after = more[-1].number
    return found
