"""``eval run --freeze``, then ``--frozen``, as a user meets them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

Shell = Any  # the class in conftest.py, which importlib mode keeps out of reach
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def gold(world: Path, tmp_path: Path) -> str:
    """Four gold cases of the world that is served."""
    lines = (world / "gold.jsonl").read_text("utf-8").splitlines(keepends=True)
    (tmp_path / "gold.jsonl").write_text("".join(lines[:4]), "utf-8")
    return "gold.jsonl"


@pytest.fixture
def live(shell: Shell, gold: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The report of the live run; afterwards the source is gone."""
    ran = shell("eval", "run", gold, "--freeze", "frozen", "--out", "live.jsonl", "--json")
    assert ran.code == 0
    assert "frozen holds the evidence of 4 of 4 cases." in ran.err
    monkeypatch.setenv("CASEWRIGHT_SOURCE_URL", NOWHERE)
    return ran.json


def test_frozen_reports_what_live_did_without_the_source(
    shell: Shell, live: Any, gold: str
) -> None:
    named = shell("eval", "run", gold, "--frozen", "frozen", "--out", "a.jsonl", "--json")
    assert (named.code, named.json) == (0, live)
    assert shell("eval", "run", "--frozen", "frozen", "--json").json == live
    again = shell("eval", "run", gold, "--frozen", "frozen", "--out", "a.jsonl", "--json")
    assert "holds 4 scored cases already" in again.err
    assert again.json == live


def test_a_corrected_label_of_the_gold_file_counts(shell: Shell, live: Any, gold: str) -> None:
    row = json.loads(Path(gold).read_text("utf-8").splitlines()[0])
    Path("one.jsonl").write_text(json.dumps({**row, "outcome": "partial", "ask": []}), "utf-8")
    ran = shell("eval", "run", "one.jsonl", "--frozen", "frozen", "--json")
    assert ran.json["n"] == 1
    assert [one["outcome"] for one in ran.json["outcomes"] if one["support"]] == ["partial"]


def test_a_case_that_was_not_frozen_is_an_error_in_the_report(
    shell: Shell, live: Any, world: Path
) -> None:
    line = (world / "gold.jsonl").read_text("utf-8").splitlines()[9]
    Path("other.jsonl").write_text(line, "utf-8")
    ran = shell("eval", "run", "other.jsonl", "--frozen", "frozen", "--json")
    (failure,) = ran.json["failures"]
    assert "--freeze frozen" in failure["reason"]


def test_what_results_hold_and_the_folder_does_not_is_judged_again(shell: Shell, gold: str) -> None:
    asked = ("eval", "run", gold, "--out", "live.jsonl")
    assert shell(*asked).code == 0
    first = shell(*asked, "--freeze", "late")
    assert "late holds the evidence of 4 of 4 cases." in first.err
    assert "scored cases already" not in first.err
    assert "holds 4 scored cases already" in shell(*asked, "--freeze", "late").err


def test_repeats_stand_in_the_results_and_bind_them(shell: Shell, live: Any) -> None:
    asked = ("eval", "run", "--frozen", "frozen", "--out", "r.jsonl")
    assert shell(*asked, "--repeats", "3").code == 0
    rows = [json.loads(line) for line in Path("r.jsonl").read_text("utf-8").splitlines()]
    assert [one["traits"]["repeats"] for one in rows] == [[one["outcome"]] * 2 for one in rows]
    refused = shell(*asked)
    assert refused.code == 2
    assert "judged 3 times, not 1" in refused.err


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("--freeze", "a", "--frozen", "frozen"), "not both at once"),
        (("--frozen", "nothing"), "holds no frozen evidence"),
        (("--frozen", "frozen", "--seed", "8"), "no gold case of seed 8"),
        (("--frozen", "frozen", "--repeats", "0"), "--repeats"),
    ],
)
def test_what_cannot_be_is_told(shell: Shell, live: Any, given: tuple[str, ...], told: str) -> None:
    ran = shell("eval", "run", *given)
    assert ran.code == 2
    assert told in ran.err
