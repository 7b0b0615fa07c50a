from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

Shell = Any  # the class in conftest.py, which importlib mode keeps out of reach

CASE = "case_000233"


def test_a_case_reaches_the_gate_and_says_what_happens_next(shell: Shell) -> None:
    ran = shell("investigate", CASE)
    assert ran.code == 3
    assert "Decision: " in ran.out
    assert f"casewright review approve {CASE}" in ran.out
    steps = [line.split()[1] for line in ran.err.splitlines() if "✓" in line]
    assert steps == [
        "intake",
        "gather",
        "assess",
        "recall",
        "read",
        "decide",
        "verify",
        "route",
    ]


def test_who_asks_to_see_prompts_is_told_that_there_were_none(shell: Shell) -> None:
    ran = shell("investigate", CASE, "--show-prompts")
    assert "Nothing left for a model" in ran.err


def test_json_goes_to_stdout_alone(shell: Shell) -> None:
    ran = shell("investigate", CASE, "--json")
    assert ran.json["status"] == "waiting"
    assert ran.json["decision"]["claims"]
    assert all(claim["struck"] == "" for claim in ran.json["decision"]["claims"])


def test_the_same_case_twice_is_one_run(shell: Shell) -> None:
    first, second = shell("investigate", CASE, "--json"), shell("investigate", CASE, "--json")
    assert first.json["run_id"] == second.json["run_id"]
    again = shell("investigate", CASE, "--again", "--json")
    assert again.json["run_id"] != first.json["run_id"]
    assert [run["run_id"] for run in shell("review", "list", "--json").json] == [
        again.json["run_id"]
    ]


def test_as_of_changes_what_is_known(shell: Shell) -> None:
    now = shell("investigate", CASE, "--json")
    before = shell("investigate", CASE, "--as-of", "2026-05-01T00:00:00Z", "--json")
    assert now.json["decision"]["outcome"] not in ("request_information", "escalate")
    # Before its appeal was filed nothing was known of it, and nobody can be asked for it.
    assert before.json["decision"]["outcome"] == "escalate"


def test_timing_names_the_heavy_imports(shell: Shell) -> None:
    ran = shell("investigate", CASE, "--timing")
    assert "import langgraph.graph" in ran.err
    assert "nodes, together" in ran.err


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("investigate", "case_999999"), 2, "The source knows no case 'case_999999'."),
        (("investigate", CASE, "--as-of", "yesterday"), 2, "'yesterday' is not a moment."),
        (("investigate", CASE, "--sop", "late_shipment"), 2, "Did you mean 'late_shipment_appeal'"),
        (("investigate",), 2, "Missing argument 'CASE'"),
        (("investigate", CASE, "--jsn"), 2, "No such option"),
        (("review", "show", "case_000001"), 2, "was never investigated here"),
        (("review", "approve", "case_000001", "--code", "A1"), 2, "was never investigated here"),
        (("sop", "show", "late_shipment_apeal"), 2, "Did you mean 'late_shipment_appeal'?"),
    ],
)
def test_bad_input_is_told_in_one_line(
    shell: Shell, arguments: tuple[str, ...], code: int, told: str
) -> None:
    ran = shell(*arguments)
    assert ran.code == code
    assert told in ran.err
    assert len(ran.err.strip().splitlines()) == 1
    assert ran.out == ""


def test_a_source_that_is_down_fails_the_run_and_a_later_call_goes_on(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as down:
        down.setenv("CASEWRIGHT_SOURCE_URL", "http://127.0.0.1:9")
        down.setenv("CASEWRIGHT_SOURCE_ATTEMPTS", "1")
        ran = shell("investigate", CASE)
        assert ran.code == 1
        assert "error: " in ran.err
        assert "Traceback" not in ran.err
    assert shell("investigate", CASE).code == 3


def test_an_unwritable_home_is_told(shell: Shell) -> None:
    shell.home.write_text("a file where the folder should be")
    ran = shell("investigate", CASE)
    assert ran.code == 2
    assert "cannot be written" in ran.err
    assert "CASEWRIGHT_HOME" in ran.err


@pytest.mark.parametrize("file", ["casewright.sqlite", "checkpoints.sqlite"])
def test_a_corrupt_file_is_told_with_its_remedy(shell: Shell, file: str) -> None:
    shell("investigate", CASE)
    for beside in shell.home.glob(f"{file}-*"):
        beside.unlink()
    (shell.home / file).write_bytes(b"this was a database" * 500)
    ran = shell("review", "approve", CASE, "--code", "A1")
    assert ran.code == 1
    assert file in ran.err
    assert "Traceback" not in ran.err


def test_a_checkpoint_that_does_not_read_is_told(shell: Shell) -> None:
    shell("investigate", CASE)
    with sqlite3.connect(shell.home / "checkpoints.sqlite") as database:
        database.execute("UPDATE checkpoints SET checkpoint = x'c1c1c1'")
    ran = shell("review", "approve", CASE, "--code", "A1")
    assert ran.code == 1
    assert "--again" in ran.err
    assert shell("investigate", CASE, "--again").code == 3


def test_an_sop_that_does_not_read_is_told_with_file_line_and_reason(
    shell: Shell, tmp_path: Path
) -> None:
    folder = tmp_path / "sops" / "broken"
    folder.mkdir(parents=True)
    (tmp_path / "casewright.toml").write_text("")
    (folder / "sop.yaml").write_text("sop: broken\nversion: one\n")
    (folder / "policy.md").write_text("---\npolicy: broken\n---\n")
    ran = shell("investigate", CASE, "--sop", "broken")
    assert ran.code == 2
    assert "broken/sop.yaml:2:1: version: " in ran.err


def test_interrupting_loses_nothing(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    from graphs.gather import Gathering

    async def interrupted(self: Gathering) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Gathering, "run", interrupted)
        ran = shell("investigate", CASE)
        assert ran.code == 130
        assert "Nothing is lost" in ran.err
    resumed = shell("investigate", CASE, "--json")
    assert resumed.code == 3
    assert resumed.json["decision"]["outcome"]


def test_help_imports_nothing_heavy() -> None:
    heavy = {"langgraph", "chromadb", "sqlalchemy", "pydantic", "httpx", "onnxruntime", "fastapi"}
    script = f"import cli, sys; cli.run(['--help']); print(sorted({heavy} & set(sys.modules)))"
    command = [sys.executable, "-c", script]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "[]"
