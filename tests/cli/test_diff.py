"""``sop diff`` on past cases: decided again by both versions, on the evidence they had."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

Shell = Any  # the class in conftest.py, which importlib mode keeps out of reach

ACTION = """actions:
  courier: {tool: get_courier, with: {courier_id: case.seller_id}}
"""
CYCLIST = """factors:
  cyclist:
    rule: courier.vehicle == "bicycle"
    says: {yes: The courier cycles., no: The courier does not cycle.}
"""
NOBODY = "get_courier, with: {courier_id: '\"C-99\"'}"
CYCLES = "    - {if: cyclist, then: refuse, policy: [NEW-1.2]}\n    - {if: small,"


@pytest.fixture
def workspace(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The SOP of a fresh workspace, whose cases have all been decided by its first version."""
    folder = tmp_path / "couriers"
    shell("init", str(folder))
    monkeypatch.delenv("CASEWRIGHT_SOURCE_URL")
    monkeypatch.chdir(folder)
    shell("sop", "new", "fee_waiver", "--case-type", "fee.late_cancellation")
    sop = folder / "sops" / "fee_waiver" / "sop.yaml"
    sop.write_text(sop.read_text().replace("actions: {}\n", ACTION))
    assert shell("batch", "run").code == 0
    return sop


def changed(sop: Path, *changes: tuple[str, str]) -> None:
    text = sop.read_text()
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    sop.write_text(text)


def past(shell: Shell, *versions: str) -> dict[str, Any]:
    ran = shell("sop", "diff", *versions, "--json")
    assert ran.code == 0, ran.err
    found = ran.json
    assert found["compared"] == 6
    return {one["case_id"]: one for one in found["past"]}


def test_a_changed_value_shows_on_past_cases_although_the_table_is_the_same(
    shell: Shell, workspace: Path
) -> None:
    assert past(shell, "fee_waiver@1", "fee_waiver") == {}
    shell("review", "approve", "waiver-003", "--code", "A1")
    changed(workspace.with_name("policy.md"), ("default: 1000", "default: 700"))
    found = past(shell, "fee_waiver@1", "fee_waiver")
    assert list(found) == ["waiver-003"]  # 9.00; what is on 6.00 stays, what is on 36.00 escalates
    assert (found["waiver-003"]["before"], found["waiver-003"]["after"]) == ("accept", "refuse")
    assert found["waiver-003"]["settled"] == "accept"
    ran = shell("sop", "diff", "fee_waiver@1", "fee_waiver")
    assert "waiver-003: accept becomes refuse; settled as accept" in ran.out
    assert "1 of 6 past cases would be decided otherwise" in ran.out


def test_a_new_factor_is_established_from_the_evidence_of_then(
    shell: Shell, workspace: Path
) -> None:
    (workspace.parents[2] / "data" / "couriers.csv").unlink()  # nothing is fetched again
    changed(workspace, ("factors:\n", CYCLIST), ("    - {if: small,", CYCLES))
    found = past(shell, "fee_waiver@1", "fee_waiver")
    assert set(found) == {"waiver-001", "waiver-004", "waiver-006"}
    assert {(one["after"], *one["lacks"]) for one in found.values()} == {("refuse",)}
    # The same under another name of the action.
    changed(workspace, ("  courier: {tool", "  rider: {tool"), ("courier.vehicle", "rider.vehicle"))
    assert set(past(shell, "fee_waiver@1", "fee_waiver")) == set(found)


def test_what_was_never_asked_is_said_and_not_made_up(shell: Shell, workspace: Path) -> None:
    changed(
        workspace,
        ("get_courier, with: {courier_id: case.seller_id}", NOBODY),
        ("factors:\n", CYCLIST),
        ("    - {if: small,", CYCLES),
    )
    found = past(shell, "fee_waiver@1", "fee_waiver")
    assert {tuple(one["lacks"]) for one in found.values()} == {("courier",)}
    assert {one["after"] for one in found.values()} == {"escalate"}
    assert "without evidence of courier" in shell("sop", "diff", "fee_waiver@1", "fee_waiver").out


def test_an_sop_that_extends_another_is_compared_with_it(shell: Shell, workspace: Path) -> None:
    strict = workspace.parents[1] / "strict_waiver"
    strict.mkdir()
    (strict / "sop.yaml").write_text(
        "sop: strict_waiver\nversion: 1\nextends: fee_waiver\ncase_type: fee.strict\n"
        "decision: {rows: {2: {then: refuse}}}\n"
        "outcomes: [refuse]\n"
    )
    (strict / "policy.md").write_text("---\npolicy: strict_waiver\n---\n")
    found = past(shell, "fee_waiver", "strict_waiver")
    assert {(one["before"], one["after"]) for one in found.values()} == {("accept", "refuse")}
    assert len(found) == 5


def test_a_version_is_named_by_its_beginning_where_that_is_enough(
    shell: Shell, workspace: Path
) -> None:
    changed(workspace, ("title: What people call it", "title: Fees"))
    shell("investigate", "waiver-001", "--again")
    ran = shell("sop", "diff", "fee_waiver@1", "fee_waiver")
    assert (ran.code, "Several graph versions begin with" in ran.err) == (2, True)
    full = ran.err.split()[-1].rstrip(".")
    assert shell("sop", "diff", full, "fee_waiver").code == 0
    assert "no graph version" in shell("sop", "diff", "fee_waiver@2", "fee_waiver").err
