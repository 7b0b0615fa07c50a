"""``eval run --out``, twice, and ``eval compare`` of what it wrote."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path
from typing import Any

import pytest

Shell = Any  # the class in conftest.py, which importlib mode keeps out of reach
CHAMPION, CHALLENGER = "champion.jsonl", "challenger.jsonl"


@pytest.fixture
def gold(world: Path, tmp_path: Path) -> str:
    """Five gold cases of the world that is served."""
    lines = (world / "gold.jsonl").read_text("utf-8").splitlines(keepends=True)
    (tmp_path / "gold.jsonl").write_text("".join(lines[:5]), "utf-8")
    return "gold.jsonl"


@pytest.fixture
def champion(shell: Shell, gold: str) -> list[dict[str, Any]]:
    """What ``eval run --out`` wrote of them."""
    assert shell("eval", "run", gold, "--out", CHAMPION, "--json").code == 0
    return [json.loads(line) for line in Path(CHAMPION).read_text("utf-8").splitlines()]


def test_a_run_that_was_cut_off_goes_on(
    shell: Shell, gold: str, champion: list[dict[str, Any]]
) -> None:
    whole = shell("eval", "run", gold, "--out", CHAMPION, "--json")
    assert (whole.code, "holds 5 scored cases already" in whole.err) == (0, True)
    assert whole.json["n"] == 5
    os.truncate(CHAMPION, Path(CHAMPION).stat().st_size - 100)
    cut = shell("eval", "run", gold, "--out", CHAMPION, "--json")
    assert "holds 4 scored cases already" in cut.err
    assert cut.timeless == whole.timeless
    assert len(Path(CHAMPION).read_text("utf-8").splitlines()) == len(champion)


def test_what_is_not_of_this_run_is_refused(
    shell: Shell, gold: str, champion: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Path(CHAMPION).read_bytes()
    monkeypatch.setenv("CASEWRIGHT_PRECEDENTS", "3")
    other = shell("eval", "run", gold, "--out", CHAMPION)
    assert (other.code, "Give another file to --out" in other.err) == (2, True)
    assert Path(CHAMPION).read_bytes() == before


def test_a_challenger_is_compared(shell: Shell, champion: list[dict[str, Any]]) -> None:
    same = shell("eval", "compare", CHAMPION, CHAMPION, "--json")
    assert (same.code, same.json["flips"]) == (0, [])
    changed = [{**one, "outcome": "escalate", "graph_version": "mine@2+ab"} for one in champion]
    Path(CHALLENGER).write_text("".join(f"{json.dumps(one)}\n" for one in changed), "utf-8")
    told = shell("eval", "compare", CHAMPION, CHALLENGER)
    assert "Verdict: undecided" in told.out
    found = shell("eval", "compare", CHAMPION, CHALLENGER, "--margin", "0.1", "--json").json
    assert found["pairs"]["margin"] == 0.1
    assert found["challenger"]["graph_versions"] == ["mine@2+ab"]
    flip = found["flips"][0]
    assert flip["explain"] in told.out
    assert shell("investigate", flip["case_id"]).code in (0, 3)
    explained = shell(*shlex.split(flip["explain"])[1:], "--json")
    assert (explained.code, bool(explained.json["rows"])) == (0, True)


def test_one_that_is_worse_ends_with_1(shell: Shell, gold: str) -> None:
    """Every case of sixty sellers is lost."""
    first = json.loads(Path(gold).read_text("utf-8").splitlines()[0])
    for path, right in ((CHAMPION, True), (CHALLENGER, False)):
        lines = []
        for number in range(60):
            case = {**first, "case_id": f"c{number}", "seller_id": f"s{number}"}
            outcome = case["outcome"] if right else "escalate"
            lines.append(json.dumps({"gold": case, "outcome": outcome}))
        Path(path).write_text("\n".join([*lines, ""]), "utf-8")
    ran = shell("eval", "compare", CHAMPION, CHALLENGER)
    assert (ran.code, "Verdict: worse" in ran.out) == (1, True)
    assert shell("eval", "compare", CHALLENGER, CHAMPION).code == 0


def test_what_is_no_results_file_is_told(shell: Shell, gold: str) -> None:
    ran = shell("eval", "compare", gold, gold)
    assert (ran.code, "gold.jsonl:1: this is no scored case" in ran.err) == (2, True)
    ran = shell("eval", "compare", "none.jsonl", gold)
    assert (ran.code, "eval run --out none.jsonl" in ran.err) == (2, True)
