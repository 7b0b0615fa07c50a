"""Gold sets from the terminal: drawn from closed cases, split, and refused where they leak."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from casewright.models import ClosedCase
from evals.gold import load_gold
from graphs import remember as remembering
from tools.inbox import closed_cases

Shell = Any  # the class in conftest.py, which importlib mode keeps out of reach

SOP = "late_shipment_appeal"
CASE = "case_000233"


@pytest.fixture(autouse=True)
def some(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some of the source's closed cases are remembered, for the embedding takes its time."""

    async def first(source: Any) -> Any:
        for one in [one async for one in closed_cases(source)][:12]:
            yield one

    monkeypatch.setattr(remembering, "closed_cases", first)


@pytest.fixture
def past(shell: Shell, tmp_path: Path) -> Path:
    """Gold cases drawn from the source's closed ones."""
    path = tmp_path / "past.yaml"
    ran = shell(
        "eval", "new", SOP, "--from", "source", "--cases", "30", "--out", "past.yaml", "--json"
    )
    assert ran.code == 0, ran.err
    assert ran.json["drawn"] == 30
    assert "overturned" in " ".join(ran.json["left_out"])
    assert "weight" in ran.err
    return path


def test_a_backtest_sees_each_past_case_as_it_stood_and_a_late_look_is_refused(
    shell: Shell, past: Path, tmp_path: Path
) -> None:
    gold = load_gold(past)
    assert sum(one.weight for one in gold) == pytest.approx(151)
    assert {one.truth for one in gold} == {"settled"}
    assert (ran := shell("eval", "check", "past.yaml", "--evidence")).code == 0, ran.out
    assert "none can reach their own answer" in ran.out
    ran = shell("eval", "run", "past.yaml", "--limit", "3", "--json")
    assert (ran.code, ran.json["n"]) == (0, 3)

    late = gold[0].model_copy(update={"as_of": gold[0].as_of.replace(year=2026, month=5)})
    (tmp_path / "late.jsonl").write_text(late.model_dump_json(), "utf-8")
    ran = shell("eval", "run", "late.jsonl")
    assert ran.code == 2
    assert f"{late.case_id} (evidence): it was settled at" in ran.err
    assert "Set `as_of` to a moment before" in ran.err
    ran = shell("eval", "check", "late.jsonl", "--evidence", "--json")
    assert ran.code == 1
    told = " ".join(leak["what"] for leak in ran.json["leaks"])
    assert "list_appeals says at" in told


def test_evidence_that_tells_the_answer_stops_the_run(
    shell: Shell, past: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody says when a case was settled, what it is shown still gives it away."""

    async def none(_source: Any) -> Any:
        for one in tuple[ClosedCase, ...]():
            yield one

    monkeypatch.setattr(remembering, "closed_cases", none)
    one = load_gold(past)[0]
    late = one.model_copy(update={"as_of": one.as_of.replace(year=2026, month=5)})
    (tmp_path / "late.jsonl").write_text(late.model_dump_json(), "utf-8")
    ran = shell("eval", "run", "late.jsonl", "--out", "scored.jsonl")
    assert ran.code == 2
    assert f"{late.case_id} can reach its own answer (evidence): list_appeals" in ran.err
    assert (tmp_path / "scored.jsonl").read_text("utf-8") == ""


def test_two_sides_share_nobody_and_no_file_is_written_over(
    shell: Shell, past: Path, tmp_path: Path
) -> None:
    sides = ("--dev", "dev.yaml", "--test", "test.jsonl")
    ran = shell("eval", "split", "past.yaml", *sides, "--no-linked", "--json")
    assert ran.code == 0, ran.err
    assert (ran.json["dev"] + ran.json["test"], ran.json["alone"]) == (30, 0)
    dev, test = load_gold(tmp_path / "dev.yaml"), load_gold(tmp_path / "test.jsonl")
    assert sorted((*dev, *test), key=lambda one: one.case_id) == [*load_gold(past)]
    ran = shell("eval", "check", "dev.yaml", "--beside", "test.jsonl", "--no-linked")
    assert ran.code == 0, ran.out
    ran = shell("eval", "check", "dev.yaml", "--beside", "past.yaml", "--json")
    assert {leak["channel"] for leak in ran.json["leaks"]} == {"sides"}
    ran = shell("eval", "split", "past.yaml", *sides)
    assert (ran.code, "dev.yaml is there already" in ran.err) == (2, True)
    ran = shell("eval", "split", "past.yaml", "--dev", "a.yaml", "--test", "a.yaml")
    assert (ran.code, "cannot be both sides" in ran.err) == (2, True)


def test_a_source_that_is_away_leaves_the_sellers_to_split_by(
    shell: Shell, past: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASEWRIGHT_SOURCE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("CASEWRIGHT_SOURCE_ATTEMPTS", "1")
    ran = shell("eval", "split", "past.yaml", "--dev", "d.yaml", "--test", "t.yaml")
    assert (ran.code, "was not asked who is involved" in ran.err) == (0, True)
    assert "30 cases are not known to the source" in ran.out


def test_what_reviewers_decided_here_is_drawn(shell: Shell, tmp_path: Path) -> None:
    ran = shell("eval", "new", SOP, "--out", "none.yaml")
    assert (ran.code, "No closed case of" in ran.err) == (2, True)
    proposed = shell("investigate", CASE, "--json").json["decision"]["outcome"]
    other = "partial" if proposed != "partial" else "uphold"
    edit = ("--outcome", other, "--code", "E1", "--note", "half")
    assert shell("review", "edit", CASE, *edit).code == 0
    ran = shell("eval", "new", SOP, "--out", "mine.jsonl", "--overrides", "0.5", "--json")
    assert ran.code == 0, ran.err
    assert ran.json["strata"][0]["overridden"] is True
    (line,) = (tmp_path / "mine.jsonl").read_text("utf-8").splitlines()
    told = json.loads(line)
    assert (told["case_id"], told["outcome"], told["truth"]) == (CASE, other, "review")
    (one,) = load_gold(tmp_path / "mine.jsonl")
    assert (one.weight, one.agreement) == (1, None)


def test_a_name_that_the_sop_has_not_is_told_by_eval_run(shell: Shell, past: Path) -> None:
    past.write_text(
        past.read_text("utf-8").replace("outcome: uphold", "outcome: upheld", 1), "utf-8"
    )
    ran = shell("eval", "run", "past.yaml", "--limit", "1")
    assert ran.code == 2
    assert "There is no outcome of late_shipment_appeal 'upheld'. Did you mean 'uphold'?" in ran.err


def test_a_source_does_not_say_what_reviewers_changed(shell: Shell) -> None:
    ran = shell("eval", "new", SOP, "--from", "source", "--overrides", "0.3", "--out", "x.yaml")
    assert (ran.code, "does not say" in ran.err) == (2, True)
    ran = shell("eval", "new", SOP, "--from", "source", "--out", "x.csv")
    assert (ran.code, "x.csv is no gold file" in ran.err) == (2, True)
