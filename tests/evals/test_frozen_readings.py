"""What a model read is kept by content: only what a change touches is read again."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from agents.remembered import Tally
from casewright.models import GoldCase
from casewright.settings import Settings
from evals.frozen import FrozenFolder, WriteOnly, open_frozen
from evals.frozen_bench import frozen_bench
from evals.gold import load_gold
from evals.live import live_bench
from evals.scored import Scored
from evals.suite import judge_all
from graphs.catalog import BUILT_IN
from sandbox.model.app import Manner
from sandbox.model.server import simulating

SEED = 7
LATE, COPIES = "appeal.late_dispatch", "appeal.ip_complaint"
EACH = 5


@pytest.fixture(scope="module")
def gold(worlds: Callable[[int], Settings]) -> tuple[GoldCase, ...]:
    """A few cases of two procedures that have questions."""
    every = load_gold(worlds(SEED).home / "sandbox" / "gold.jsonl")
    return tuple(
        one.model_copy(update={"seed": SEED})
        for case_type in (LATE, COPIES)
        for one in [one for one in every if one.case_type == case_type][:EACH]
    )


@pytest.fixture(scope="module")
def live(
    worlds: Callable[[int], Settings],
    gold: tuple[GoldCase, ...],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Path, Settings, tuple[Scored, ...]]]:
    """The cases frozen live, read by a simulated model that answers as long as the tests run."""
    path = tmp_path_factory.mktemp("read") / "frozen"
    with simulating(worlds(SEED).home / "sandbox", Manner()) as url:
        model = {"model": "simulated-expert", "model_base_url": url, "model_privacy": "off"}
        settings = worlds(SEED).model_copy(update={**model, "model_timeout_s": 60.0})

        async def freeze() -> tuple[Scored, ...]:
            with open_frozen(path, create=True) as folder:
                async with live_bench(settings, memory=WriteOnly(folder)) as bench:

                    def keep(one: Scored) -> None:
                        if found := bench.frozen(one.gold.case_id):
                            folder.add(one.gold, found)

                    return await judge_all(
                        gold, bench.judge, concurrency=4, keep=keep, inspect=bench.traits
                    )

        yield path, settings, asyncio.run(freeze())


@pytest.fixture
def folder(live: tuple[Path, Settings, tuple[Scored, ...]], tmp_path: Path) -> Path:
    """A copy of what was frozen."""
    shutil.copytree(live[0], tmp_path / "frozen")
    return tmp_path / "frozen"


@pytest.fixture
def offline(live: tuple[Path, Settings, tuple[Scored, ...]]) -> Settings:
    """The settings without a source: the model is all that can be asked."""
    return live[1].model_copy(update={"source_url": "", "cases": None})


async def judged(
    folder: Path,
    settings: Settings,
    gold: Sequence[GoldCase],
    *,
    workspace: Path | None = None,
    repeats: int = 1,
) -> tuple[tuple[Scored, ...], Tally]:
    with open_frozen(folder) as opened:
        async with frozen_bench(settings, opened, world=SEED, workspace=workspace) as bench:
            scored = await judge_all(
                gold,
                bench.judge,
                concurrency=4,
                inspect=bench.traits,
                again=bench.again,
                repeats=repeats,
            )
        return scored, bench.tally


def copied(workspace: Path, name: str, old: str, new: str) -> Path:
    file = workspace / "sops" / name / "sop.yaml"
    if not file.parent.is_dir():
        shutil.copytree(BUILT_IN / name, file.parent)
    text = file.read_text("utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), "utf-8")
    return workspace


def read(scored: Sequence[Scored], case_type: str) -> int:
    """How many cases of a type a model was asked for."""
    return sum(1 for one in scored if one.gold.case_type == case_type and one.cost.model_calls)


QUESTION = "Does the statement give a hand-over date or fact that the carrier's scans contradict?"
OTHER = "Does the statement name a hand-over day that the scans of the carrier contradict?"


async def test_what_was_read_live_is_not_read_again_and_costs_the_same(
    live: tuple[Path, Settings, tuple[Scored, ...]],
    folder: Path,
    offline: Settings,
    gold: tuple[GoldCase, ...],
) -> None:
    then = live[2]
    assert read(then, LATE)
    assert read(then, COPIES)
    scored, tally = await judged(folder, offline, gold)
    assert (tally.kept, tally.made) == (read(then, LATE) + read(then, COPIES), 0)
    for one, before in zip(scored, then, strict=True):
        assert (one.outcome, one.cost, one.graph_version) == (
            before.outcome,
            before.cost,
            before.graph_version,
        )
        assert one.traits is not None
        assert before.traits is not None
        assert one.traits.profile == before.traits.profile


async def test_a_changed_question_is_asked_again_where_it_is_asked_and_nowhere_else(
    live: tuple[Path, Settings, tuple[Scored, ...]],
    folder: Path,
    offline: Settings,
    gold: tuple[GoldCase, ...],
    tmp_path: Path,
) -> None:
    workspace = copied(tmp_path / "mine", "late_shipment_appeal", QUESTION, OTHER)
    scored, tally = await judged(folder, offline, gold, workspace=workspace)
    assert tally.made == read(scored, LATE) == read(live[2], LATE)
    assert tally.kept == read(live[2], COPIES)
    # The new question's readings are kept beside the old one's.
    _, second = await judged(folder, offline, gold, workspace=workspace)
    _, first = await judged(folder, offline, gold)
    assert (second.made, first.made) == (0, 0)


async def test_a_changed_rule_asks_no_model_at_all(
    folder: Path,
    offline: Settings,
    gold: tuple[GoldCase, ...],
    live: tuple[Path, Settings, tuple[Scored, ...]],
    tmp_path: Path,
) -> None:
    old, new = "history.false_appeals_365d >= 2", "history.false_appeals_365d >= 0"
    workspace = copied(tmp_path / "mine", "late_shipment_appeal", old, new)
    scored, tally = await judged(folder, offline, gold, workspace=workspace)
    assert tally.made == 0
    values = {
        one.traits.factors["prior_false_appeals"]
        for one in scored
        if one.traits is not None and one.gold.case_type == LATE
    }
    assert True in values
    late = [one.graph_version for one in live[2] if one.gold.case_type == LATE]
    assert scored[0].graph_version not in late


async def test_another_model_reads_for_itself(
    folder: Path, offline: Settings, gold: tuple[GoldCase, ...]
) -> None:
    other = offline.model_copy(update={"model": "simulated-noisy"})
    _, tally = await judged(folder, other, gold)
    assert tally.kept == 0
    assert tally.made > 0


async def test_a_failure_is_not_kept(
    live: tuple[Path, Settings, tuple[Scored, ...]], folder: Path, offline: Settings
) -> None:
    refused = offline.model_copy(update={"model": "simulated-faulty:no_access"})
    asked = [one.gold for one in live[2] if one.cost.model_calls][:1]
    for _ in range(2):
        _, tally = await judged(folder, refused, asked)
        assert (tally.kept, tally.made) == (0, 1)


async def test_repeats_are_read_anew_and_their_cost_adds_up(
    live: tuple[Path, Settings, tuple[Scored, ...]],
    folder: Path,
    offline: Settings,
) -> None:
    before = next(one for one in live[2] if one.cost.model_calls)
    (one,), tally = await judged(folder, offline, [before.gold], repeats=3)
    assert (tally.kept, tally.made) == (1, 2)
    assert one.traits is not None
    assert one.traits.repeats == (one.outcome, one.outcome)  # an expert does not vary
    # Live, whichever case comes first also pays for the probe of the endpoint.
    assert one.cost.model_calls >= before.cost.model_calls + 2
    assert one.cost.tokens_in > before.cost.tokens_in


def test_live_gives_no_reading_back(folder: Path) -> None:
    with open_frozen(folder) as opened:
        memory = WriteOnly(opened)
        key = keys(opened)[0]
        assert opened.get(key) is not None
        assert memory.get(key) is None


def keys(folder: FrozenFolder) -> list[str]:
    return [key for (key,) in folder._connection.execute("SELECT key FROM readings")]
