"""Gold cases on frozen evidence: the same decisions as live, without a source."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from casewright.errors import (
    CasewrightError,
    EnvironmentFault,
    StoreCorrupt,
    UnknownCase,
    UsageError,
    VerificationError,
)
from casewright.models import Decision, GoldCase, Run
from casewright.settings import Settings
from evals.frozen import FILE, FrozenFolder, open_frozen
from evals.frozen_bench import frozen_bench
from evals.gold import load_gold
from evals.live import live_bench
from evals.scored import Scored
from evals.suite import Look, judge_all
from graphs.catalog import BUILT_IN
from graphs.frozen import FrozenCase

SEED = 7
SOP = "late_shipment_appeal"
MINE = "appeal.late_dispatch"
RunsOf = Callable[..., dict[str, Run]]


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings that name no source: whoever asked one would fail."""
    return Settings(home=tmp_path_factory.mktemp("offline"))


@pytest.fixture(scope="module")
def gold(worlds: Callable[[int], Settings]) -> tuple[GoldCase, ...]:
    every = load_gold(worlds(SEED).home / "sandbox" / "gold.jsonl")
    return tuple(one.model_copy(update={"seed": SEED}) for one in every)


@pytest.fixture(scope="module")
def judged_live(
    worlds: Callable[[int], Settings],
    gold: tuple[GoldCase, ...],
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, dict[str, Scored]]:
    """All gold cases of the small world, judged live and frozen."""
    path = tmp_path_factory.mktemp("live") / "frozen"

    async def freeze() -> tuple[Scored, ...]:
        with open_frozen(path, create=True) as folder:
            async with live_bench(worlds(SEED)) as bench:

                def keep(one: Scored) -> None:
                    frozen = bench.frozen(one.gold.case_id)
                    assert frozen is not None
                    folder.add(one.gold, frozen)

                return await judge_all(
                    gold, bench.judge, concurrency=8, keep=keep, inspect=bench.traits
                )

    scored = asyncio.run(freeze())
    return path, {one.gold.case_id: one for one in scored}


@pytest.fixture
def folder(judged_live: tuple[Path, dict[str, Scored]], tmp_path: Path) -> Iterator[FrozenFolder]:
    """A copy of what was frozen, to be changed."""
    shutil.copytree(judged_live[0], tmp_path / "frozen")
    with open_frozen(tmp_path / "frozen") as opened:
        yield opened


def told(decision: Decision | None) -> dict[str, Any]:
    """A decision without what is new in every run: the keys that writes are told apart by."""
    assert decision is not None
    said = decision.model_dump(mode="json")
    for write in said["enforcement"]:
        write.pop("key")
    return said


def look(one: GoldCase) -> Look:
    return Look(case_id=one.case_id, as_of=one.as_of)


