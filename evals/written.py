"""Writes gold cases to a file, whole or not at all, and never over another one."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from casewright.errors import EnvironmentFault, UsageError
from casewright.models import GoldCase
from evals.draw import gold_yaml

SCHEMA = Path("schemas") / "gold.schema.json"
"""Where a workspace keeps the schema that editors check gold files by."""

SUFFIXES = (".jsonl", ".yaml", ".yml")


def require_new(path: Path) -> None:
    """Refuse a path that gold cases cannot be written to.

    Raises:
        UsageError: it is of another kind, or there is a file already.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"{path} is no gold file.", remedy="Name a .jsonl, .yaml or .yml file.")
    if path.exists():
        raise UsageError(f"{path} is there already.", remedy="Name another file, or delete it.")


def write_gold(path: Path, cases: Sequence[GoldCase], workspace: Path | None = None) -> None:
    """Write gold cases as YAML or JSON Lines, by the file's name.

    In a workspace a YAML file names the schema in its first line, so that editors check it.

    Args:
        path: The file; see :func:`require_new`.
        cases: What to write.
        workspace: The workspace's folder, or None.

    Raises:
        UsageError: see :func:`require_new`.
        EnvironmentFault: it cannot be written.
    """
    require_new(path)
    if path.suffix.lower() == ".jsonl":
        lines = (one.model_dump_json(exclude_defaults=True) for one in cases)
        text = "".join(f"{line}\n" for line in lines)
    else:
        text = f"{_schema_line(path, workspace)}{gold_yaml(cases)}"
    draft = path.with_name(f"{path.name}.new")
    try:
        draft.write_text(text, "utf-8")
        draft.replace(path)
    except OSError as error:
        raise EnvironmentFault(f"{path} cannot be written: {error.strerror}.") from error


def _schema_line(path: Path, workspace: Path | None) -> str:
    if workspace is None or not (workspace / SCHEMA).is_file():
        return ""
    place = os.path.relpath((workspace / SCHEMA).resolve(), path.resolve().parent)
    return f"# yaml-language-server: $schema={Path(place).as_posix()}\n"
