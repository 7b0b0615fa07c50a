"""Sources of a workspace's own tools: each opened when it is first asked, closed with the run."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

from casewright.clock import Clock, utc_now
from casewright.errors import SourceRefused
from casewright.settings import Settings
from tools.sources.gate import Gate, Gates
from tools.sources.patience import Patience

Opened = TypeVar("Opened", covariant=True)


@dataclass(frozen=True)
class Surroundings:
    """What sources are opened with.

    Attributes:
        settings: Waits, tries and page limit.
        workspace: Where relative paths start.
        environment: Environment variables, for credentials.
        clock: Our own clock.
        patience: How often and how long to try again; None for the settings' tries.
        gates: What bounds the calls to each source; None: nothing does.
    """

    settings: Settings
    workspace: Path
    environment: Mapping[str, str]
    clock: Clock = utc_now
    patience: Patience | None = None
    gates: Gates | None = None

    def gate(self, place: str) -> Gate | None:
        """What bounds the calls to a source."""
        return self.gates.of(place) if self.gates else None

    def secret(self, variable: str, tool: str) -> str:
        """The value of an environment variable.

        Raises:
            SourceRefused: it is not set; no call can succeed.
        """
        value = self.environment.get(variable, "")
        if not value:
            raise SourceRefused(
                f"The environment variable {variable}, which {tool} needs, is not set.",
                remedy="Set it and run the same command again.",
                code="credential_missing",
            )
        return value


class Opener(Hashable, Protocol[Opened]):
    """Says how to open one source; equal openers share it."""

    def open(self, surroundings: Surroundings) -> AbstractAsyncContextManager[Opened]:
        """The source, to be entered."""
        ...


class Connections:
    """The open sources of one run. Open it with ``async with``."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        """What sources are opened with."""
        self._stack = AsyncExitStack()
        self._locks: dict[Hashable, asyncio.Lock] = {}
        self._open: dict[Hashable, Any] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)

    async def get(self, opener: Opener[Opened]) -> Opened:
        """The source of that opener, opened once."""
        async with self._locks.setdefault(opener, asyncio.Lock()):
            if opener not in self._open:
                manager = opener.open(self.surroundings)
                self._open[opener] = await self._stack.enter_async_context(manager)
        opened: Opened = self._open[opener]
        return opened
