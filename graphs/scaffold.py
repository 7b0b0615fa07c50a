"""Writes the first files of a workspace and of an SOP, from the templates beside this module.

The templates are files as they will stand: ``my_sop`` and ``my_case_type`` in them are the names
that a new SOP is given instead.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from casewright.errors import UsageError
from graphs.words import NAME

TEMPLATES = Path(__file__).parent / "templates"
SCHEMAS = Path(__file__).parent / "schemas"
SOPS = "sops"
"""The workspace's folder of SOPs."""


def make_workspace(folder: Path) -> tuple[Path, ...]:
    """Write a workspace: settings, a table of cases, a tool over a second one, and a README.

    Args:
        folder: Where; it may exist, and hold other files.

    Returns:
        The files that were written, relative to the folder.

    Raises:
        UsageError: a file of that name is there already, or the folder cannot be written; nothing
            is overwritten.
    """
    files = {**_templates("workspace"), **_schemas()}
    _write(folder, files)
    try:
        (folder / SOPS).mkdir(exist_ok=True)
    except OSError as error:
        raise _unwritable(folder / SOPS, error) from error
    return tuple(map(Path, files))


def make_sop(workspace: Path, name: str, *, case_type: str = "") -> tuple[Path, ...]:
    """Write an SOP that is valid as it stands into a workspace's ``sops/``.

    Args:
        workspace: The workspace.
        name: Name of the SOP and of its folder.
        case_type: Which cases it decides; by default those of its own name.

    Returns:
        The files that were written, relative to the workspace.

    Raises:
        UsageError: the name is none, or taken in this workspace, or nothing can be written there.
    """
    if not re.fullmatch(NAME, name):
        raise UsageError(
            f"{name!r} is no name for an SOP: lower-case letters, digits and _, a letter first.",
            remedy=f"{_nearest_name(name)!r} is one.",
        )
    given = {"my_sop": name, "my_case_type": case_type or name}
    files = {
        f"{SOPS}/{name}/{file}": _filled(text, given) for file, text in _templates("sop").items()
    }
    # Editors find the schemas by a path inside the workspace, which every member of a team has.
    missing = {file: text for file, text in _schemas().items() if not (workspace / file).exists()}
    _write(workspace, {**files, **missing})
    return tuple(map(Path, files))


def _nearest_name(name: str) -> str:
    words = re.findall(r"[a-z0-9]+", name.lower())
    return "_".join(words).lstrip("0123456789_") or "my_sop"


def _filled(text: str, given: Mapping[str, str]) -> str:
    return re.sub("|".join(given), lambda match: given[match[0]], text)


def _templates(kind: str) -> dict[str, str]:
    folder = TEMPLATES / kind
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _schemas() -> dict[str, str]:
    files = sorted(SCHEMAS.glob("*.schema.json"))
    return {f"schemas/{path.name}": path.read_text("utf-8") for path in files}


def _write(folder: Path, files: Mapping[str, str]) -> None:
    for name in files:
        if (folder / name).exists():
            told = f"{folder / name} is there already, and nothing is overwritten."
            raise UsageError(told, remedy="Choose another name, or move it away.")
    for name, text in files.items():
        try:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, "utf-8")
        except OSError as error:
            raise _unwritable(folder / name, error) from error


def _unwritable(path: Path, error: OSError) -> UsageError:
    return UsageError(f"{path} cannot be written: {error.strerror}.")
