"""Reads a workspace's tools files, and tells mistakes with file, line and column."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from casewright.document import Document, parse_yaml, raise_invalid
from casewright.errors import SopError
from tools.base import Tool
from tools.builder import Builder
from tools.declaration import MARKETPLACE, SourceSpec, ToolsFile
from tools.sources.connections import Connections

FOLDER = "tools"
"""The workspace's folder of tools files."""


@dataclass(frozen=True)
class ReadFile:
    """A tools file that has been read and not yet been built.

    Attributes:
        document: The file with positions.
        content: What it says.
    """

    document: Document
    content: ToolsFile

    @classmethod
    def of(cls, path: Path, name: str) -> ReadFile:
        """Read a file, which messages call ``name``.

        Raises:
            SopError: it cannot be read, or says what no tools file may say.
        """
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise SopError(f"cannot be read: {reason}", file=name) from error
        return cls.parse(text, name)

    @classmethod
    def parse(cls, text: str, name: str) -> ReadFile:
        """Read the text of a file, which messages call ``name``.

        Raises:
            SopError: it says what no tools file may say.
        """
        document = parse_yaml(text, file=name)
        try:
            content = ToolsFile.model_validate({} if document.value is None else document.value)
        except ValidationError as error:
            raise_invalid(error, document, ToolsFile)
        return cls(document, content)


def read_folder(workspace: Path) -> tuple[ReadFile, ...]:
    """All tools files of a workspace, in the order of their names.

    Raises:
        SopError: one cannot be used.
    """
    folder = workspace / FOLDER
    paths = sorted(folder.glob("*.yaml")) if folder.is_dir() else []
    return tuple(ReadFile.of(path, f"{FOLDER}/{path.name}") for path in paths)


def build(
    files: Iterable[ReadFile], taken: Collection[str], connections: Connections
) -> dict[str, Tool]:
    """The tools that files declare, by name; MCP servers are another matter.

    Args:
        files: Tools files; a source may be named across files.
        taken: Names that other tools have.
        connections: Where the tools' sources will be opened.

    Raises:
        SopError: the first thing that is wrong, with file, line and column.
    """
    files = list(files)
    sources = _sources(files)
    tools: dict[str, Tool] = {}
    for file in files:
        for index, spec in enumerate(file.content.tools):
            builder = Builder(file.document, ("tools", index), spec, sources, connections)
            tools[spec.name] = builder.build({*taken, *tools})
    return tools


def _sources(files: Iterable[ReadFile]) -> dict[str, SourceSpec]:
    sources: dict[str, SourceSpec] = {}
    for file in files:
        for name, source in file.content.sources.items():
            if name in sources or name == MARKETPLACE:
                message = f"there is a source {name!r} already"
                raise file.document.error(message, ("sources", name))
            sources[name] = source
    return sources
