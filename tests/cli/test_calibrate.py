"""``eval calibrate`` and ``eval promise`` as a user meets them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from syrupy.assertion import SnapshotAssertion

from casewright.models import GoldCase, GoldTruth
from casewright.profile import Profile
from evals.scored import Scored, Traits

Shell = Any  # the class in conftest.py, which importlib mode keeps out of reach

VERSION = "late_shipment_appeal@1+0123456789ab"


def scored(number: int, said: str, right: bool, truth: GoldTruth, version: str) -> Scored:
    other = "uphold" if said == "overturn" else "overturn"
    gold = GoldCase(
        case_id=f"case_{number}",
        case_type="appeal.late_dispatch",
        outcome=said if right else other,
        as_of=datetime(2026, 6, 1, tzinfo=UTC),
        seller_id=f"sel_{number}",
        region="US",
        channel="batch",
        truth=truth,
    )
    profile = Profile(outcome=said, row=2 if said == "overturn" else 8, stability=2, region="US")
    return Scored(gold=gold, outcome=said, graph_version=version, traits=Traits(profile=profile))


def write(
    path: Path, count: int, truth: GoldTruth = "review", version: str = VERSION, start: int = 0
) -> None:
    """Cases of which the overturned are wrong once in 500, the upheld once in seven."""
    rng = np.random.default_rng(4)
    lines = []
    for number in range(start, start + count):
        said = "overturn" if rng.random() < 0.6 else "uphold"
        right = rng.random() > (0.002 if said == "overturn" else 0.15)
        lines.append(scored(number, said, bool(right), truth, version).model_dump_json())
    path.write_text("\n".join(lines) + "\n", "utf-8")


def test_thresholds_are_printed_kept_and_told(
    shell: Shell, tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    write(tmp_path / "past.jsonl", 1200)
    dry = shell("eval", "calibrate", "past.jsonl", "--dry-run", "--days", "9")
    assert dry.code == 0
    assert dry.out == snapshot
    assert "Nothing was promised" in shell("eval", "promise").out
    kept = shell("eval", "calibrate", "past.jsonl", "--json")
    found = {one["outcome"]: one for one in kept.json["slices"]}
    assert found["overturn"]["threshold"] is not None
    assert found["uphold"]["threshold"] is None
    assert (kept.json["version"], kept.json["truths"]) == (VERSION, {"review": 1200})
    promised = shell("eval", "promise")
    assert VERSION in promised.out
    assert "0 of its newest 0 cases passed" in promised.out
    (one,) = shell("eval", "promise", "--sop", "late_shipment_appeal", "--json").json
    assert one["standing"]["calibration"]["intercept"] == kept.json["intercept"]
    assert shell("eval", "promise", "--sop", "other", "--json").json == []


def test_too_few_reviews_say_how_many_are_needed(shell: Shell, tmp_path: Path) -> None:
    write(tmp_path / "past.jsonl", 90, truth="simulation")
    ran = shell("eval", "calibrate", "past.jsonl", "--dry-run")
    assert ran.code == 0
    assert "No threshold holds" in ran.out
    assert "more" in ran.out
    assert "SIMULATED" in ran.out


def test_two_versions_are_not_mixed(shell: Shell, tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", 20)
    write(tmp_path / "b.jsonl", 20, version=VERSION[:-1] + "c", start=20)
    write(tmp_path / "c.jsonl", 20, version="fake_orders@1+0", start=40)
    ran = shell("eval", "calibrate", "a.jsonl", "b.jsonl")
    assert ran.code == 2
    assert "2 graph versions" in ran.err
    assert "--sop" in shell("eval", "calibrate", "a.jsonl", "c.jsonl").err
    chosen = ("--sop", "fake_orders", "--dry-run", "--json")
    assert shell("eval", "calibrate", "a.jsonl", "c.jsonl", *chosen).json["version"] == (
        "fake_orders@1+0"
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "nothing to learn from"),
        (("a.jsonl", "--target", "1"), "--target lies between"),
        (("a.jsonl", "--confidence", "0"), "--confidence lies between"),
        (("a.jsonl", "--sop", "fake_orders"), "No graph version of fake_orders"),
    ],
)
def test_mistakes_are_told(
    shell: Shell, tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    write(tmp_path / "a.jsonl", 20)
    ran = shell("eval", "calibrate", *arguments)
    assert ran.code == 2
    assert told in ran.err


def test_closed_reviews_of_the_home_folder_teach_too(shell: Shell) -> None:
    assert shell("investigate", "case_000233").code == 3
    proposed = shell("review", "show", "case_000233", "--json").json["decision"]["outcome"]
    other = "partial" if proposed != "partial" else "uphold"
    change = ("--outcome", other, "--code", "E1", "--note", "so")
    run = shell("review", "edit", "case_000233", *change, "--json").json
    assert run["proposed"]["outcome"] == proposed
    ran = shell("eval", "calibrate", "--reviews", "--sop", "late_shipment_appeal", "--json")
    assert ran.json["truths"] == {"review": 1}
    assert ran.json["version"] == run["graph_version"]
