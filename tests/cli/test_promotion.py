"""Promoting, rolling back, shadows and canaries as people meet them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from casewright.models import GoldCase
from casewright.settings import Settings
from evals.bundle import Attacks, Bundle
from evals.compare import compare
from evals.metrics import summarise
from evals.results import load_results
from evals.scored import Scored
from graphs.library import BUILT_IN

Shell = Any  # the class in conftest.py, which importlib mode keeps out of reach
SOP = "late_shipment_appeal"
NOW = datetime.now(UTC)


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    """The SOP's file in a workspace, to be edited; its gate asks for what 400 cases can show."""
    folder = tmp_path / "ours"
    shutil.copytree(BUILT_IN / SOP, folder / "sops" / SOP)
    (folder / "casewright.toml").write_text("", "utf-8")
    (folder / "gate.yaml").write_text("least: {accuracy: 0.6}\nfairness: {points: null}\n", "utf-8")
    return folder


@pytest.fixture
def work(shell: Shell, ours: Path) -> Any:
    """The shell in that workspace."""
    return lambda *arguments: shell("--workspace", str(ours), *arguments)


@pytest.fixture
def late_ids(world: Path) -> list[str]:
    causes = (json.loads(line) for line in (world / "causes.jsonl").read_text("utf-8").splitlines())
    return [
        one["case_id"]
        for one in causes
        if one["case_type"] == "appeal.late_dispatch" and one["state"] == "open"
    ]


def edit(ours: Path, text: str) -> None:
    path = ours / "sops" / SOP / "sop.yaml"
    path.write_text(f"{path.read_text('utf-8')}\n# {text}\n", "utf-8")


def judged(right: Sequence[bool], version: str) -> list[Scored]:
    return [
        Scored(
            gold=GoldCase(
                case_id=f"c{i}",
                case_type="appeal.late_dispatch",
                outcome="overturn",
                as_of=NOW - timedelta(days=9),
                seller_id=f"s{i // 2}",
                region="MX" if i % 25 in (0, 13) else "US",
                channel="appeal",
            ),
            outcome="overturn" if hit else "uphold",
            graph_version=version,
        )
        for i, hit in enumerate(right)
    ]


def report(
    version: str, mine: Sequence[Scored], theirs: Sequence[Scored] | None = None, **other: Any
) -> str:
    """A report's file, as `eval report` writes it."""
    fields: dict[str, Any] = {
        "made_at": NOW - timedelta(hours=1),
        "sop": SOP,
        "graph_version": version,
        "gold_digest": "0" * 64,
        "report": summarise(mine),
        "comparison": compare(theirs, mine) if theirs else None,
        "attacks": Attacks(graph_version=version, texts=20, readings=40),
        "findings": (),
    }
    Path("report.json").write_text(Bundle(**{**fields, **other}).model_dump_json(), "utf-8")
    return "report.json"


def promote(work: Any, file: str, to: str, *more: str) -> Any:
    return work(
        "sop", "promote", SOP, "--report", file, "--to", to, "--why", "measured", *more, "--json"
    )


def version_now(work: Any) -> str:
    """What would run now: a report of another version is refused with its name."""
    refused = promote(work, report("x@1+y", judged([True] * 400, "x@1+y")), "production")
    assert refused.code == 1
    assert [one["rule"] for one in refused.json["reasons"]] == ["version"]
    return str(refused.json["version"])


def test_nothing_runs_without_a_report_of_exactly_this_version(work: Any, ours: Path) -> None:
    missing = promote(work, "nowhere.json", "production")
    assert (missing.code, "`casewright eval report` makes it" in missing.err) == (2, True)
    Path("wrong.json").write_text("{}", "utf-8")
    wrong = promote(work, "wrong.json", "production")
    assert (wrong.code, "wrong.json is no report" in wrong.err) == (2, True)
    version = version_now(work)
    mine = judged([True] * 400, version)
    stale = promote(work, report(version, mine, made_at=NOW - timedelta(days=50)), "production")
    assert (stale.code, [one["rule"] for one in stale.json["reasons"]]) == (1, ["age"])
    poor = report(version, judged([i % 2 > 0 for i in range(400)], version), attacks=None)
    refused = work("sop", "promote", SOP, "--report", poor, "--to", "canary", "--why", "x")
    assert refused.code == 1
    assert "measure: The lower bound of accuracy is 45" in refused.out
    assert "attacks: The report holds no attack suite" in refused.out
    assert work("sop", "releases", "--json").json == {"standing": {}, "log": []}
    good = report(version, mine)
    edit(ours, "edited since")
    assert promote(work, good, "production").code == 1


