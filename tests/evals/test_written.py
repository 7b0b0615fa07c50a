from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from casewright.errors import EnvironmentFault, UsageError
from casewright.models import GoldCase
from evals.gold import load_gold
from evals.written import write_gold
from graphs.scaffold import make_workspace


@pytest.fixture
def cases(gold: Callable[..., GoldCase]) -> list[GoldCase]:
    whole = {"facts": {"late": True}, "accept": ("partial",), "key_factors": ("late",)}
    return [gold("c1", weight=2.5, agreement=0.5, truth="review", **whole), gold("c2", "no")]


@pytest.mark.parametrize("name", ["gold.yaml", "gold.jsonl"])
def test_what_is_written_reads_back_and_is_never_written_over(
    tmp_path: Path, cases: list[GoldCase], name: str
) -> None:
    write_gold(tmp_path / name, cases)
    assert load_gold(tmp_path / name) == tuple(cases)
    with pytest.raises(UsageError, match="is there already"):
        write_gold(tmp_path / name, cases)
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_a_file_in_a_workspace_names_the_schema_that_editors_find(
    tmp_path: Path, cases: list[GoldCase]
) -> None:
    workspace = tmp_path / "team"
    make_workspace(workspace)
    path = workspace / "sops" / "mine" / "gold.yaml"
    path.parent.mkdir(parents=True)
    write_gold(path, cases, workspace)
    first, *_ = path.read_text("utf-8").splitlines()
    place = first.removeprefix("# yaml-language-server: $schema=")
    assert place == "../../schemas/gold.schema.json"
    assert (path.parent / place).is_file()
    assert load_gold(path) == tuple(cases)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path, cases: list[GoldCase]) -> None:
    with pytest.raises(EnvironmentFault, match="cannot be written"):
        write_gold(tmp_path / "none" / "gold.yaml", cases)
