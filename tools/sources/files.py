"""Files that a workspace's tools read, and packages that only some tools need."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from types import ModuleType

from casewright.errors import EnvironmentFault, SourceRefused, UsageError


def inside(workspace: Path, path: str) -> Path:
    """The file of that path; a relative one starts at the workspace.

    Raises:
        UsageError: a relative path leaves the workspace, by ``..`` or by a link.
    """
    given = Path(path)
    if given.is_absolute():
        return given
    root = workspace.resolve()
    found = (root / given).resolve()
    if not found.is_relative_to(root):
        raise UsageError(
            f"The path {path!r} leads out of the workspace.",
            remedy="Put the file into the workspace, or write its absolute path.",
        )
    return found


def existing(workspace: Path, path: str) -> Path:
    """The file of that path, which must be there.

    Raises:
        UsageError: it leaves the workspace.
        SourceRefused: there is no such file.
    """
    found = inside(workspace, path)
    if not found.is_file():
        raise SourceRefused(
            f"There is no file {path!r}, which a tool reads.",
            remedy="Put it there, or mend its path in the tools file.",
            code="file_missing",
        )
    return found


def optional_module(name: str, extra: str) -> ModuleType:
    """A module that comes with one of casewright's extras.

    Raises:
        EnvironmentFault: it is not installed.
    """
    try:
        return import_module(name)
    except ImportError as error:
        package = name.partition(".")[0]
        raise EnvironmentFault(
            f"A tool needs the package {package!r}, which is not installed.",
            remedy=f"Install it with casewright[{extra}].",
        ) from error
