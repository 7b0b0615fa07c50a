from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from casewright.models import GoldCase
from evals.draw import draw_gold, gold_yaml
from evals.gold import load_gold


def many(gold: Callable[..., GoldCase]) -> list[GoldCase]:
    common = [
        gold(f"c{n}", "uphold", seed=7, tags=("looks-bad",) * (n % 5 == 0)) for n in range(40)
    ]
    rare = [gold(f"r{n}", "partial", seed=11) for n in range(4)]
    return common + rare


def test_a_draw_is_even_over_outcomes_and_fills_up(gold: Callable[..., GoldCase]) -> None:
    drawn = draw_gold(many(gold), 20)
    assert Counter(case.outcome for case in drawn) == {"uphold": 16, "partial": 4}


def test_hard_cases_go_first(gold: Callable[..., GoldCase]) -> None:
    drawn = draw_gold(many(gold), 20)
    assert sum("looks-bad" in case.tags for case in drawn) == 8


def test_the_order_of_the_cases_does_not_matter(gold: Callable[..., GoldCase]) -> None:
    cases = many(gold)
    assert draw_gold(cases, 20) == draw_gold(cases[::-1], 20)


def test_the_file_reads_back(gold: Callable[..., GoldCase], tmp_path: Path) -> None:
    cases = [
        gold("c1", ask=("manifest",), facts={"late": True, "hidden": False}, seed=7),
        gold("c1"),
    ]
    path = tmp_path / "gold.yaml"
    path.write_text(gold_yaml(cases, {"late"}), "utf-8")
    first, second = load_gold(path)
    assert first == cases[0].model_copy(update={"facts": {"late": True}})
    assert second == cases[1]
