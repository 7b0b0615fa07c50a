"""All tools of a run: those that packages bring, and those that the workspace declares."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel

from casewright.canonical import digest_of
from casewright.clock import Clock, utc_now
from casewright.document import Document, unknown_name
from casewright.registry import load_plugins
from casewright.settings import Settings
from tools.base import Answer, Fetch, Source, Tool
from tools.declaration import McpSpec
from tools.declared import build, read_folder
from tools.endpoint import json_of
from tools.jsonschema import SCHEMA_FAULTS, fields_of
from tools.shape import given_model
from tools.sources.connections import Connections, Surroundings
from tools.sources.gate import Gate, Gates, through
from tools.sources.mcp import McpAddress, McpResult, McpServer, Offer

DESCRIPTION_LIMIT = 1_000
"""Most characters of what a server says about its tool."""


@asynccontextmanager
async def open_tools(
    settings: Settings,
    workspace: Path | None,
    *,
    environment: Mapping[str, str] | None = None,
    clock: Clock = utc_now,
    gates: Gates | None = None,
) -> AsyncIterator[dict[str, Tool]]:
    """All tools by name; what they read from is closed at the end of the block.

    Args:
        settings: Waits, tries and page limit.
        workspace: A folder with ``tools/*.yaml``, or None.
        environment: Where credentials stand; None for the process's own environment variables.
        clock: The present moment.
        gates: What bounds the calls to each source; None: nothing does.

    Raises:
        SopError: a tools file is wrong; the message says where and why.
        EnvironmentFault: a plugin does not load, or an MCP server does not start.
    """
    tools = load_plugins().all("tool", Tool)
    files = read_folder(workspace) if workspace else ()
    if workspace is None or not files:
        yield tools
        return
    given = os.environ if environment is None else environment
    surroundings = Surroundings(settings, workspace, given, clock, gates=gates)
    async with Connections(surroundings) as connections:
        tools |= build(files, tools, connections)
        for file in files:
            for index, spec in enumerate(file.content.mcp):
                server = _Server(file.document, index, spec, connections)
                tools |= await server.tools(tools)
        yield tools


@dataclass(frozen=True)
class _Server:
    document: Document
    index: int
    spec: McpSpec
    connections: Connections

    async def tools(self, taken: Collection[str]) -> dict[str, Tool]:
        server = await self.connections.get(McpAddress(self.spec))
        offers = await server.offers()
        found: dict[str, Tool] = {}
        for number, name in enumerate(self.spec.allow):
            where = ("mcp", self.index, "allow", number)
            if name not in offers:
                raise unknown_name(
                    self.document, where, f"tool of {self.spec.name!r}", name, offers
                )
            tool = self._tool(server, offers[name], where)
            if tool.name in (*taken, *found):
                raise self.document.error(f"another tool is called {tool.name!r}", where)
            found[tool.name] = tool
        return found

    def _tool(self, server: McpServer, offer: Offer, where: tuple[str | int, ...]) -> Tool:
        if not offer.read_only and not self.spec.trust:
            raise self.document.error(
                f"the server does not mark {offer.name!r} as read-only",
                where,
                remedy="If it changes nothing all the same, write `trust: true`.",
            )
        name = f"{self.spec.name}_{offer.name}"
        return Tool(
            name,
            offer.description[:DESCRIPTION_LIMIT],
            self._arguments(name, offer, where),
            McpResult,
            _calling(server, offer.name, self.connections.surroundings.gate(self.spec.name)),
            declared_in=self.document.file,
            digest=digest_of([self.spec.model_dump(mode="json"), offer.schema]),
        )

    def _arguments(self, name: str, offer: Offer, where: tuple[str | int, ...]) -> type[BaseModel]:
        try:
            return given_model(name, fields_of(offer.schema, offer.schema))
        except SCHEMA_FAULTS as error:
            message = f"the server describes the arguments of {offer.name!r} in no way we read"
            raise self.document.error(message, where) from error


def _calling(server: McpServer, name: str, gate: Gate | None) -> Fetch:
    async def fetch(_: Source, given: BaseModel, as_of: datetime) -> Answer:
        # The protocol knows no as-of: what is asked for is what the server knows now.
        return await through(gate, lambda: server.call(name, json_of(given)))

    return fetch
