from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path

import pytest

from casewright.errors import UsageError
from sandbox.build import build_world
from sandbox.casetypes import CASE_TYPES
from sandbox.sizes import SCALES
from sandbox.timeline import CLOCK_START, DAY, instant


def digests(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
    }


def test_the_same_seed_gives_the_same_bytes(world, tmp_path):
    build_world(tmp_path / "again", seed=world.summary.seed, size="small")
    assert digests(tmp_path / "again") == digests(world.folder)
    assert set(digests(world.folder)) == {
        "world.sqlite", "gold.jsonl", "causes.jsonl", "world.json",
    }  # fmt: skip


def test_sizes_follow_the_handbook(world):
    counts = world.summary.counts
    # Cases may bring sellers and buyers of their own.
    assert 120 <= counts["sellers"] < 340
    assert 4_000 <= counts["buyers"] < 5_600
    small = SCALES["small"]
    for state, count in (("past", small.past), ("open", small.open), ("gold", small.gold)):
        assert counts[f"{state}_cases"] == sum(count(each.share) for each in CASE_TYPES)
    ((placed,),) = world.rows("SELECT COUNT(*) FROM orders WHERE placed_at < ?", CLOCK_START)
    assert placed == pytest.approx(25_000, rel=0.03)
    default = SCALES["default"]
    assert (default.past(0.26), default.open(0.26), default.gold(0.26)) == (1560, 156, 624)


def test_counts_are_the_rows(world):
    for table, name in (("orders", "orders"), ("alerts", "alerts"), ("documents", "documents")):
        ((rows,),) = world.rows(f"SELECT COUNT(*) FROM {table}")
        assert rows == world.summary.counts[name]


def test_past_cases_close_before_the_clock_starts_and_others_open_after(world):
    for opened, closed, status in world.rows("SELECT opened_at, closed_at, status FROM cases"):
        if status == "closed":
            assert opened < closed < CLOCK_START
        else:
            assert closed is None
            assert CLOCK_START <= opened < CLOCK_START + 28 * DAY


def test_past_cases_are_even_over_time(world):
    opened = [row[0] for row in world.rows("SELECT opened_at FROM cases WHERE status = 'closed'")]
    before = sum(second < instant("2026-02-02T00:00:00Z") for second in opened) / len(opened)
    assert before == pytest.approx(0.76, abs=0.12)


def test_settled_outcomes_are_mostly_but_not_always_right(world):
    right = {line["case_id"]: line["right"] for line in world.causes}
    settled = world.rows("SELECT case_no, outcome FROM cases WHERE status = 'closed'")
    wrong = sum(right[f"case_{no:06d}"] != outcome for no, outcome in settled)
    assert 0 < wrong <= 0.1 * len(settled)


def test_gold_is_the_right_outcome_of_cases_the_inbox_hides(world):
    causes = {line["case_id"]: line for line in world.causes}
    assert len(world.gold) == world.summary.counts["gold_cases"]
    for line in world.gold:
        hidden = causes[line["case_id"]]
        assert hidden["state"] == "gold"
        assert line["outcome"] == hidden["right"]
        assert set(line["ask"]) == set(hidden["withheld"])
        assert set(line) == {
            "case_id", "case_type", "outcome", "ask", "as_of", "seller_id", "region", "channel",
            "language", "facts", "tags", "truth", "tier",
        }  # fmt: skip
        named = [tag.partition("=")[0] for tag in line["tags"] if "=" in tag]
        assert named == ["entity_type", "seller_age"]


def test_a_standing_world_is_kept_and_another_refused(world, tmp_path):
    before = digests(world.folder)
    assert build_world(world.folder, seed=world.summary.seed, size="small") == world.summary
    with pytest.raises(UsageError, match="seed 7"):
        build_world(world.folder, seed=8, size="small")
    assert digests(world.folder) == before


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "precious.txt").write_text("mine")
    with pytest.raises(UsageError, match="not a world folder"):
        build_world(tmp_path, seed=1, size="small", force=True)
    assert (tmp_path / "precious.txt").read_text() == "mine"


def test_an_interrupted_build_leaves_nothing(tmp_path):
    def interrupt(stage: str, share: float) -> None:
        if stage == "orders":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_world(tmp_path / "world", seed=1, size="small", progress=interrupt)
    assert list(tmp_path.iterdir()) == []


def test_force_replaces_a_world_and_progress_is_told(tmp_path):
    folder = tmp_path / "world"
    folder.mkdir()
    description = {"format": 1, "seed": 1, "size": "large", "clock": "", "counts": {}, "tokens": {}}
    (folder / "world.json").write_text(json.dumps(description))
    told: list[tuple[str, float]] = []
    made = build_world(
        folder,
        seed=3,
        size="small",
        force=True,
        progress=lambda name, done: told.append((name, done)),
    )
    assert (made.seed, made.size) == (3, "small")
    shares = [done for _, done in told]
    assert shares == sorted(shares)
    assert told[-1] == ("done", 1.0)
    assert [path.name for path in tmp_path.iterdir()] == ["world"]


@pytest.mark.parametrize(("seed", "size"), [(-1, "small"), (1, "huge")])
def test_a_world_that_cannot_be_is_refused(tmp_path, seed, size):
    with pytest.raises(UsageError):
        build_world(tmp_path / "world", seed=seed, size=size)


def test_regions_follow_their_shares(world):
    rows = world.rows("SELECT region FROM sellers WHERE seller_no <= 120")
    regions = Counter(region for (region,) in rows)
    assert regions["US"] == pytest.approx(0.62 * 120, abs=1)
    assert set(regions) == {"US", "UK", "EU", "MX", "SEA"}
