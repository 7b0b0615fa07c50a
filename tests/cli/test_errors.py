"""``eval errors`` from end to end: why, what to do next, and the entry for a gold file."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from evals.gold import load_gold

Shell = Any  # the class in conftest.py, which importlib mode keeps out of reach

SOP = "late_shipment_appeal"


def test_wrong_cases_are_explained_and_become_gold(
    shell: Shell, world: Path, tmp_path: Path
) -> None:
    gold = str(world / "gold.jsonl")
    chosen = (gold, "--sop", SOP, "--limit", "10")
    ran = shell("eval", "errors", *chosen, "--json")
    measured = shell("eval", "run", *chosen, "--json").json["first_look"]
    assert ran.code == 0
    assert ran.json["n"] == measured["denominator"] == 10
    assert ran.json["wrong"] == 10 - measured["numerator"] > 0
    assert sum(cause["n"] for cause in ran.json["causes"]) == ran.json["wrong"]
    one = ran.json["cases"][0]
    told = shell("eval", "errors", *chosen)
    command = f"casewright sop explain {one['case_id']}"
    assert command in told.out
    assert shell(*shlex.split(command)[1:]).code == 2  # there is no run of it yet
    shell("investigate", one["case_id"], "--as-of", one["as_of"])
    explained = shell(*shlex.split(command)[1:], "--json")
    assert explained.json["outcome"] == one["said"]

    entry = shell("eval", "errors", gold, "--fix", one["case_id"])
    kept = tmp_path / "gold.yaml"
    kept.write_text(entry.out, "utf-8")
    (case,) = load_gold(kept)
    assert (case.case_id, case.outcome) == (one["case_id"], one["gold"])
    assert case.facts
    assert "blames_carrier" not in case.facts  # no factor of the procedure


def test_a_case_that_is_no_gold_case_is_told(shell: Shell, world: Path) -> None:
    ran = shell("eval", "errors", str(world / "gold.jsonl"), "--fix", "case_999999")
    assert ran.code == 2
    assert "'case_999999' is no gold case here." in ran.err
