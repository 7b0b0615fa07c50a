"""Which SOPs there are: the built-in ones, and those of the workspace, which go first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from casewright.errors import SopError, UnknownName, UsageError
from graphs.library import BUILT_IN, Library, collect, read_files
from graphs.load import load_sop
from graphs.sop import SOP_FILE, Sop
from graphs.stamp import Stamp, began
from tools.base import Tool

__all__ = ["BUILT_IN", "Catalog"]

CASE_TYPE = re.compile(r"""^case_type:\s*["']?([^\s"'#]+)""", re.MULTILINE)
"""The key as it stands in a file; an SOP that extends another may leave it out."""


class Catalog:
    """SOP folders by name. What was loaded is kept for as long as its files stay as they were.

    Args:
        tools: All tools that actions may name.
        workspace: A folder with ``sops/``, or None.
    """

    def __init__(self, tools: Mapping[str, Tool], workspace: Path | None = None) -> None:
        self.tools = tools
        self._workspace = workspace
        roots = (BUILT_IN,) if workspace is None else (workspace / "sops", BUILT_IN)
        self._library = Library(roots)
        self._folders = self._library.sops()
        self._loaded: dict[Path, tuple[Sop, Stamp]] = {}
        self._stated: dict[Path, tuple[str, Stamp]] = {}

    def names(self) -> tuple[str, ...]:
        """All SOPs by name, sorted."""
        return tuple(sorted(self._folders))

    def load(self, name: str) -> Sop:
        """Load and check the SOP of that name.

        Raises:
            UnknownName: there is none.
            SopError: it is not usable; the message says where and why.
        """
        folder = self.folder(name)
        held, stamp = self._loaded.get(folder, (None, None))
        # A process that lives long sees an edited SOP on its next case.
        if held is None or stamp is None or not stamp.stands():
            files, stamp = collect(folder, self._library)
            if held is None or held.files != files:
                held = self._checked(files, folder)
            self._loaded[folder] = held, stamp
        return held

    def _checked(self, files: Mapping[str, str], folder: Path) -> Sop:
        sop = load_sop(files, self.tools, folder=folder.name)
        if sop.name != folder.name:
            raise SopError(
                f"the SOP calls itself {sop.name!r}, its folder is {folder.name!r}",
                file=f"{folder.name}/{SOP_FILE}",
                line=1,
            )
        return sop

    def files(self, name: str) -> dict[str, str]:
        """The files that can change the decisions of the SOP of that name, as they are now.

        Raises:
            UnknownName: there is none.
            SopError: one of them is missing or unreadable.
        """
        return read_files(self.folder(name), self._library)

    def folder(self, name: str) -> Path:
        """The folder of the SOP of that name; where none is called so, the folder at that path.

        Raises:
            UnknownName: there is none.
            UsageError: there is such a folder, and it holds no SOP.
        """
        if name in self._folders:
            return self._folders[name]
        path = Path(name)
        folder = (path.parent if path.name == SOP_FILE else path).absolute().resolve()
        if not folder.is_dir():
            raise UnknownName.among("SOP", name, self._folders)
        if not (folder / SOP_FILE).is_file():
            raise UsageError(
                f"The folder {name} holds no {SOP_FILE}.",
                remedy="Name an SOP or its folder; `casewright sop list` shows them all.",
            )
        return folder

    def origin(self, name: str) -> str:
        """Where the SOP of that name comes from: ``built-in``, or its place in the workspace."""
        folder = self.folder(name)
        if folder.parent == BUILT_IN or self._workspace is None:
            return "built-in"
        place = folder.relative_to(self._workspace).as_posix()
        return f"{place}, for the built-in one" if (BUILT_IN / name).is_dir() else place

    def _may_decide(self, name: str, case_type: str) -> bool:
        """Whether loading the SOP is worth it: not where its file names another case type.

        Loading ten SOPs takes a second, and one that is broken should stop no other's cases.
        """
        return self._case_type_in(self._folders[name] / SOP_FILE) in ("", case_type)

    def _case_type_in(self, file: Path) -> str:
        """The case type that the file states, or an empty text."""
        stated, stamp = self._stated.get(file, ("", None))
        if stamp is None or not stamp.stands():
            since = began()
            found = CASE_TYPE.search(file.read_text("utf-8"))
            stated = found[1] if found else ""
            self._stated[file] = stated, Stamp.of([file], since)
        return stated

    def for_case_type(self, case_type: str) -> Sop:
        """The SOP that decides cases of that type.

        Raises:
            UsageError: none does, or more than one.
        """
        named = (name for name in self.names() if self._may_decide(name, case_type))
        found = [sop for sop in map(self.load, named) if sop.spec.case_type == case_type]
        if len(found) == 1:
            return found[0]
        told = "No SOP decides" if not found else "More than one SOP decides"
        raise UsageError(
            f"{told} cases of type {case_type!r}.",
            remedy="Name one with --sop; `casewright sop list` shows them all.",
        )
