from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from sandbox.server import Endpoint

Shell = Any  # the class in conftest.py, which importlib mode keeps out of reach


def test_batch_takes_open_cases_to_the_gate_one_line_each(shell: Shell) -> None:
    ran = shell("batch", "run", "--limit", "5")
    lines = [json.loads(line) for line in ran.out.splitlines()]
    assert ran.code == 0
    assert len({line["case_id"] for line in lines}) == 5
    assert {line["status"] for line in lines} == {"waiting"}
    assert len(shell("review", "list", "--json").json) == 5


def test_a_batch_with_a_failing_case_tells_it_and_does_the_others(shell: Shell) -> None:
    ran = shell("batch", "run", "case_000233", "case_999999", "case_000233")
    lines = {line["case_id"]: line for line in map(json.loads, ran.out.splitlines())}
    assert ran.code == 1
    assert lines["case_000233"]["status"] == "waiting"
    assert "knows no case" in lines["case_999999"]["error"]
    assert "1 failed: case_999999" in " ".join(ran.err.split())


def test_past_cases_are_remembered_once_and_shown_as_precedents(shell: Shell) -> None:
    assert shell("kb", "stats", "--json").json["cases"] == 0
    for asked in (("kb", "search", "a strike"), ("kb", "search", "--clauses", "a strike")):
        assert "`casewright kb ingest` brings those" in shell(*asked).out
    first = shell("kb", "ingest", "--json").json
    assert first["added"] > 100
    assert shell("kb", "ingest", "--json").json == {
        "added": 0,
        "replaced": 0,
        "unchanged": first["added"],
        "refused": 0,
        "wrong": 0,
        "clauses": first["clauses"],
    }
    held = shell("kb", "search", "--clauses", "an outage of the carrier", "--json").json
    assert "outage" in held[0]["text"]
    found = shell("kb", "search", "the carrier was on strike", "--limit", "3", "--json").json
    assert len(found) == 3
    decision = shell("investigate", "case_000233", "--json").json["decision"]
    assert len(decision["precedents"]) == 5
    assert any(c["kind"] == "precedent" for claim in decision["claims"] for c in claim["citations"])


def test_sops_are_listed_and_shown(shell: Shell) -> None:
    listed = shell("sop", "list", "--json").json
    assert "late_shipment_appeal" in {sop["sop"] for sop in listed}
    assert "late_shipment_appeal" in shell("sop", "list").out
    assert "dispatched_in_time && !scan_stalled" in shell("sop", "show", "late_shipment_appeal").out
    assert shell("sop", "show", "late_shipment_appeal", "--json").json["version"] >= 1


def test_init_makes_a_workspace_once(shell: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    assert shell("init", str(folder)).code == 0
    assert (folder / "sops").is_dir()
    assert shell("--workspace", str(folder), "sop", "list").code == 0
    again = shell("init", str(folder))
    assert again.code == 2
    assert "is a workspace already" in again.err


def test_a_wrong_setting_in_the_workspace_is_told(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "casewright.toml").write_text("modl = 'x'\n")
    ran = shell("review", "list")
    assert ran.code == 2
    assert "modl" in ran.err


def test_the_doctor_finds_all_well_and_says_what_is_not(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shell("doctor").code == 0
    monkeypatch.setenv("CASEWRIGHT_SOURCE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("CASEWRIGHT_MODEL", "m")
    monkeypatch.setenv("CASEWRIGHT_MODEL_BASE_URL", "http://127.0.0.1:9/v1")
    ran = shell("doctor", "--model", "--json")
    checks = {check["name"]: check for check in ran.json}
    assert ran.code == 1
    assert not checks["source"]["ok"]
    assert "m at http://127.0.0.1:9/v1: The model endpoint cannot" in checks["probe"]["detail"]
    assert "CASEWRIGHT_SOURCE_URL" in checks["source"]["remedy"]


def test_the_doctor_asks_a_console_past_any_proxy_and_looks_at_nothing_else(
    shell: Shell, marketplace: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    there = f"{marketplace.base_url}/openapi.json"  # stands for a console: it answers 200
    ran = shell("doctor", "--health", there, "--json")
    assert (ran.code, [check["name"] for check in ran.json]) == (0, ["console"])
    assert not any(shell.home.glob("*")), "nothing was opened"
    ran = shell("doctor", "--health", "http://127.0.0.1:9/ready")
    assert ran.code == 1
    assert "casewright console" in ran.out


def test_without_a_source_and_a_world_the_remedy_is_told(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CASEWRIGHT_SOURCE_URL")
    ran = shell("investigate", "case_000233")
    assert ran.code == 2
    assert "casewright sandbox init" in ran.err


def test_demo_ends_with_a_verified_decision_at_the_gate(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CASEWRIGHT_SOURCE_URL")
    ran = shell("demo")
    assert ran.code == 0
    assert "Decision: " in ran.out
    assert "Waits for a reviewer" in ran.out
    assert "struck" not in ran.out
    assert "simulated" in ran.out
    refused = shell("sandbox", "init", "--seed", "8", "--small")
    assert refused.code == 2
    assert "--force" in refused.err or "force" in refused.err


def test_serve_is_found_by_other_commands_and_ends_cleanly(
    shell: Shell, world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CASEWRIGHT_SOURCE_URL")
    shell.home.mkdir()
    (shell.home / "sandbox").symlink_to(world)
    serve = ("sandbox", "serve", "--port", "0", "--no-faults")
    command = [sys.executable, "-m", "cli", "--home", str(shell.home), *serve]
    # As a shell starts a job in the background: Ctrl-C ignored until the program says otherwise.
    ignoring = partial(signal.signal, signal.SIGINT, signal.SIG_IGN)
    with subprocess.Popen(command, stdout=subprocess.PIPE, preexec_fn=ignoring) as server:
        try:
            assert server.stdout is not None
            assert server.stdout.readline().startswith(b"http://127.0.0.1:")
            assert shell("investigate", "case_000233").code == 3
            os.kill(server.pid, signal.SIGINT)
            assert server.wait(timeout=20) == 130
        finally:
            server.kill()
    assert not (shell.home / "sandbox-serving.json").exists()