def test_it_runs_until_it_is_rolled_back(work: Any, ours: Path, late_ids: list[str]) -> None:
    first = version_now(work)
    done = promote(work, report(first, judged([True] * 400, first)), "production")
    assert (done.code, done.json["promoted"]) == (0, True)
    release = done.json["release"]
    assert (release["author"], release["why"], len(release["report"])) == ("qa", "measured", 64)
    assert release["figures"]["accuracy"] == 1
    edit(ours, "the second")
    run = work("investigate", late_ids[0], "--json").json
    assert run["graph_version"] == first
    second = version_now_beside(work, first)
    both = [judged([True] * 400, one) for one in (second, first)]
    assert promote(work, report(second, *both), "production").code == 0
    assert work("investigate", late_ids[1], "--json").json["graph_version"] == second
    listed = {one["sop"]: one["stage"] for one in work("sop", "list", "--json").json}
    assert listed[SOP] == "production"
    assert [sop for sop, stage in listed.items() if stage] == [SOP]
    back = work("sop", "rollback", SOP, "--why", "complaints")
    assert back.code == 0
    assert f"{second} no longer stands in production" in back.out
    assert work("investigate", late_ids[2], "--json").json["graph_version"] == first
    log = work("sop", "releases", SOP)
    assert f"{second} rolled back from production by qa: complaints" in log.out
    assert "400 cases, first look 1.000 (at least 0.9" in log.out


def version_now_beside(work: Any, production: str) -> str:
    refused = promote(work, report(production, judged([True] * 400, production)), "production")
    assert refused.code == 1
    return str(refused.json["version"])


def test_a_challenger_worse_in_8_percent_of_the_cases_is_refused_by_name(
    work: Any, ours: Path
) -> None:
    champion = version_now(work)
    good = report(champion, judged([True] * 400, champion))
    assert promote(work, good, "production").code == 0
    edit(ours, "the challenger")
    challenger = version_now_beside(work, champion)
    draw = np.random.default_rng(8).random((2, 600))
    before = [chance < 0.75 for chance in draw[0]]
    after = [
        chance < 0.3 if i % 25 in (0, 13) else hit or chance < 0.5
        for i, (hit, chance) in enumerate(zip(before, draw[1], strict=True))
    ]
    file = report(challenger, judged(after, challenger), judged(before, champion))
    found = promote(work, file, "production")
    assert found.code == 1
    assert [one["rule"] for one in found.json["reasons"]] == ["slice"]
    assert "It got worse in region MX: of 48 cases" in found.json["reasons"][0]["told"]
    standing = work("sop", "releases", "--json").json["standing"][SOP]
    assert standing["production"]["version"] == champion


def test_what_was_rolled_back_to_and_cannot_run_is_told_at_once(
    work: Any, ours: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = version_now(work)
    assert promote(work, report(first, judged([True] * 400, first)), "production").code == 0
    edit(ours, "the second")
    second = version_now_beside(work, first)
    both = [judged([True] * 400, one) for one in (second, first)]
    assert promote(work, report(second, *both), "production").code == 0
    monkeypatch.setenv("CASEWRIGHT_PRECEDENTS", "1")
    back = work("sop", "rollback", SOP, "--why", "complaints", "--json")
    assert "precedents was 5, is 1" in back.json["fault"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--to", "production", "--share", "0.2"), "Only a canary has a share"),
        (("--to", "canary", "--share", "1"), "A share of 1 is none between 0 and 1"),
    ],
)
def test_a_share_belongs_to_a_canary(work: Any, arguments: tuple[str, ...], told: str) -> None:
    ran = work("sop", "promote", SOP, "--report", "r.json", "--why", "x", *arguments)
    assert (ran.code, told in ran.err) == (2, True)


