"""Which SOPs there are, and which one decides a case."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from casewright.errors import SopError, UnknownName, UsageError
from graphs.catalog import BUILT_IN, Catalog
from tools.base import Tool

NAME = "late_shipment_appeal"


def copied(workspace: Path, name: str, old: str = "", new: str = "") -> Path:
    """A workspace SOP made of the built-in one, with one change."""
    folder = workspace / "sops" / name
    shutil.copytree(BUILT_IN / NAME, folder)
    file = folder / "sop.yaml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
    return workspace


def test_the_built_in_sops_all_load(tools: dict[str, Tool]) -> None:
    catalog = Catalog(tools)
    assert NAME in catalog.names()
    for name in catalog.names():
        assert catalog.load(name).name == name


def test_the_workspaces_sops_go_first(tools: dict[str, Tool], tmp_path: Path) -> None:
    copied(tmp_path, NAME, "version: 1", "version: 7")
    catalog = Catalog(tools, tmp_path)
    assert catalog.names().count(NAME) == 1
    assert catalog.load(NAME).spec.version == 7
    assert catalog.for_case_type("appeal.late_dispatch").spec.version == 7
    assert Catalog(tools).load(NAME).spec.version == 1


def test_a_workspace_adds_sops_in_order(tools: dict[str, Tool], workspace: Path) -> None:
    (workspace / "sops" / "notes.txt").touch()
    (workspace / "sops" / "unfinished").mkdir()
    names = Catalog(tools, workspace).names()
    assert "again" in names
    assert list(names) == sorted(names)
    assert "unfinished" not in names


def test_a_workspace_without_sops(tools: dict[str, Tool], tmp_path: Path) -> None:
    assert Catalog(tools, tmp_path).names() == Catalog(tools).names()


def test_an_unknown_name_gets_the_nearest(tools: dict[str, Tool]) -> None:
    with pytest.raises(UnknownName, match="late_shipmnt") as caught:
        Catalog(tools).load("late_shipmnt_appeal")
    assert caught.value.remedy == f"Did you mean {NAME!r}?"


def test_a_case_type_has_exactly_one_sop(
    tools: dict[str, Tool], workspace: Path, tmp_path: Path
) -> None:
    assert Catalog(tools, workspace).for_case_type("appeal.again").name == "again"
    with pytest.raises(UsageError, match=r"No SOP decides cases of type 'appeal\.nothing'"):
        Catalog(tools).for_case_type("appeal.nothing")
    copied(tmp_path, "rival", f"sop: {NAME}", "sop: rival")
    with pytest.raises(UsageError, match=r"More than one .*'appeal\.late_dispatch'") as caught:
        Catalog(tools, tmp_path).for_case_type("appeal.late_dispatch")
    assert "--sop" in caught.value.remedy


def test_an_sop_is_called_as_its_folder(tools: dict[str, Tool], tmp_path: Path) -> None:
    copied(tmp_path, "other")
    with pytest.raises(SopError, match=rf"^other/sop\.yaml:1: .*{NAME!r}.* 'other'"):
        Catalog(tools, tmp_path).load("other")


def test_a_broken_sop_is_told_with_its_place(tools: dict[str, Tool], tmp_path: Path) -> None:
    copied(tmp_path, "other", "tool: list_appeals", "tool: list_appeal")
    with pytest.raises(SopError, match=r"^other/sop\.yaml:\d+:\d+: .*list_appeal"):
        Catalog(tools, tmp_path).load("other")


def test_an_sop_is_loaded_once_and_anew_when_its_files_change(
    tools: dict[str, Tool], tmp_path: Path
) -> None:
    catalog = Catalog(tools, copied(tmp_path, NAME))
    first = catalog.load(NAME)
    assert catalog.load(NAME) is first
    assert catalog.for_case_type("appeal.late_dispatch") is first
    file = tmp_path / "sops" / NAME / "sop.yaml"
    stamp = file.stat().st_mtime_ns
    file.write_text(file.read_text("utf-8").replace("version: 1", "version: 2", 1), "utf-8")
    os.utime(file, ns=(stamp, stamp))  # of the same size and time: its content counts
    assert catalog.load(NAME).spec.version == 2
