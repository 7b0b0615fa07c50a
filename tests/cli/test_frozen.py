"""``eval run --freeze``, then ``--frozen``, as a user meets them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from casewright.settings import Settings
from evals.metrics import summarise
from evals.scored import Scored

Shell = Any  # the class in conftest.py, which importlib mode keeps out of reach
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def gold(live: Any, frozen_few: tuple[Path, tuple[Scored, ...]]) -> str:
    """The gold cases that were frozen, as a file."""
    lines = [one.gold.model_dump_json() for one in frozen_few[1]]
    Path("gold.jsonl").write_text("\n".join(lines), "utf-8")
    return "gold.jsonl"


@pytest.fixture
def live(
    shell: Shell,
    frozen_few: tuple[Path, tuple[Scored, ...]],
    monkeypatch: pytest.MonkeyPatch,
) -> Any:
    """The report of the live run, without metrics; the source is gone."""
    shutil.copytree(frozen_few[0], "frozen")
    monkeypatch.setenv("CASEWRIGHT_SOURCE_URL", NOWHERE)
    return unmeasured(summarise(frozen_few[1]).model_dump(mode="json"))


def unmeasured(report: dict[str, Any]) -> dict[str, Any]:
    """A report without what the registered metrics say, of which time differs."""
    return {name: value for name, value in report.items() if name != "measures"}


def test_freezing_and_results_go_together(
    shell: Shell, world: Path, worlds: Callable[[int], Settings]
) -> None:
    """What an older results file holds and the folder does not is judged again."""
    shell.home = worlds(7).home  # its closed cases are known already
    lines = (world / "gold.jsonl").read_text("utf-8").splitlines(keepends=True)
    Path("gold.jsonl").write_text("".join(lines[:3]), "utf-8")
    asked = ("eval", "run", "gold.jsonl", "--out", "live.jsonl")
    assert shell(*asked).code == 0
    first = shell(*asked, "--freeze", "frozen")
    assert "frozen holds the evidence of 3 of 3 cases." in first.err
    assert "scored cases already" not in first.err
    assert "holds 3 scored cases already" in shell(*asked, "--freeze", "frozen").err


def test_frozen_reports_what_live_did_without_the_source(
    shell: Shell, live: Any, gold: str
) -> None:
    named = shell("eval", "run", gold, "--frozen", "frozen", "--out", "a.jsonl", "--json")
    assert (named.code, unmeasured(named.json)) == (0, live)
    without = shell("eval", "run", "--frozen", "frozen", "--json")
    assert unmeasured(without.json) == live
    assert without.timeless["measures"] == named.timeless["measures"]
    again = shell("eval", "run", gold, "--frozen", "frozen", "--out", "a.jsonl", "--json")
    assert "holds 6 scored cases already" in again.err
    assert again.json == named.json


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
