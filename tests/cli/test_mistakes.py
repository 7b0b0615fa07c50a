"""What people type wrongly is told with what they may have meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

Shell = Any  # the class in conftest.py, which importlib mode keeps out of reach


@pytest.fixture
def workspace(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh workspace with one SOP, as the current folder."""
    folder = tmp_path / "couriers"
    shell("init", str(folder))
    monkeypatch.chdir(folder)
    shell("sop", "new", "fee_waiver")
    return folder


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("investigat",), "Did you mean 'investigate'?"),
        (("sop", "chek"), "Did you mean 'check'? See `casewright sop --help`."),
        (("sop", "check", "--stb"), "--stub) See `casewright sop check --help`."),
        (("sop", "show"), "Missing argument 'SOP'. See `casewright sop show --help`."),
        (("sop", "show", "fee_waver"), "There is no SOP 'fee_waver'. Did you mean 'fee_waiver'?"),
        (("--workspace", "nowhere", "sop", "list"), "There is no folder nowhere."),
    ],
)
def test_a_call_is_told_with_the_nearest(
    shell: Shell, workspace: Path, arguments: tuple[str, ...], told: str
) -> None:
    ran = shell(*arguments)
    assert ran.code == 2
    assert told in ran.err


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("sops/fee_waiver/sop.yaml", "case_type:", "case_typ:", "Did you mean 'case_type'?"),
        ("sops/fee_waiver/sop.yaml", "says:", "say:", "factors.small.say: there is no such key."),
        ("sops/fee_waiver/policy.md", "values:", "valeus:", "Did you mean 'values'?"),
        ("tools/couriers.yaml", "description: A", "descripton: A", "Did you mean 'description'?"),
        ("casewright.toml", "cases =", "case =", "Did you mean 'cases'?"),
    ],
)
def test_a_key_is_told_with_the_nearest(
    shell: Shell, workspace: Path, file: str, old: str, new: str, told: str
) -> None:
    path = workspace / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    ran = shell("sop", "check", "fee_waiver")
    assert ran.code == 2
    assert told in ran.err


def test_one_broken_sop_does_not_hide_the_others(shell: Shell, workspace: Path) -> None:
    shell("sop", "new", "broken")
    path = workspace / "sops" / "broken" / "sop.yaml"
    path.write_text(path.read_text().replace("outcomes:", "outcmes:"))
    listed = {one["sop"]: one for one in shell("sop", "list", "--json").json}
    assert "cannot be used: broken/sop.yaml" in listed["broken"]["title"]
    assert listed["fee_waiver"]["case_type"] == "fee_waiver"
    ran = shell("sop", "check", "--json")
    assert ran.code == 1
    assert ran.json["fee_waiver"] == []
    (found,) = ran.json["broken"]
    assert found["message"] == "outcmes: there is no such key. Did you mean 'outcomes'?"
    assert (found["file"], found["severity"]) == ("broken/sop.yaml", "error")
    assert shell("sop", "check").out.count("broken/sop.yaml") == 1


def test_an_sop_is_also_named_by_its_folder(
    shell: Shell, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shell("sop", "check", "sops/fee_waiver/", "--json").json == {"fee_waiver": []}
    monkeypatch.chdir(workspace / "sops" / "fee_waiver")
    assert shell("sop", "check", ".", "--json").json == {"fee_waiver": []}
    assert shell("sop", "test", "sop.yaml").code == 0
    ran = shell("sop", "check", "..")
    assert (ran.code, "holds no sop.yaml" in ran.err) == (2, True)


def test_the_list_says_where_each_sop_comes_from(shell: Shell, workspace: Path) -> None:
    built_in = workspace / "sops" / "late_shipment_appeal"
    (workspace / "sops" / "fee_waiver").rename(built_in)
    path = built_in / "sop.yaml"
    path.write_text(path.read_text().replace("sop: fee_waiver", "sop: late_shipment_appeal"))
    shell("sop", "new", "fee_waiver")
    found = {one["sop"]: one["from"] for one in shell("sop", "list", "--json").json}
    assert found["fee_waiver"] == "sops/fee_waiver"
    assert found["late_shipment_appeal"] == "sops/late_shipment_appeal, for the built-in one"
    assert {one["from"] for one in shell("--workspace", "data", "sop", "list", "--json").json} == {
        "built-in"
    }


def test_the_doctor_names_the_workspace_and_a_table_of_cases_that_is_not_there(
    shell: Shell, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CASEWRIGHT_SOURCE_URL")
    ran = shell("doctor")
    assert ran.code == 0
    told = " ".join(ran.out.split())  # a long path is put on a line of its own
    assert f"SOPs: 1, tools files: 1, in {workspace}" in told
    (workspace / "data" / "cases.csv").unlink()
    ran = shell("doctor")
    assert (ran.code, "There is no such file" in ran.out) == (1, True)
