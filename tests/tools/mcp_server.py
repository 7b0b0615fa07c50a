"""A real MCP server for the tests: ``python mcp_server.py`` speaks over stdin and stdout."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from mcp.server.fastmcp import FastMCP
from mcp.types import TextContent, ToolAnnotations
from pydantic import BaseModel

READ_ONLY = ToolAnnotations(readOnlyHint=True)

server = FastMCP("wiki", log_level="ERROR")


class Filter(BaseModel):
    """Where to look."""

    space: str
    newest: bool | None = None


class Page(BaseModel):
    """A page."""

    title: str
    views: int


@server.tool(annotations=READ_ONLY)
def search(text: str, limit: int = 3, where: Filter | None = None) -> Page:
    """Search
    the pages."""
    space = where.space if where else "all"
    return Page(title=f"{text} in {space}", views=limit)


@server.tool(annotations=READ_ONLY, structured_output=False)
def whereabouts(name: str) -> list[TextContent]:
    """The folder and one environment variable."""
    return [
        TextContent(type="text", text=str(Path.cwd())),
        TextContent(type="text", text=os.environ.get(name, "unset")),
    ]


@server.tool(annotations=READ_ONLY, structured_output=False)
def misbehave(how: str) -> list[TextContent]:
    """Does what it is told."""
    if how == "raise":
        raise ValueError("party text")
    if how == "exit":
        os._exit(3)
    if how == "wait":
        time.sleep(3)
    return [] if how == "nothing" else [TextContent(type="text", text="x" * 6_000_000)]


@server.tool()
def rename(page: str) -> str:
    """Writes, for all anyone knows."""
    return page


if __name__ == "__main__":
    if sys.argv[1:] == ["http"]:
        server.settings.port = int(os.environ["PORT"])
        server.run("streamable-http")
    else:
        server.run()
