"""Faults put into the built-in SOPs on purpose: `sop check` or `sop test` notices every one.

The gold cases are those of one simulated world, a third of all. ``benchmarks/seeded_faults.py``
tries the same faults with all of them, and prints which of the two noticed each.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.seeded_faults import KINDS, Bench, Caught, Fault, faults, set_up, table
from sandbox.server import Endpoint

SEED = 7
AT_LEAST = 50


@pytest.fixture(scope="module")
def benches(marketplace: Endpoint, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Bench]:
    """Every SOP with faults, with the evidence of its gold cases."""
    home = tmp_path_factory.mktemp("faults")
    names = sorted({fault.sop for fault in faults()})
    return {name: asyncio.run(set_up(name, {SEED: marketplace}, home)) for name in names}


@pytest.fixture(scope="module")
def caught(benches: dict[str, Bench]) -> tuple[Caught, ...]:
    """What became of each fault."""
    return tuple(benches[fault.sop].try_fault(fault) for fault in faults())


def test_no_fault_passes_both_the_check_and_the_gold_cases(caught: tuple[Caught, ...]) -> None:
    assert len(caught) >= AT_LEAST
    assert not [one for one in caught if not one.by], table(caught)


def test_each_of_the_two_notices_what_the_other_does_not(caught: tuple[Caught, ...]) -> None:
    by = Counter(one.by for one in caught)
    assert min(by["check"], by["gold"]) > AT_LEAST / 5
    misspelt = [one for one in caught if one.fault.kind == "misspelt field"]
    assert all(one.by == "check" for one in misspelt)


def test_every_procedure_has_faults_of_every_kind(caught: tuple[Caught, ...]) -> None:
    kinds = {(one.fault.sop, one.fault.kind) for one in caught}
    assert kinds == {(name, kind) for name, _ in kinds for kind in KINDS}


def test_without_a_fault_nothing_is_noticed(benches: dict[str, Bench]) -> None:
    for name, bench in benches.items():
        text = bench.sop.files["sop.yaml"]
        remark = Fault(name, "a remark", "none", old=text, new=f"# A remark.\n{text}")
        assert bench.try_fault(remark).by == ""


def test_a_fault_must_change_one_place(benches: dict[str, Bench]) -> None:
    bench = next(iter(benches.values()))
    for old in ("then: ", "stands nowhere"):
        with pytest.raises(ValueError, match="times"):
            replace(faults()[0], old=old).seeded(bench.sop.files)


def test_faults_are_of_procedures_that_exist() -> None:
    sops = Path(__file__).parents[2] / "graphs" / "sops"
    assert {fault.sop for fault in faults()} <= {
        file.parent.name for file in sops.glob("*/sop.yaml")
    }
