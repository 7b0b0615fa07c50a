"""Gold cases as tests, in a pytest of their own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from casewright.models import GoldCase
from evals.scored import Scored

pytest_plugins = ("pytester",)

CASES = 6
PLUGIN = ("-p", "casewright.testing", "-p", "no:cacheprovider")


@pytest.fixture
def scored(
    frozen_few: tuple[Path, tuple[Scored, ...]],
) -> tuple[Path, tuple[Scored, ...]]:
    return frozen_few


@pytest.fixture
def right(scored: tuple[Path, tuple[Scored, ...]]) -> list[GoldCase]:
    """The cases, with what is decided of them as gold."""
    return [
        one.gold.model_copy(update={"outcome": one.outcome, "decided": "", "ask": ()})
        for one in scored[1]
    ]


@pytest.fixture
def run(
    pytester: pytest.Pytester,
    scored: tuple[Path, tuple[Scored, ...]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., pytest.RunResult]:
    """Runs pytest on gold cases that are frozen; there is no source."""
    monkeypatch.setenv("CASEWRIGHT_HOME", str(tmp_path / "home"))

    def go(gold: list[GoldCase], *more: str, name: str = "gold.jsonl") -> pytest.RunResult:
        lines = [one.model_dump_json() for one in gold]
        (pytester.path / name).write_text("\n".join(lines), "utf-8")
        frozen = ("--frozen", str(scored[0]))
        return pytester.runpytest_inprocess(*PLUGIN, *frozen, *more)

    return go


def test_one_test_a_case_and_the_table_at_the_end(
    run: Callable[..., pytest.RunResult], right: list[GoldCase]
) -> None:
    ran = run(right, "--gold", "gold.jsonl", "-v")
    ran.assert_outcomes(passed=CASES)
    ran.stdout.fnmatch_lines([f"*gold.jsonl::seed-7-{right[0].case_id} PASSED*"])
    ran.stdout.fnmatch_lines(["*gold cases*", f"{CASES} gold cases through *", "*accuracy *"])


def test_a_miss_tells_what_was_decided_and_why(
    run: Callable[..., pytest.RunResult],
    right: list[GoldCase],
    scored: tuple[Path, tuple[Scored, ...]],
) -> None:
    traits = scored[1][0].traits
    assert traits is not None
    name, value = next((n, v) for n, v in traits.factors.items() if isinstance(v, bool))
    wrong = right[0].model_copy(update={"outcome": "partial", "facts": {name: not value}})
    ran = run([wrong, *right[1:]], "--gold", "gold.jsonl")
    ran.assert_outcomes(passed=CASES - 1, failed=1)
    ran.stdout.fnmatch_lines(
        [
            f"{wrong.case_id} of seed 7: decided {right[0].outcome}*; gold says partial",
            f"  {name} came out {'yes' if value else 'no'}; gold says {'no' if value else 'yes'}",
            "  through late_shipment_appeal@*",
        ]
    )
    assert "Traceback" not in ran.stdout.str()


def test_known_misses_are_expected_and_those_that_are_none_any_more_told(
    run: Callable[..., pytest.RunResult], right: list[GoldCase]
) -> None:
    known = right[0].model_copy(update={"outcome": "partial", "decided": right[0].outcome})
    past = right[1].model_copy(update={"decided": "partial"})
    ran = run([known, past, *right[2:]], "--gold", "gold.jsonl")
    ran.assert_outcomes(passed=CASES - 2, xfailed=1, failed=1)
    ran.stdout.fnmatch_lines(["*it is no longer a known miss"])


def test_a_gold_file_among_the_arguments_is_collected_and_others_are_left_alone(
    run: Callable[..., pytest.RunResult], right: list[GoldCase], pytester: pytest.Pytester
) -> None:
    pytester.makepyfile("def test_other(): pass")
    (pytester.path / "left.gold.jsonl").write_text("not gold", "utf-8")
    run(right, "my.gold.jsonl", name="my.gold.jsonl").assert_outcomes(passed=CASES)
    run(right, ".", name="my.gold.jsonl").assert_outcomes(passed=1)
    run(right, "--gold", "my.gold.jsonl", name="my.gold.jsonl").assert_outcomes(passed=CASES)


def test_without_a_gold_file_the_frozen_ones_are_tested(
    run: Callable[..., pytest.RunResult], scored: tuple[Path, tuple[Scored, ...]]
) -> None:
    ended = [one.right or one.asked_rightly for one in scored[1]]
    ran = run([])
    ran.assert_outcomes(passed=ended.count(True), failed=ended.count(False))


def test_only_the_selected_cases_are_judged(
    run: Callable[..., pytest.RunResult], right: list[GoldCase]
) -> None:
    ran = run(right, "--gold", "gold.jsonl", "-k", right[0].case_id)
    ran.assert_outcomes(passed=1, deselected=CASES - 1)
    ran.stdout.fnmatch_lines(["1 gold cases through *"])


def test_a_seed_places_cases_that_name_no_world(
    run: Callable[..., pytest.RunResult], right: list[GoldCase]
) -> None:
    homeless = [one.model_copy(update={"seed": None}) for one in right]
    run(homeless, "--gold", "gold.jsonl", "--seed", "7").assert_outcomes(passed=CASES)
    ran = run(homeless, "--gold", "gold.jsonl", "--seed", "8")
    ran.assert_outcomes(failed=CASES)
    ran.stdout.fnmatch_lines(["*decided error; gold says*", "*--freeze*"])


def test_an_sop_measures_its_own_cases(
    run: Callable[..., pytest.RunResult], right: list[GoldCase]
) -> None:
    foreign = right[0].model_copy(update={"case_id": "x", "case_type": "product.safety"})
    mine = sum(1 for one in right if one.case_type == "appeal.late_dispatch")
    ran = run([*right, foreign], "--gold", "gold.jsonl", "--sop", "late_shipment_appeal")
    ran.assert_outcomes(passed=mine)


def test_a_file_that_is_no_gold_is_an_error_of_collection(
    run: Callable[..., pytest.RunResult], pytester: pytest.Pytester
) -> None:
    (pytester.path / "bad.gold.jsonl").write_text(json.dumps({"case_id": "c"}), "utf-8")
    ran = run([], "bad.gold.jsonl")
    ran.assert_outcomes(errors=1)
    ran.stdout.fnmatch_lines(["*bad.gold.jsonl:1: case_type: Field required*"])


def test_many_processes_are_refused(
    run: Callable[..., pytest.RunResult], right: list[GoldCase]
) -> None:
    ran = run(right, "--gold", "gold.jsonl", "-n", "2")
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    ran.stderr.fnmatch_lines(["*run it without -n*"])


def test_without_gold_the_plugin_keeps_out_of_the_way(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(): pass")
    ran = pytester.runpytest_inprocess(*PLUGIN)
    ran.assert_outcomes(passed=1)
    assert "gold cases" not in ran.stdout.str()