def changed(workspace: Path, old: str, new: str) -> Path:
    """A workspace with the SOP of its own, in which one thing is otherwise."""
    file = workspace / "sops" / SOP / "sop.yaml"
    shutil.copytree(BUILT_IN / SOP, file.parent)
    text = file.read_text("utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), "utf-8")
    return workspace


async def test_all_cases_are_decided_as_they_were_live(
    judged_live: tuple[Path, dict[str, Scored]], gold: tuple[GoldCase, ...], offline: Settings
) -> None:
    """Outcome, factors, row, route, parameters, claims, citations, precedents: all but times."""
    path, live = judged_live
    runs: dict[str, Run] = {}
    with open_frozen(path) as folder:
        async with frozen_bench(offline, folder, world=SEED) as bench:

            async def watched(look: Look) -> Run:
                runs[look.case_id] = await bench.judge(look)
                return runs[look.case_id]

            scored = await judge_all(gold, watched, concurrency=4, inspect=bench.traits)
        for one in scored:
            then = folder.case(SEED, one.gold.case_id, one.gold.as_of)
            assert then is not None
            run = runs[one.gold.case_id]
            assert told(run.decision) == told(then.run.decision), one.gold.case_id
            assert (run.graph_version, run.due_at) == (then.run.graph_version, then.run.due_at)
    for one in scored:
        before = live[one.gold.case_id]
        assert one.traits is not None
        assert before.traits is not None
        same = before.traits.model_copy(update={"seconds": one.traits.seconds})
        assert one.traits == same, one.gold.case_id
        assert one == before.model_copy(update={"traits": same})


async def test_a_changed_table_decides_the_frozen_case_anew(
    folder: FrozenFolder, gold: tuple[GoldCase, ...], offline: Settings, tmp_path: Path
) -> None:
    late = [one for one in gold if one.case_type == MINE][:12]
    then = {one.case_id: folder.case(SEED, one.case_id, one.as_of) for one in late}
    workspace = changed(tmp_path, "  hit_policy: first\n  table:\n", EVERYTHING_UPHELD)
    async with frozen_bench(offline, folder, world=SEED, workspace=workspace) as bench:
        runs = [await bench.judge(look(one)) for one in late]
    outcomes = {run.decision.outcome for run in runs if run.decision and run.decision.row == 1}
    assert outcomes == {"uphold"}
    before = {one.run.decision.outcome for one in then.values() if one and one.run.decision}
    assert "overturn" in before


EVERYTHING_UPHELD = """\
  hit_policy: first
  table:
    - {if: "dispatched_in_time || !dispatched_in_time", then: uphold, policy: [SHIP-4.1]}
"""


async def test_what_was_never_asked_is_not_run_and_says_what_to_do(
    folder: FrozenFolder, gold: tuple[GoldCase, ...], offline: Settings, tmp_path: Path
) -> None:
    one = next(one for one in gold if one.case_type == MINE)
    workspace = changed(tmp_path, "\nactions:\n", MORE_ASKED)
    async with frozen_bench(offline, folder, world=SEED, workspace=workspace) as bench:
        run = await bench.judge(look(one))
        traits = await bench.traits(run, 0.0)
    assert traits is not None
    assert traits.actions["more"] == "not_run"
    assert run.decision is not None
    (missing,) = run.decision.missing
    assert missing.actions == ("more",)
    assert "--freeze" in missing.question


MORE_ASKED = """
actions:
  more: {tool: get_seller, with: {seller_id: "'sel_99999'"}, required: true}
"""


async def test_a_case_that_is_not_there_scores_as_an_error_with_the_remedy(
    folder: FrozenFolder, gold: tuple[GoldCase, ...], offline: Settings
) -> None:
    other = gold[0].model_copy(update={"case_id": "case_999999"})
    async with frozen_bench(offline, folder, world=SEED) as bench:
        scored = await judge_all([other], bench.judge, concurrency=1)
    assert scored[0].predicted == "error"
    assert "no frozen evidence of 'case_999999'" in scored[0].reason
    assert "--freeze" in scored[0].reason
    async with frozen_bench(offline, folder, world=8) as bench:
        with pytest.raises(UnknownCase, match="of seed 8"):
            await bench.judge(look(gold[0]))


async def test_evidence_that_was_changed_decides_nothing(
    folder: FrozenFolder, gold: tuple[GoldCase, ...], offline: Settings
) -> None:
    frozen = folder.case(SEED, gold[0].case_id, gold[0].as_of)
    assert frozen is not None
    sql(
        folder,
        "UPDATE evidence SET body = replace(body, '\"complete\":true', '\"complete\":false')",
    )
    async with frozen_bench(offline, folder, world=SEED) as bench:
        with pytest.raises(VerificationError, match="not as it was frozen"):
            await bench.judge(look(gold[0]))
        folder.add(gold[0], frozen)  # freezing it again mends it
        assert (await bench.judge(look(gold[0]))).decision is not None


def test_worlds_that_number_their_cases_alike_stay_apart(
    folder: FrozenFolder, gold: tuple[GoldCase, ...]
) -> None:
    here, there = gold[0], gold[0].model_copy(update={"seed": 8})
    frozen = held(folder, here)
    case = frozen.case.model_copy(update={"text": "another world's"})
    folder.add(there, frozen.model_copy(update={"case": case}))
    assert held(folder, here) == frozen
    assert held(folder, there).case.text == "another world's"
    assert {one.seed for one in folder.gold()} == {7, 8}


def test_freezing_again_replaces_and_keeps_the_rest(
    folder: FrozenFolder, gold: tuple[GoldCase, ...]
) -> None:
    before = len(folder.gold())
    frozen = held(folder, gold[0])
    fewer = frozen.model_copy(update={"evidence": frozen.evidence[:1], "recalled": None})
    folder.add(gold[0], fewer)
    assert held(folder, gold[0]) == fewer
    assert len(folder.gold()) == before
    assert held(folder, gold[1]).evidence


def held(folder: FrozenFolder, one: GoldCase) -> FrozenCase:
    found = folder.case(one.seed, one.case_id, one.as_of)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda file: file.write_bytes(b"no database" * 200), StoreCorrupt),
        (lambda file: file.unlink(), UsageError),
        (lambda file: versioned(file, 99), UsageError),
    ],
)
def test_a_folder_that_cannot_be_read_is_told(
    folder: FrozenFolder, spoil: Callable[[Path], None], error: type[CasewrightError]
) -> None:
    spoil(folder.path / FILE)
    with pytest.raises(error, match=r"frozen"), open_frozen(folder.path):
        pass


def test_a_row_that_is_no_case_is_told(folder: FrozenFolder, gold: tuple[GoldCase, ...]) -> None:
    sql(folder, "UPDATE cases SET entered = '{}'")
    with pytest.raises(StoreCorrupt):
        folder.case(SEED, gold[0].case_id, gold[0].as_of)


def test_a_locked_folder_is_told(folder: FrozenFolder, gold: tuple[GoldCase, ...]) -> None:
    frozen = held(folder, gold[0])
    folder._connection.execute("PRAGMA busy_timeout = 0")
    with sqlite3.connect(folder.path / FILE, isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(EnvironmentFault, match="locked"):
            folder.add(gold[0], frozen)


def sql(folder: FrozenFolder, statement: str) -> None:
    with sqlite3.connect(folder.path / FILE) as connection:
        connection.execute(statement)


def versioned(file: Path, number: int) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute(f"PRAGMA user_version = {number}")
