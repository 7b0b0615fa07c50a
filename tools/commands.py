"""``tool``: see the tools, and make entries of an OpenAPI document. Heavy imports stay inside."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from casewright.errors import UnknownName, UsageError
from casewright.session import Session, wait

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table

    from casewright.settings import Settings
    from tools.base import Tool
    from tools.describe import Field
    from tools.openapi import Imported

app = typer.Typer(help="What SOPs and readers may look up.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@app.command("list")
def list_tools(context: typer.Context, as_json: Json = False) -> None:
    """All tools: built-in, of installed packages, and of the workspace's tools/*.yaml."""
    session: Session = context.obj
    tools = wait(_all(session.settings, session.workspace))
    value = [_described(tools[name]) for name in sorted(tools)]

    def rendered() -> Table:
        from rich.table import Table

        table = Table("tool", "arguments", "declared in", "description", box=None)
        for one in value:
            arguments = ", ".join(one["arguments"]["properties"])
            table.add_row(one["tool"], arguments, one["declared_in"] or "code", one["description"])
        return table

    session.show(value, rendered, as_json=as_json)


@app.command()
def show(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="TOOL", help="Name of the tool.")],
    as_json: Json = False,
) -> None:
    """One tool: what it takes and what it answers, as expressions name it."""
    session: Session = context.obj
    tools = wait(_all(session.settings, session.workspace))
    if name not in tools:
        raise UnknownName.among("tool", name, tools)
    tool = tools[name]

    def rendered() -> Group:
        from rich.console import Group
        from rich.text import Text

        from tools.describe import fields

        head = Text(f"{tool.name}: {tool.description}")
        place = [Text(f"Declared in {tool.declared_in}.")] if tool.declared_in else []
        takes = _fields("takes", fields(tool.arguments))
        return Group(head, *place, Text(), takes, Text(), _fields("answers", fields(tool.result)))

    session.show(_described(tool), rendered, as_json=as_json)


def _fields(heading: str, fields: Iterable[Field]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(heading, "type", "", "", box=None)
    for one in fields:
        cells = (one.path, one.kind, "optional" if one.optional else "", one.description)
        table.add_row(*map(Text, cells))
    return table


@app.command("import")
def import_tools(
    context: typer.Context,
    document: Annotated[Path, typer.Argument(metavar="OPENAPI", help="JSON or YAML file.")],
    operation: Annotated[
        list[str] | None, typer.Option(help="Id of a GET operation; else all of them.")
    ] = None,
    url: Annotated[str, typer.Option(help="Base URL; else the document's first server.")] = "",
    out: Annotated[Path | None, typer.Option(help="File to write; else stdout.")] = None,
) -> None:
    """Make tool entries of an OpenAPI document's GET operations."""
    from tools.openapi import import_openapi

    session: Session = context.obj
    taken = wait(_all(session.settings, session.workspace))
    imported = import_openapi(document, operation or (), url, taken)
    _prove(session, imported, taken, out)
    for told in imported.skipped:
        session.err.print(f"skipped {told}", markup=False)
    if out is None:
        typer.echo(imported.text, nl=False)
        return
    _write(out, imported.text)
    names = ", ".join(imported.names)
    session.err.print(f"Wrote {len(imported.names)} tools to {out}: {names}.", markup=False)


async def _all(settings: Settings, workspace: Path | None) -> dict[str, Tool]:
    from tools.workspace import open_tools

    async with open_tools(settings, workspace) as tools:
        return tools


def _described(tool: Tool) -> dict[str, Any]:
    return {
        "tool": tool.name,
        "description": tool.description,
        "declared_in": tool.declared_in,
        "digest": tool.digest,
        "arguments": tool.arguments.model_json_schema(),
        "result": tool.result.model_json_schema(),
    }


def _prove(session: Session, imported: Imported, taken: Collection[str], out: Path | None) -> None:
    """Load what was made, before it stands anywhere."""
    from tools.declared import ReadFile, build
    from tools.sources.connections import Connections, Surroundings

    read = ReadFile.parse(imported.text, out.name if out else "the tools file")
    surroundings = Surroundings(session.settings, session.workspace or Path(), {})
    build([read], taken, Connections(surroundings))


def _write(out: Path, text: str) -> None:
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with out.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        told = "exists already" if out.exists() else f"cannot be written: {error.strerror}"
        raise UsageError(f"{out} {told}.", remedy="Name another file.") from error
