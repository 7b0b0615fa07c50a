"""Works on a batch until it is killed: the process that tests of surviving put an end to.

Run as a program, it imports everything once and then, for each line of JSON on standard input,
forks a process that works on the batch of a home folder, or plans it where there is none. A line
names the ``kill``: the moment that the process does not outlive, counted over all that it does
(transactions, checkpoints and calls, each before and after), and by which ``signal``. On standard
output it says for each line how the process ended and how many moments it had.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

import graphs.worker
from agents.model import reader
from casewright.batching import Plan
from casewright.clock import utc_now
from casewright.registry import load_plugins
from casewright.settings import Settings
from casewright.store import Store
from casewright.store.inline import InlineEngine
from graphs.batch import begin, work
from graphs.catalog import Catalog
from graphs.checkpoints import InlineSaver, open_inline
from graphs.run import Investigator
from graphs.state import Services
from tools.base import Answer, Source, Tool
from tools.sources.http import HttpSource
from tools.sources.patience import Patience
from tools.toolbox import Toolbox

DEADLY = "get_order"
"""The tool that kills the process where the line names a ``deadly`` argument of it."""


@dataclass
class Moments:
    """Counts what the process does, and ends it at one of them."""

    kill: int
    by: int
    log: list[str] = field(default_factory=list)

    def __call__(self, what: str) -> None:
        self.log.append(what)
        if len(self.log) == self.kill:
            os.kill(os.getpid(), self.by)


class Wire(httpx.AsyncBaseTransport):
    """The wire to the marketplace."""

    def __init__(self, moment: Moments) -> None:
        self._inner = httpx.AsyncHTTPTransport()
        self._moment = moment

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._moment(f"ask {request.url.path}")
        answer = await self._inner.handle_async_request(request)
        await answer.aread()
        self._moment(f"got {request.url.path}")
        return answer

    async def aclose(self) -> None:
        await self._inner.aclose()


def watched(moment: Moments) -> None:
    """Have every transaction and every checkpoint tell of itself."""
    begin_inner, put, put_writes = InlineEngine.begin, InlineSaver.put, InlineSaver.put_writes

    @asynccontextmanager
    async def begun(self: InlineEngine) -> AsyncIterator[Any]:
        async with begin_inner(self) as connection:
            yield connection
            moment("commit")
        moment("committed")

    def told(name: str, inner: Callable[..., Any]) -> Callable[..., Any]:
        def doing(self: InlineSaver, *given: Any, **named: Any) -> Any:
            moment(name)
            found = inner(self, *given, **named)
            moment(f"{name} done")
            return found

        return doing

    InlineEngine.begin = begun  # type: ignore[assignment]
    InlineSaver.put = told("checkpoint", put)  # type: ignore[method-assign]
    InlineSaver.put_writes = told("writes", put_writes)  # type: ignore[method-assign]


def tools_of(deadly: str) -> dict[str, Tool]:
    """The built-in tools, one of which does not outlive a certain argument."""
    tools = load_plugins().all("tool", Tool)
    tool = tools[DEADLY]

    async def fetch(source: Source, given: Any, as_of: Any) -> Answer:
        if deadly and deadly in str(given):
            os.kill(os.getpid(), signal.SIGKILL)
        return await tool.fetch(source, given, as_of)

    return {**tools, DEADLY: replace(tool, fetch=fetch)}


@asynccontextmanager
async def opened(line: dict[str, Any], moment: Moments) -> AsyncIterator[Investigator]:
    """Everything that a batch is worked on with, over real HTTP, without a knowledge base."""
    settings = Settings(
        home=Path(line["home"]),
        source_url=line["source"],
        source_token=SecretStr(line["token"]),
        model=line["model"],
        model_base_url=line["endpoint"],
        model_mode="tools",
    )
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(Store.open(settings.home, inline=True))
        source = await stack.enter_async_context(
            HttpSource(
                settings.source_url, line["token"], patience=Patience(1), transport=Wire(moment)
            )
        )
        saver = stack.enter_context(open_inline(settings.home))
        tools = tools_of(line.get("deadly", ""))
        toolbox = Toolbox(tools, source, utc_now)
        services = Services(store, toolbox, None, reader(settings, toolbox), utc_now, 0)
        yield Investigator(settings, source, services, Catalog(tools), saver, alone=True)


async def worked(line: dict[str, Any], moment: Moments) -> None:
    """Plan the batch, or go on with it, and work until it is over."""
    async with opened(line, moment) as investigator:
        watched(moment)
        batches = investigator.store.batches
        plan = Plan(concurrency=line["concurrency"])
        if await batches.all():
            batch = await batches.get()
            if line.get("retry"):
                await batches.retry(batch.batch_id)
        else:
            batch = await begin(investigator, line["ids"], plan)
        async for one in work(investigator, batch):
            moment(f"told {one.case_id}")


def perform(line: dict[str, Any]) -> None:
    # A program that is started in the background has it ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    graphs.worker.LOOK_S = 0.02  # type: ignore[misc]
    by = getattr(signal, line.get("signal", "SIGKILL"))
    moment = Moments(line.get("kill", 0), by)
    try:
        asyncio.run(worked(line, moment))
    finally:
        told = {"moments": moment.log, "modules": sorted(sys.modules)}
        Path(line["home"], "told.json").write_text(json.dumps(told))


@contextmanager
def forked(line: dict[str, Any]) -> Iterator[int]:
    """How a process ended that works on a line."""
    if not (child := os.fork()):
        code = 1
        try:
            perform(line)
            code = 0
        except KeyboardInterrupt:
            code = 130
        finally:
            os._exit(code)
    yield os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main() -> None:
    for text in sys.stdin:
        line = json.loads(text)
        if "imports" in line:  # what the first one had to import, all others have
            for name in line["imports"]:
                with suppress(Exception):
                    import_module(name)
        with forked(line) as code:
            print(json.dumps({"code": code}), flush=True)  # noqa: T201  its answer


if __name__ == "__main__":
    main()
