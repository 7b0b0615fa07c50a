"""What ``init`` and ``sop new`` write works at once, and never takes the place of anything."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from graphs.schemas import schema
from graphs.schemas import text as schema_text

Shell = Any  # the class in conftest.py, which importlib mode keeps out of reach


@pytest.fixture
def workspace(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh workspace as the current folder, with no source but its own table."""
    folder = tmp_path / "couriers"
    assert shell("init", str(folder)).code == 0
    for name in ("URL", "TOKEN"):
        monkeypatch.delenv(f"CASEWRIGHT_SOURCE_{name}")
    monkeypatch.chdir(folder)
    return folder


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_new_sop_checks_and_decides_at_once(shell: Shell, workspace: Path) -> None:
    made = shell("sop", "new", "fee_waiver", "--case-type", "fee.late_cancellation")
    assert "sops/fee_waiver/sop.yaml" in made.out
    checked = shell("sop", "check", "fee_waiver", "--json")
    assert (checked.code, checked.json) == (0, {"fee_waiver": []})
    tried = shell("sop", "test", "fee_waiver", "--json")
    assert (tried.code, len(tried.json)) == (0, 4)
    with (workspace / "data" / "cases.csv").open() as lines:
        cases = [row["case_id"] for row in csv.DictReader(lines)]
    outcomes = set()
    for case in cases:
        ran = shell("investigate", case, "--json")
        assert ran.code == 3
        assert not [claim for claim in ran.json["decision"]["claims"] if claim["struck"]]
        outcomes.add(ran.json["decision"]["outcome"])
    assert outcomes == {"accept", "escalate"}


def test_the_workspaces_tool_answers(shell: Shell, workspace: Path) -> None:
    shell("sop", "new", "fee_waiver", "--case-type", "fee.late_cancellation")
    path = workspace / "sops" / "fee_waiver" / "sop.yaml"
    text = path.read_text()
    # As the comment in the file shows it.
    action = "actions: {courier: {tool: get_courier, with: {courier_id: case.seller_id}}}"
    rule = "small:\n    rule: courier.vehicle == 'bicycle'"
    changed = text.replace("\nactions: {}", f"\n{action}")
    path.write_text(
        changed.replace("small:\n    rule: case.impact_cents <= policy.small_cents", rule)
    )
    assert shell("sop", "check", "fee_waiver").code == 0
    ran = shell("investigate", "waiver-001", "--json")
    assert ran.json["decision"]["outcome"] == "accept"
    assert "courier/vehicle" in str(ran.json["decision"]["claims"])


def test_gold_cases_lie_in_the_table_of_cases(shell: Shell, workspace: Path) -> None:
    shell("sop", "new", "fee_waiver", "--case-type", "fee.late_cancellation")
    path = workspace / "sops" / "fee_waiver" / "gold.yaml"
    # As the comment in the file shows it.
    lines = [line[2:] for line in path.read_text().splitlines() if re.match("# (-|  )", line)]
    text = "\n".join(lines).replace("my-case-1", "waiver-001")
    path.write_text(text)
    jsonschema.validate(YAML(typ="safe", pure=True).load(text), schema("gold"))
    assert shell("sop", "test", "fee_waiver").code == 0
    path.write_text(text.replace("outcome: accept", "outcome: refuse"))
    ran = shell("sop", "test", "fee_waiver")
    assert (ran.code, "decided accept; right is refuse" in " ".join(ran.out.split())) == (1, True)
    measured = shell("eval", "run", str(path), "--json").json
    assert measured["accuracy"]["numerator"] == 0


def test_editors_find_the_schema_that_the_file_names(shell: Shell, workspace: Path) -> None:
    shell("sop", "new", "fee_waiver")
    path = workspace / "sops" / "fee_waiver" / "sop.yaml"
    for file, kind in ((path, "sop"), (path.with_name("gold.yaml"), "gold")):
        first, _, _ = file.read_text().partition("\n")
        _, _, named = first.partition("$schema=")
        assert (file.parent / named).resolve().read_text() == schema_text(kind)
    value = YAML(typ="safe", pure=True).load(path.read_text())
    jsonschema.validate(value, schema("sop"))
    assert value["case_type"] == value["sop"] == "fee_waiver"


def test_nothing_is_overwritten(shell: Shell, workspace: Path, tmp_path: Path) -> None:
    shell("sop", "new", "fee_waiver")
    before = snapshot(workspace)
    again = shell("init", str(workspace))
    assert (again.code, "is a workspace already" in again.err) == (2, True)
    again = shell("sop", "new", "fee_waiver")
    assert (again.code, "is there already" in again.err) == (2, True)
    assert snapshot(workspace) == before
    other = tmp_path / "other"
    (other / "data").mkdir(parents=True)
    (other / "data" / "couriers.csv").write_text("mine")
    ran = shell("init", str(other))
    assert (ran.code, "data/couriers.csv is there already" in ran.err) == (2, True)
    assert snapshot(other) == {"data/couriers.csv": b"mine"}


def test_init_goes_into_a_folder_that_holds_other_things(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    assert shell("init", str(tmp_path / "mine")).code == 0
    assert shell("init", str(tmp_path / "mine" / "notes.txt")).code == 2


@pytest.mark.parametrize(
    ("given", "near"), [("Fee-Waiver", "fee_waiver"), ("2nd", "nd"), ("_", "my_sop")]
)
def test_a_name_that_is_none_gets_one_that_is(
    shell: Shell, workspace: Path, given: str, near: str
) -> None:
    ran = shell("sop", "new", "--", given)
    assert (ran.code, f"'{near}' is one" in ran.err) == (2, True)
    assert shell("sop", "new", near).code == 0


def test_an_sop_needs_a_workspace(shell: Shell) -> None:
    ran = shell("sop", "new", "fee_waiver")
    assert (ran.code, "casewright init" in ran.err) == (2, True)


def test_a_workspace_is_found_from_below(
    shell: Shell, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell("sop", "new", "fee_waiver")
    monkeypatch.chdir(workspace / "sops" / "fee_waiver")
    listed = shell("sop", "list", "--json").json
    assert "fee_waiver" in {one["sop"] for one in listed}
