"""Writes a report's files: the page, the figures as JSON, and the JUnit suite."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from casewright.errors import EnvironmentFault
from evals.junit import junit
from evals.report_case import explanations, failing
from evals.report_page import Listed, Material, index_page, report_page

PAGE = "report.html"
FIGURES = "report.json"
SUITE = "junit.xml"
INDEX = "index.html"


def write_report(material: Material, folder: Path) -> Listed:
    """Write the files of one graph version into a folder of the SOP's name.

    Args:
        material: What they are made from.
        folder: Where that folder is, or is made.

    Returns:
        What the index says of it.

    Raises:
        EnvironmentFault: a file cannot be written.
    """
    bundle = material.bundle
    wrongs = failing(material.scored)
    explained = explanations(wrongs, material.errors, material.command)
    figures = json.dumps(bundle.model_dump(mode="json"), indent=1, ensure_ascii=False)
    place = folder / bundle.sop
    _write(place / PAGE, report_page(material))
    _write(place / FIGURES, f"{figures}\n")
    _write(place / SUITE, junit(bundle, material.scored, explained))
    return Listed(bundle, len(wrongs), f"{bundle.sop}/{PAGE}", material.gate)


def write_index(listed: Sequence[Listed], notes: Sequence[str], made_at: str, folder: Path) -> None:
    """Write the page that leads to the reports.

    Raises:
        EnvironmentFault: it cannot be written.
    """
    _write(folder / INDEX, index_page(listed, notes, made_at))


def _write(path: Path, text: str) -> None:
    """Put a whole file in place of what was there, or leave that."""
    draft = path.with_name(f"{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(text.encode())
        draft.replace(path)
    except OSError as error:
        told = f"{path} cannot be written: {error.strerror}."
        raise EnvironmentFault(told, remedy="Give --out another folder.") from error
