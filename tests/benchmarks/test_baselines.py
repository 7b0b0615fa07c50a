"""The benchmark over unseen worlds: what it judges, what its rivals see, what it prints."""

from __future__ import annotations

import json
import math
import statistics
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casewright.intervals import wilson
from casewright.models import GoldCase
from casewright.settings import Settings
from evals.results import load_results
from evals.scored import Scored

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

import baselines
import beside
import rivals
from fields import Columns
from judged import PARTS, SETTLED, Job, Judged, judged_cases
from unseen import first_look, judge_world

SEED, FEW = 7, 10
OPENED = datetime(2025, 5, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def job(worlds: Callable[[int], Settings], tmp_path_factory: pytest.TempPathFactory) -> Job:
    """A few cases of the small world, judged; its home is the one that other tests have filled."""
    folder = tmp_path_factory.mktemp("unseen")
    (folder / "worlds").mkdir()
    (folder / "worlds" / f"seed-{SEED}").symlink_to(worlds(SEED).home)
    made = Job(SEED, folder, limit=FEW)
    assert f"{2 * FEW} cases" in judge_world(made)
    return made


def test_past_cases_are_judged_before_they_close_by_the_simulations_truth(
    job: Job, world: Path
) -> None:
    causes = [json.loads(line) for line in (world / "causes.jsonl").read_text("utf-8").splitlines()]
    right = {row["case_id"]: row["right"] for row in causes}
    past = [one for one in judged_cases(job) if one.part == "past"]
    assert len(past) == FEW
    for one in past:
        gold = one.scored.gold
        assert gold.outcome == right[gold.case_id]
        assert gold.truth == "simulation"
        assert one.settled
        assert f"{SETTLED}{one.settled}" in gold.tags
        assert one.closed_at is not None
        assert one.opened_at < gold.as_of < one.closed_at
        assert one.scored.traits is not None
        assert one.fields


def test_judging_goes_on_where_it_stopped(job: Job) -> None:
    held = job.path("past").read_bytes()
    lines = held.split(b"\n")
    job.path("past").write_bytes(b"\n".join(lines[:-2]) + b"\n")
    with job.path("raw").open("ab") as file:
        file.write(b'{"case_id": "cut o')
    assert "1 cases" in judge_world(job)
    assert {one.gold.case_id for one in load_results(job.path("past"))} == {
        json.loads(line)["gold"]["case_id"] for line in lines[:-1]
    }
    assert all(one.raw for one in judged_cases(job))


def test_every_sop_keeps_one_version_whatever_the_models_port(job: Job) -> None:
    """The first test's judging and the one that went on were served at different ports."""
    versions = {one.scored.graph_version for one in judged_cases(job)}
    assert len(versions) == len({version.partition("@")[0] for version in versions})


def test_fields_hold_no_ids_and_no_texts(job: Job) -> None:
    for one in judged_cases(job):
        gold, words = one.scored.gold, {v for v in one.fields.values() if isinstance(v, str)}
        assert not words & {gold.case_id, gold.seller_id}
        assert not [word for word in words if word[-6:].isdigit() or len(word) > 40]
        assert one.fields["case.region"] == gold.region
        assert any(isinstance(value, float) for value in one.fields.values())


def test_the_report_has_a_line_for_every_sop_that_was_judged(
    job: Job, capsys: pytest.CaptureFixture[str]
) -> None:
    baselines.compare([job, Job(8, job.folder)], folds=2)
    told = capsys.readouterr().out
    judged = {one.case_type for one in judged_cases(job) if one.part == "gold"}
    for case_type in judged:
        assert f"| {beside.HANDBOOK[case_type].sop} |" in told
    assert "majority | boosted | pooled | pooled, read | vote" in told
    assert told.startswith(f"worlds {SEED}: {FEW} gold cases, {FEW} past ones")


@given(st.timedeltas(timedelta(hours=4), timedelta(hours=200)))
def test_the_first_look_never_comes_after_closing(open_for: timedelta) -> None:
    at = first_look(OPENED, OPENED + open_for)
    assert OPENED < at < OPENED + open_for
    assert at <= OPENED + timedelta(hours=48)


def test_a_word_hardly_ever_seen_is_not_told_apart() -> None:
    rows = [{"kind": "a", "n": float(n)} for n in range(4)] + [{"kind": "b"}]
    columns = Columns.of(rows)
    (known, first), (_, second) = columns.matrix([{"kind": "a", "n": 1.0}, {"kind": "b"}]).tolist()
    assert (known, first) == (1.0, 0.0)
    assert math.isnan(second)
    assert columns.worded == [False, True]


Write = Callable[..., GoldCase]


def judged(
    write: Write, world: int, case: int, *, part: str = "past", settled: str = "overturn"
) -> Judged:
    gold = write(f"c{case}", "overturn", seed=world, tags=(f"{SETTLED}{settled}",))
    return Judged(part, Scored(gold=gold, outcome="overturn"), {"fields": {"n": float(case)}})


@pytest.fixture
def write() -> Write:
    def made(case_id: str, outcome: str, **other: object) -> GoldCase:
        held = {
            "case_id": case_id,
            "case_type": "appeal.late_dispatch",
            "outcome": outcome,
            "as_of": OPENED,
            "seller_id": "S-1",
            "region": "US",
            "channel": "appeal",
        }
        return GoldCase.model_validate(held | other)

    return made


def test_pooled_learners_never_see_the_world_they_are_asked_about(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[set[int], set[int]]] = []

    def learn(learned: Sequence[Judged], asked: Sequence[Judged]) -> rivals.Predicted:
        seen.append(({one.world for one in learned}, {one.world for one in asked}))
        return rivals.majority(learned, asked)

    for name in ("boosted", "boosted_with_readings"):
        monkeypatch.setattr(rivals, name, learn)
    cases = [judged(write, w, n, part=p) for w in range(5) for n in range(2) for p in PARTS]
    said = rivals.predictions(cases, rivals.SPLITS[0], folds=3)
    pooled = [pair for pair in seen if pair[0] != pair[1]]
    assert pooled
    assert not [pair for pair in pooled if pair[0] & pair[1]]
    assert set(said["pooled"]) == {one.key for one in cases}


def test_rivals_learn_what_was_settled_and_are_judged_by_the_truth(write: Write) -> None:
    past = [judged(write, 1, n, settled="uphold") for n in range(3)]
    asked = [judged(write, 1, 9, part="gold")]
    said = rivals.majority(past, asked)
    assert said == {asked[0].key: "uphold"}
    assert not rivals.hits(asked[0], said)


def test_the_spread_of_worlds_is_that_of_their_means_where_they_are_of_one_size() -> None:
    found = beside.Counts(np.array([3.0, 5.0, 8.0, 6.0]), np.full(4, 10.0))
    assert found.error == pytest.approx(statistics.stdev([0.3, 0.5, 0.8, 0.6]) / 2)
    low, high = beside.rate_interval(found)
    plain = wilson(22, 40)
    assert low < plain.low < found.value < plain.high < high


def test_worlds_that_agree_give_wilsons_interval_at_students_quantile() -> None:
    found = beside.Counts(np.full(5, 7.0), np.full(5, 10.0))
    assert beside.rate_interval(found) == pytest.approx(wilson(35, 50, z=found.quantile))
    assert found.quantile == pytest.approx(2.776, abs=1e-3)  # t with 4 degrees of freedom


def test_one_world_tells_nothing_of_a_difference() -> None:
    assert beside.difference_interval(beside.Counts(np.array([2.0]), np.array([9.0]))) == (-1, 1)
