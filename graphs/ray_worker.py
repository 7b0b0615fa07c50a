"""The worker that Ray runs on a node: it knows which batch, under which settings, and no more.

Nodes import this module by its name. All that a worker does is in the store, so that any number of
them may work on one batch, and one that is lost loses nothing but the calls it had in flight.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from casewright.batching import Batch
from casewright.otlp import exporting
from casewright.settings import Settings
from graphs.batch import open_batches, work
from graphs.sameness import features_of


@dataclass(frozen=True)
class Order:
    """What a worker is sent. It goes in the arguments of Ray's own calls, and nowhere else.

    Attributes:
        settings: All settings by name, secrets included; they go before the node's own.
        workspace: The workspace, at the same path on every node; or None.
        batch: The batch.
    """

    settings: Mapping[str, Any]
    workspace: Path | None
    batch: Batch

    @classmethod
    def of(cls, settings: Settings, workspace: Path | None, batch: Batch) -> Order:
        """An order under these settings; the bounds on a minute are kept by all workers together.

        Args:
            settings: The driver's.
            workspace: The driver's.
            batch: The batch.
        """
        told = settings.model_dump(by_alias=True) | {"shared_rates": "on"}
        return cls(told, workspace, batch)


@dataclass(frozen=True)
class Greeting:
    """What a worker says when it is ready.

    Attributes:
        node: Its node, as Ray knows it.
        host: The name of its machine.
        features: What it decides by, see :func:`graphs.sameness.features_of`.
    """

    node: str
    host: str
    features: Mapping[str, str]


class RayWorker:
    """Works on one batch, in an actor of Ray's.

    Args:
        order: What it is to do.
        name: The name under which it leases cases; nobody else has it.
    """

    def __init__(self, order: Order, name: str) -> None:
        self._order = order
        self._name = name
        self._go = asyncio.Event()
        self._life: asyncio.Task[None] | None = None

    async def hello(self) -> Greeting:
        """Open everything, and say that it is ready; nothing is begun yet.

        Raises:
            CasewrightError: as ``graphs.run.open_investigator`` does.
        """
        import ray

        ready = asyncio.get_running_loop().create_future()
        self._life = asyncio.ensure_future(self._live(ready))
        await asyncio.wait({ready, self._life}, return_when=asyncio.FIRST_COMPLETED)
        if self._life.done():
            await self._life
        node = ray.get_runtime_context().get_node_id()
        return Greeting(node, socket.gethostname(), await ready)

    async def work(self) -> None:
        """Work until the batch is over, or until :meth:`stop`.

        Raises:
            EnvironmentFault: the store could not be used for too long.
        """
        self._go.set()
        if self._life is not None:
            with suppress(asyncio.CancelledError):
                await self._life

    async def stop(self) -> None:
        """Stop the cases in flight where they are and free them; :meth:`work` then returns."""
        if self._life is not None:
            self._life.cancel()

    async def _live(self, ready: asyncio.Future[Mapping[str, str]]) -> None:
        batch, workspace = self._order.batch, self._order.workspace
        settings = Settings(**self._order.settings)
        with exporting(settings.otlp_endpoint):
            async with open_batches(
                settings, workspace=workspace, concurrency=batch.plan.concurrency
            ) as (investigator, pace):
                ready.set_result(await features_of(investigator))
                await self._go.wait()
                async with aclosing(
                    work(investigator, batch, pace=pace, owner=self._name)
                ) as endings:
                    async for _ in endings:
                        pass  # the driver reads them in the store
