"""The workers of a batch on a Ray cluster: started, watched, replaced, and stopped.

The driver starts another worker for one that is lost, and Ray restarts none: each has a name of its
own, so that the cases of the lost one can be told from those of who comes after it.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from casewright.errors import CasewrightError, EnvironmentFault
from casewright.settings import Settings
from casewright.store.away import patiently
from casewright.store.batches import Batches
from graphs.ray_cluster import Node, nodes, require_shared
from graphs.ray_worker import Order, RayWorker
from graphs.sameness import require_same

if TYPE_CHECKING:
    from ray.exceptions import RayError

NODES_S: Final = 2.0
"""How often nodes that joined are looked for, in seconds."""

REST_S: Final = 30.0
"""How long a place is left alone where a worker ended before it was ready, in seconds."""

STARTS: Final = 5
"""So many of those in a row are no chance, where nobody else is at work."""

START_S: Final = 900.0
"""How long the first worker may take to be ready, in seconds: new machines take minutes."""

STOP_S: Final = 30.0
"""How long workers may take to free what they have in flight, in seconds."""


@dataclass(eq=False)
class Member:
    """A worker, as the driver knows it.

    Attributes:
        name: The name under which it leases cases.
        node: Its node; empty until that is known.
        actor: Ray's handle.
        ready: Whether it has said so.
    """

    name: str
    node: str
    actor: Any
    ready: bool = False


class Fleet:
    """Keeps as many workers at work as are wanted.

    Args:
        settings: ``ray_cpus`` and ``ray_resources`` are what each is to have.
        order: What they are to do.
        here: What this process decides by, see :func:`graphs.sameness.features_of`.
        batches: Where their cases are leased.
        count: How many are wanted; 0: one on each node that has room, and on each that joins.
    """

    def __init__(
        self,
        settings: Settings,
        order: Order,
        here: Mapping[str, str],
        batches: Batches,
        count: int = 0,
    ) -> None:
        self._settings, self._order, self._here = settings, order, here
        self._batches = batches
        self._count = count
        self._members: dict[asyncio.Task[None], Member] = {}
        self._lost: list[str] = []
        self._rests: dict[str, float] = {}
        self._failed = 0
        self._over = self._any_ready = False
        self._began = time.monotonic()
        self._looked_at = 0.0

    @property
    def at_work(self) -> int:
        """How many are at work."""
        return sum(one.ready for one in self._members.values())

    async def look(self) -> bool:
        """Hear who ended, free what was lost, start who is missing.

        Returns:
            Whether the batch is over, and nobody is at work any more.

        Raises:
            EnvironmentFault: a node would decide otherwise, or no worker can be started.
            UsageError: a machine does not reach what the settings name.
        """
        for task in [one for one in self._members if one.done()]:
            self._ended(self._members.pop(task), task.exception())
        await self._bury(self._settings.store_patience_s)
        if not self._over and time.monotonic() - self._looked_at >= NODES_S:
            self._looked_at = time.monotonic()
            self._fill()
        return self._over and not self.at_work

    async def changed(self, seconds: float) -> None:
        """Wait until a worker ends, or so many seconds have passed."""
        if self._members:
            await asyncio.wait(self._members, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        else:
            await asyncio.sleep(seconds)

    async def stop(self) -> None:
        """Have all free what they have in flight, and end them."""
        import ray

        working = [task for task, one in self._members.items() if one.ready]
        for task in working:
            self._members[task].actor.stop.remote()
        if working:
            await asyncio.wait(working, timeout=STOP_S)
        for task, one in self._members.items():
            if not task.done() or task.exception() is not None:
                self._lost.append(one.name)
            task.cancel()
            ray.kill(one.actor)
        await asyncio.gather(*self._members, return_exceptions=True)
        self._members.clear()
        with suppress(Exception):  # what is left returns when its lease ends
            await self._bury(patience_s=0.0)

    def _ended(self, member: Member, error: BaseException | None) -> None:
        """Hear that a worker ended."""
        import ray
        from ray.exceptions import RayError, RayTaskError

        if error is None:
            self._over = True
        elif isinstance(error, RayTaskError) and isinstance(error.cause, CasewrightError):
            raise error.cause
        elif isinstance(error, RayTaskError) or not isinstance(error, RayError):
            raise error
        else:
            ray.kill(member.actor)  # it may live where only the way to it is cut
            self._lost.append(member.name)
            if not member.ready:
                self._not_started(member, error)

    def _not_started(self, member: Member, error: RayError) -> None:
        self._rests[member.node] = time.monotonic() + REST_S
        self._failed += 1
        if self._failed >= STARTS and not self.at_work:
            raise EnvironmentFault(
                f"{self._failed} workers ended before they were ready: {error}",
                remedy="Every node needs the same casewright, and memory for it.",
            )

    async def _bury(self, patience_s: float) -> None:
        """Free what lost workers had."""
        while self._lost:
            await patiently(partial(self._batches.bury, self._lost[0]), patience_s)
            del self._lost[0]

    def _fill(self) -> None:
        there = nodes()
        require_shared(self._settings, {one.host for one in there})
        for node in self._missing(there):
            if self._rests.get(node, 0.0) <= time.monotonic():
                self._start(node)
        if not self._any_ready and time.monotonic() - self._began > START_S:
            raise EnvironmentFault(
                f"No node had room for a worker within {START_S:g} seconds.",
                remedy="See `ray status`; `ray_cpus` and `ray_resources` are what one wants.",
            )

    def _missing(self, there: Sequence[Node]) -> list[str]:
        """The nodes that are to have one more worker; empty texts are any node."""
        if self._count:
            return [""] * (self._count - len(self._members))
        roomy = [one.node_id for one in there if one.has(self._wanted())]
        if not roomy and not self._members:
            return [""]  # what waits for room is what a cluster grows for
        taken = {one.node for one in self._members.values()}
        return [] if "" in taken else [one for one in roomy if one not in taken]

    def _wanted(self) -> dict[str, float]:
        return {"CPU": self._settings.ray_cpus, **self._settings.ray_resources}

    def _start(self, node: str) -> None:
        import ray
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        name = f"ray-{self._order.batch.batch_id}-{secrets.token_hex(4)}"
        placed = NodeAffinitySchedulingStrategy(node, soft=False) if node else "SPREAD"
        actor = (
            ray.remote(RayWorker)
            .options(
                num_cpus=self._settings.ray_cpus,
                resources=dict(self._settings.ray_resources),
                scheduling_strategy=placed,
                max_restarts=0,
            )
            .remote(self._order, name)
        )
        member = Member(name, node, actor)
        self._members[asyncio.ensure_future(self._live(member))] = member

    async def _live(self, member: Member) -> None:
        """See a worker through its life; an error is how it ended."""
        greeting = await member.actor.hello.remote()
        require_same(self._here, greeting.features, greeting.host)
        member.node, member.ready = greeting.node, True
        self._any_ready, self._failed = True, 0
        await member.actor.work.remote()
