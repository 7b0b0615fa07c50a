"""``batch`` as its users meet it: choosing, dry runs, summaries, stopping and going on."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from casewright.batching import Batch, Ended
from graphs import attend
from graphs.gather import Gathering
from sandbox.model.app import Manner
from sandbox.model.server import simulating

Shell = Any  # the class in conftest.py, which importlib mode keeps out of reach

IDS = ("case_000233", "case_000512", "case_000427")


def lines(ran: Any) -> dict[str, dict[str, Any]]:
    return {line["case_id"]: line for line in map(json.loads, ran.out.splitlines())}


def rows(home: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(home / "casewright.sqlite")) as connection:
        return connection.execute(query).fetchall()


def batches(shell: Shell) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = shell("batch", "list", "--json").json
    return found


def test_a_line_says_how_a_case_ended_and_the_summary_how_the_batch_did(shell: Shell) -> None:
    ran = shell("batch", "run", *IDS, IDS[0], "--concurrency", "2")
    assert ran.code == 0
    assert sorted(lines(ran)) == sorted(IDS)
    assert {one["status"] for one in lines(ran).values()} == {"waiting"}
    assert all(one["run_id"] and one["seconds"] > 0 for one in lines(ran).values())
    assert "Left out: 1 named twice." in ran.err
    assert "3: 3 at the gate or decided" in ran.err
    assert "a second; a case took" in ran.err

    again = shell("batch", "run", *IDS)
    assert (again.code, again.out) == (0, "")
    assert "Left out: 3 at their gate already." in again.err
    empty, first = batches(shell)
    assert (empty["tally"]["total"], first["tally"]["total"]) == (0, 3)
    watched = shell("batch", "status", "--watch", "--json").json
    assert Batch.model_fields.keys() <= watched.keys()
    assert "3: 3 at the gate or decided" in shell("batch", "status", first["batch_id"]).out


def test_cases_come_from_stdin_a_table_and_json_lines(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def chosen(*arguments: str) -> int:
        count: int = shell("batch", "run", *arguments, "--dry-run", "--json").json["cases"]
        return count

    monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(IDS)))
    assert chosen("-") == 3
    (tmp_path / "cases.csv").write_text(f"id,note\n{IDS[0]},x\n{IDS[1]},y\n{IDS[1]},z\n")
    assert chosen("--from", "cases.csv", "--case-field", "id") == 2
    (tmp_path / "cases.jsonl").write_text(f'{{"case_id": "{IDS[0]}"}}\n')
    assert chosen("--from", "cases.jsonl") == 1


TOOL = """\
tools:
  - name: list_open
    description: The open cases of a type.
    arguments:
      case_type: {type: string, description: The type.}
    result:
      case_id: string
    table:
      csv: open.csv
      query: SELECT case_id FROM open WHERE case_type = :case_type
