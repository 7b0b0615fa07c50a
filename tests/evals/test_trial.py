"""Every built-in SOP on its own gold cases; and what a trial must notice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from casewright.models import GoldCase
from casewright.registry import load_plugins
from casewright.settings import Settings
from evals.gold import load_gold
from evals.trial import Gathered, accepted, gather_all, try_examples, try_gold
from graphs.catalog import BUILT_IN, Catalog
from graphs.load import load_sop, read_files
from graphs.sop import Sop
from tools.base import Tool

NAMES = sorted(folder.name for folder in BUILT_IN.iterdir() if (folder / "gold.yaml").is_file())
SEEDS = 3
CASES = 40


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog(load_plugins().all("tool", Tool))


async def gathered(
    sop: Sop, gold: tuple[GoldCase, ...], worlds: Callable[[int], Settings]
) -> list[Gathered]:
    found: list[Gathered] = []
    for seed in sorted({case.seed for case in gold if case.seed is not None}):
        mine = [case for case in gold if case.seed == seed]
        found += await gather_all(sop, mine, worlds(seed))
    return found


@pytest.mark.parametrize("name", NAMES)
async def test_the_sop_decides_its_gold_cases_as_written(
    name: str, catalog: Catalog, worlds: Callable[[int], Settings]
) -> None:
    sop = catalog.load(name)
    gold = load_gold(BUILT_IN / name / "gold.yaml")
    trials = [try_gold(sop, one) for one in await gathered(sop, gold, worlds)]
    assert len(trials) == len(gold)
    assert {f"{one.seed}/{one.name}": one.problems for one in trials if one.problems} == {}
    assert [one.problems for one in try_examples(sop) if one.problems] == []


@pytest.mark.parametrize("name", NAMES)
def test_gold_is_broad(name: str, catalog: Catalog) -> None:
    gold = load_gold(BUILT_IN / name / "gold.yaml")
    assert len(gold) >= CASES
    assert len({case.seed for case in gold}) >= SEEDS
    assert set(catalog.load(name).spec.outcomes) <= {case.outcome for case in gold}


@pytest.fixture
async def one(catalog: Catalog, worlds: Callable[[int], Settings]) -> Gathered:
    sop = catalog.load("late_shipment_appeal")
    gold = load_gold(BUILT_IN / sop.name / "gold.yaml")
    right = next(
        g for g in gold if g.seed == 7 and g.outcome == "uphold" and not (g.decided or g.ask)
    )
    return (await gather_all(sop, [right], worlds(7)))[0]


def noticed(sop: Sop, one: Gathered, **changes: object) -> tuple[str, ...]:
    gold = one.gold.model_copy(update=changes)
    return try_gold(sop, Gathered(gold, one.facts)).problems


async def test_a_trial_notices_what_is_not_as_written(one: Gathered, catalog: Catalog) -> None:
    sop = catalog.load("late_shipment_appeal")
    assert noticed(sop, one) == ()
    assert noticed(sop, one, outcome="partial") == ("decided uphold; right is partial",)
    assert noticed(sop, one, outcome="partial", decided="uphold") == ()
    no_more = "decided uphold, rightly: it is no longer a known miss"
    assert noticed(sop, one, decided="overturn") == (no_more,)
    turned = {**one.gold.facts, "platform_fault": not one.gold.facts["platform_fault"]}
    assert noticed(sop, one, facts=turned) == ("platform_fault came out no, and was yes",)
    assert noticed(sop, one, facts={"weather": True}) == (
        "late_shipment_appeal has no factor weather",
    )


async def test_a_changed_rule_fails_on_evidence_that_stays(one: Gathered, catalog: Catalog) -> None:
    files = read_files(BUILT_IN / "late_shipment_appeal")
    text = files["sop.yaml"].replace(
        "hours_first_to_second >= 72.0", "hours_first_to_second >= 0.0"
    )
    changed = load_sop({**files, "sop.yaml": text}, catalog.tools, folder="late_shipment_appeal")
    was = one.gold.facts["scan_stalled"]
    told = () if was else ("scan_stalled came out yes, and was no",)
    assert set(told) <= set(try_gold(changed, one).problems)


async def test_accepting_writes_the_present_miss_down(one: Gathered, catalog: Catalog) -> None:
    sop = catalog.load("late_shipment_appeal")
    wrong = Gathered(one.gold.model_copy(update={"outcome": "overturn"}), one.facts)
    kept = accepted(sop, wrong)
    assert kept.gold.decided == "uphold"
    assert try_gold(sop, kept).known
    assert try_gold(sop, kept).problems == ()


def test_examples_are_tried(catalog: Catalog, tmp_path: Path) -> None:
    files = read_files(BUILT_IN / "late_shipment_appeal")
    text = (
        files["sop.yaml"].split("\nexamples:")[0]
        + """
examples:
  - {name: our outage, facts: {in_window: true, platform_fault: true}, then: overturn, row: 2}
  - {name: nothing known but the window, facts: {in_window: true}, then: overturn}
"""
    )
    sop = load_sop({**files, "sop.yaml": text}, catalog.tools, folder="late_shipment_appeal")
    good, bad = try_examples(sop)
    assert good.problems == ()
    assert bad.problems == ("decided request_information, not overturn",)