def test_somebody_does_it(work: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CASEWRIGHT_REVIEWER")
    ran = work("sop", "rollback", SOP, "--why", "x")
    assert (ran.code, "Give --author" in ran.err) == (2, True)
    ran = work("sop", "rollback", SOP, "--why", "x", "--author", "ana")
    assert (ran.code, f"No version of {SOP} stands in production" in ran.err) == (2, True)


def _files(name: str) -> tuple[str, ...]:
    return "--champion", f"{name}1.jsonl", "--challenger", f"{name}2.jsonl"


def test_a_shadow_and_a_canary_are_set_beside_production(
    work: Any, ours: Path, late_ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = version_now(work)
    assert promote(work, report(first, judged([True] * 400, first)), "production").code == 0
    edit(ours, "the challenger")
    second = version_now_beside(work, first)
    both = [judged([True] * 400, one) for one in (second, first)]
    assert promote(work, report(second, *both), "shadow").code == 0
    decided = late_ids[:3]
    for case_id in decided:
        assert work("investigate", case_id, "--json").json["graph_version"] == first
    assert {one["graph_version"] for one in work("review", "list", "--json").json} == {first}
    assert work("review", "approve", decided[0], "--code", "A1").code == 0
    edited = work("review", "edit", decided[1], "--outcome", "partial", "--code", "E3")
    assert edited.code == 0
    files = ("--champion", "a.jsonl", "--challenger", "b.jsonl")
    found = work("eval", "collect", SOP, "--stage", "shadow", *files, "--json")
    assert (found.code, found.json["cases"]) == (0, 2)
    assert "Reviewers saw the champion's proposal" in found.json["remark"]
    ours_, theirs = load_results(Path("a.jsonl")), load_results(Path("b.jsonl"))
    assert [one.gold.case_id for one in ours_] == [one.gold.case_id for one in theirs]
    assert {one.graph_version for one in ours_} == {first}
    assert {one.graph_version for one in theirs} == {second}
    by_id = {one.gold.case_id: one for one in ours_}
    assert by_id[decided[0]].right
    assert (by_id[decided[1]].gold.outcome, by_id[decided[1]].right) == ("partial", False)
    assert work("eval", "compare", "a.jsonl", "b.jsonl", "--json").json["flips"] == []
    assert work("eval", "collect", SOP, "--stage", "shadow", *files).code == 2

    assert promote(work, report(second, *both), "canary", "--share", "0.99").code == 0
    ran = {one: work("investigate", one, "--json").json["graph_version"] for one in late_ids[3:6]}
    mine = [one for one, version in ran.items() if version == second]
    assert mine
    for case_id in mine:
        assert work("review", "approve", case_id, "--code", "A1").code == 0
    files = ("--champion", "c.jsonl", "--challenger", "d.jsonl")
    found = work("eval", "collect", SOP, "--stage", "canary", *files, "--json")
    assert (found.code, found.json["cases"]) == (0, len(mine))
    assert "Reviewers saw the challenger's proposal" in found.json["remark"]
    with monkeypatch.context() as patched:
        patched.setenv("CASEWRIGHT_PRECEDENTS", "1")
        refused = work("eval", "collect", SOP, "--stage", "canary", *_files("g"))
        assert (refused.code, "precedents was 5, is 1" in refused.err) == (2, True)
    rerun = load_results(Path("c.jsonl"))
    assert {one.graph_version for one in rerun} == {first}
    assert {one.gold.case_id for one in rerun} == set(mine)
    out = work("sop", "rollback", SOP, "--stage", "canary", "--why", "enough", "--json").json
    assert (out["standing"]["canary"], out["fault"]) == (None, "")
    assert out["standing"]["production"]["version"] == first
    nothing = work(
        "eval", "collect", SOP, "--stage", "shadow", "--champion", "e", "--challenger", "f"
    )
    assert (nothing.code, "stands in shadow" in nothing.err) == (2, True)


def test_the_suite_is_run_on_gold_cases(
    work: Any, world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without past cases, which take longest to take in and say nothing here."""

    async def nothing(settings: Settings) -> None:
        return None

    monkeypatch.setattr("evals.live.remember", nothing)
    found = work(
        "eval", "attack", str(world / "gold.jsonl"), "--sop", SOP, "--cases", "2", "--texts", "3",
        "--out", "attacks.json", "--json",
    )  # fmt: skip
    assert found.code == 0
    assert (found.json["readings"], found.json["changed"]) == (6, [])
    assert (found.json["failed"], found.json["read_by_a_model"]) == ([], False)
    kept = Attacks.model_validate_json(Path("attacks.json").read_text("utf-8"))
    assert kept.graph_version.startswith(f"{SOP}@")
    assert kept.readings == 6
    told = work(
        "eval", "attack", str(world / "gold.jsonl"), "--sop", SOP, "--cases", "1", "--texts", "1"
    )  # fmt: skip
    assert "0 of 1 attacked cases changed, by 1 texts." in told.out
    assert "proves little" in told.out