"""


def test_a_query_names_the_cases_and_a_dry_run_writes_nothing(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "casewright.toml").write_text("")
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "open.yaml").write_text(TOOL)
    (tmp_path / "open.csv").write_text(
        f"case_id,case_type\n{IDS[0]},a\n{IDS[1]},a\n{IDS[2]},b\ncase_999999,a\n"
    )
    query = ("batch", "run", "--query", "list_open", "--with", "case_type=a", "--dry-run")
    told = shell(*query, "--json").json
    assert told["cases"] == 3
    assert told["chosen"] == "the tool list_open"
    assert {one["sop"]: one["cases"] for one in told["shares"]} == {
        "late_shipment_appeal": 1,
        "ip_complaint_appeal": 1,
        "(the source does not know it)": 1,
    }
    assert (told["micros"], told["seconds"]) == (None, None)
    for table in ("runs", "batches", "batch_cases", "evidence", "audit_events"):
        assert rows(shell.home, f"SELECT count(*) FROM {table}") == [(0,)]

    ran = shell("batch", "run", "--query", "list_open", "--with", "case_type=b")
    assert list(lines(ran)) == [IDS[2]]
    known = shell("batch", "run", "--query", "list_open", "--with", "case_type=b", "--dry-run")
    assert "0 cases would run" in known.out
    assert "1 at their gate already" in known.out


def test_a_filter_and_a_limit_and_an_order_choose_from_the_open_queue(shell: Shell) -> None:
    dry = ("batch", "run", "--dry-run", "--json")
    whole = shell(*dry).json
    dear = shell(*dry, "--filter", "case.impact_cents > 50000", "--limit", "2").json
    assert whole["chosen"] == "the open queue, by sla"
    assert dear["chosen"] == "the open queue, case.impact_cents > 50000, by sla, at most 2"
    assert dear["cases"] == 2
    assert set(dear["skipped"]) == {"the filter does not hold", "beyond the limit"}
    assert dear["cases"] + sum(dear["skipped"].values()) == whole["cases"]
    given = shell(*dry, *IDS, "--case-type", "appeal.late_dispatch").json
    assert (given["cases"], given["skipped"]) == (1, {"of another type": 2})

    ran = shell("batch", "run", *IDS, "--priority", "impact", "--concurrency", "1")
    cents = {
        case_id: json.loads(body)["case"]["impact"]["cents"]
        for case_id, body in rows(shell.home, "SELECT case_id, body FROM runs")
    }
    assert list(lines(ran)) == sorted(IDS, key=lambda one: -cents[one])


WRONG = {
    ("--filter", 'case.region = "DE"'): "goes wrong at its character 13",
    ("--filter", "case.impact > 5"): "impact",
    ("--query", "list_nothing"): "There is no tool 'list_nothing'",
    ("--with", "a=b"): "--with gives an argument",
    ("--from", "nowhere.txt"): "nowhere.txt cannot be read",
    ("case_000233", "--from", "x.txt"): "one of them",
    ("--sop", "late_shipment"): "Did you mean 'late_shipment_appeal'",
    ("--max-cost", "much"): "'much' is no amount",
    ("--max-cost", "0"): "above nought",
    ("--priority", "first"): "Invalid value for '--priority'",
    ("--quiet", "--jsonl"): "exclude each other",
}


def test_what_is_wrong_is_told_in_one_line_and_nothing_is_begun(shell: Shell) -> None:
    for arguments, told in WRONG.items():
        ran = shell("batch", "run", *arguments)
        assert (ran.code, ran.out) == (2, ""), arguments
        assert told in ran.err
        assert ran.err.count("\n") == 1
    assert batches(shell) == []


def test_before_any_batch_the_commands_say_so(shell: Shell) -> None:
    assert "There is no batch yet" in shell("batch", "list").out
    for command in ("status", "resume", "retry", "cancel"):
        ran = shell("batch", command)
        assert (ran.code, ran.out) == (2, "")
        assert "`casewright batch run` starts one" in ran.err


def test_what_failed_for_good_is_listed_and_runs_again_when_it_is_retried(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    gather = Gathering.run

    async def failing(self: Gathering) -> Any:
        if (self._case.data or {})["case_id"] == IDS[0]:
            raise KeyError("nobody foresaw this")
        return await gather(self)

    with monkeypatch.context() as patch:
        patch.setattr(Gathering, "run", failing)
        ran = shell("batch", "run", *IDS, "--json", "--quiet")
    assert ran.code == 1
    assert [one["case_id"] for one in ran.json["failed"]] == [IDS[0]]
    batch_id = ran.json["batch_id"]
    assert f"Try again: casewright batch retry {batch_id}" in ran.err
    assert "KeyError" in shell("batch", "status").out
    assert "is not parked" in shell("batch", "retry", batch_id, IDS[1]).err

    again = shell("batch", "retry", batch_id[:12], IDS[0])
    assert again.code == 0
    assert list(lines(again)) == [IDS[0]]
    assert "No case" in shell("batch", "retry").err
    stands = shell("batch", "status", "--json").json
    assert (stands["state"], stands["tally"]["ended"], stands["failed"]) == ("ended", 3, [])
    assert rows(shell.home, "SELECT count(*) FROM runs") == [(3,)]


def signalling(monkeypatch: pytest.MonkeyPatch, *signals: signal.Signals) -> None:
    """Have these signals come as the first case ends."""
    engine = attend.engine

    async def interrupted(*given: Any) -> AsyncGenerator[Ended, None]:
        first = True
        async for one in engine(*given):
            for number in signals * first:
                os.kill(os.getpid(), number)
            first = False
            yield one

    monkeypatch.setattr(attend, "engine", interrupted)


def test_a_batch_drains_at_sigterm_and_is_resumed(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with monkeypatch.context() as patch:
        signalling(patch, signal.SIGTERM)
        ran = shell("batch", "run", "--limit", "5", "--concurrency", "2")
    assert ran.code == 130
    assert "in flight end first; Ctrl-C again to stop now" in ran.err
    [stopped] = batches(shell)
    assert (stopped["state"], stopped["why"]) == ("stopped", "interrupted")
    assert stopped["tally"]["leased"] == 0
    done = len(lines(ran))
    assert stopped["tally"]["ended"] == done < 5
    left = f"{5 - done} are left: casewright batch resume {stopped['batch_id']}"
    assert left in ran.err
    assert signal.getsignal(signal.SIGTERM) == before

    beside = shell("batch", "run", "--limit", "1", "--dry-run", "--json").json
    assert list(beside["held"]) == [stopped["batch_id"]]
    resumed = shell("batch", "resume", "--concurrency", "4")
    assert resumed.code == 0
    assert len(lines(resumed)) == 5 - done
    assert not lines(resumed).keys() & lines(ran).keys()
    [over] = batches(shell)
    assert (over["state"], over["plan"]["concurrency"]) == ("ended", 4)
    decided = Counter(rows(shell.home, "SELECT case_id FROM runs"))
    assert set(decided.values()) == {1}


def test_the_second_ctrl_c_stops_at_once_and_frees_what_was_begun(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(self: Gathering) -> None:
        await asyncio.Event().wait()

    gather, calls = Gathering.run, [0]

    async def after_the_first(self: Gathering) -> Any:
        calls[0] += 1
        return await (gather(self) if calls[0] == 1 else never(self))

    with monkeypatch.context() as patch:
        patch.setattr(Gathering, "run", after_the_first)
        signalling(patch, signal.SIGINT, signal.SIGINT)
        ran = shell("batch", "run", *IDS, "--concurrency", "2", "--jsonl")
    events = [json.loads(line) for line in ran.err.splitlines() if line.startswith("{")]
    assert ran.code == 130
    assert [one["event"] for one in events] == ["begun", "note", "summary"]
    assert (events[-1]["state"], events[-1]["why"]) == ("stopped", "interrupted")
    tally = events[-1]["tally"]
    assert (tally["leased"], tally["pending"], tally["ended"]) == (0, 2, 1)
    taken = shell("batch", "cancel")
    assert "2 cases were taken out" in taken.out
    refused = shell("batch", "resume")
    assert refused.code == 2
    assert "was cancelled" in refused.err


def test_money_stops_a_batch_cleanly_and_more_of_it_goes_on(
    shell: Shell, world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASEWRIGHT_MODEL", "simulated-expert")
    monkeypatch.setenv("CASEWRIGHT_MODEL_API_KEY", "sk-x")
    monkeypatch.setenv("CASEWRIGHT_MODEL_PRIVACY", "off")  # Presidio takes seconds to import
    assert "needs prices" in shell("batch", "run", "--max-cost", "1").err
    monkeypatch.setenv("CASEWRIGHT_MODEL_PRICES", '{"simulated-expert": {"in": 1, "out": 2}}')
    late = ("--case-type", "appeal.late_dispatch", "--limit", "3", "--concurrency", "1")
    with simulating(world, Manner()) as url:
        monkeypatch.setenv("CASEWRIGHT_MODEL_BASE_URL", url)
        ran = shell("batch", "run", *late, "--max-cost", "0.000001", "--json", "--quiet")
        assert ran.code == 0
        assert (ran.json["state"], ran.json["tally"]["pending"] > 0) == ("stopped", True)
        assert "money" in ran.err
        assert "batch resume" in ran.err
        estimate = shell("batch", "run", *late, "--dry-run", "--json").json
        assert estimate["micros"] > 0
        more = shell("batch", "resume", "--max-cost", "5", "--json")
    assert more.code == 0
    assert (more.json["state"], more.json["tally"]["ended"]) == ("ended", 3)
    assert more.json["tally"]["micros"] >= ran.json["tally"]["micros"]
    status = shell("batch", "status").out
    assert "of 5 USD" in status


def test_the_source_being_down_is_told_before_a_batch_is_written(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASEWRIGHT_SOURCE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("CASEWRIGHT_SOURCE_ATTEMPTS", "1")
    ran = shell("batch", "run")
    assert ran.code == 1
    assert "error: " in ran.err
    assert batches(shell) == []


def test_ctrl_c_on_the_running_program_loses_nothing(shell: Shell) -> None:
    options = ("--limit", "6", "--concurrency", "1")
    command = [sys.executable, "-m", "cli", "--home", str(shell.home), "batch", "run", *options]

    def hearing() -> None:  # a shell's background jobs ignore Ctrl-C; this is one in front
        signal.signal(signal.SIGINT, signal.default_int_handler)

    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    root = Path(attend.__file__).parents[1]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    with subprocess.Popen(
        command, text=True, env=environment, preexec_fn=hearing, **pipes
    ) as program:
        try:
            assert program.stdout is not None
            first = json.loads(program.stdout.readline())
            os.kill(program.pid, signal.SIGINT)
            out, err = program.communicate(timeout=60)
        finally:
            program.kill()
    ended = [first, *map(json.loads, out.splitlines())]
    assert program.returncode == 130, err
    assert "end first" in err
    assert "Traceback" not in err
    [stopped] = batches(shell)
    assert stopped["tally"]["ended"] == len(ended) < 6
    assert stopped["tally"]["leased"] == 0
    assert f"casewright batch resume {stopped['batch_id']}" in err
