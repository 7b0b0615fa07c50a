import os
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from casewright.errors import EnvironmentFault, UsageError
from casewright.models import GoldCase, Run
from casewright.settings import Settings
from evals.gold import load_gold
from evals.live import live_judge, versions_now
from evals.results import key_of, load_results, open_results
from evals.scored import Scored
from evals.suite import Look, judge_all
from sandbox.server import Endpoint

Writer = Callable[..., GoldCase]
VERSION = "sop@1+ab"


def _scored(gold: GoldCase, version: str = VERSION) -> Scored:
    return Scored(gold=gold, outcome="uphold", graph_version=version)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "results.jsonl"


@pytest.fixture
def written(path: Path, gold: Writer) -> list[GoldCase]:
    """Three gold cases that stand in the file."""
    cases = [gold(f"c{i}") for i in range(3)]
    with open_results(path) as results:
        for case in cases:
            results.add(_scored(case))
    return cases


def test_what_was_written_is_read(path: Path, written: list[GoldCase]) -> None:
    assert load_results(path) == tuple(map(_scored, written))


def test_every_line_is_on_disk_when_add_returns(path: Path, gold: Writer) -> None:
    with open_results(path) as results:
        for number in range(3):
            results.add(_scored(gold(f"c{number}", region="line\u2028line")))
            assert len(load_results(path)) == number + 1


@pytest.mark.parametrize("cut", [1, 2, 40, 200])
def test_a_file_cut_anywhere_in_its_last_line_goes_on(
    path: Path, written: list[GoldCase], cut: int
) -> None:
    os.truncate(path, path.stat().st_size - cut)
    assert load_results(path) == tuple(map(_scored, written[:2]))
    with open_results(path) as results:
        assert list(results.kept(written, [VERSION])) == [(None, "c0"), (None, "c1")]
        results.add(_scored(written[2]))
    assert load_results(path) == tuple(map(_scored, written))


def test_a_file_cut_in_its_first_line_starts_anew(path: Path, written: list[GoldCase]) -> None:
    os.truncate(path, 10)
    with open_results(path) as results:
        assert results.kept(written, [VERSION]) == {}
    assert path.read_bytes() == b""


def test_a_case_that_failed_before_any_version_ran_is_judged_again(
    path: Path, gold: Writer
) -> None:
    failed, case = Scored(gold=gold(), outcome="", status="failed", reason="down"), gold()
    with open_results(path) as results:
        results.add(failed)
        assert results.kept([case], [VERSION]) == {}
        results.add(_scored(case))
    assert load_results(path) == (_scored(case),)


def test_another_version_is_refused(path: Path, written: list[GoldCase]) -> None:
    with open_results(path) as results, pytest.raises(UsageError) as caught:
        results.kept(written, ["other@1+ef", "sop@2+cd"])
    assert "was judged by sop@1+ab; now it would be sop@2+cd." in str(caught.value)
    assert "Give another file to --out" in caught.value.remedy


@pytest.mark.parametrize("change", [{"outcome": "uphold"}, {"ask": ["scans"]}, {"facts": {"a": 1}}])
def test_other_gold_is_refused(
    path: Path, written: list[GoldCase], gold: Writer, change: dict[str, object]
) -> None:
    now = [gold("c0", **change), *written[1:]]
    with open_results(path) as results, pytest.raises(UsageError, match="'c0' with other gold"):
        results.kept(now, [VERSION])


def test_cases_that_the_command_would_not_judge_are_refused(
    path: Path, written: list[GoldCase]
) -> None:
    with open_results(path) as results, pytest.raises(UsageError, match=r"1 case \(c2 first\)"):
        results.kept(written[:2], [VERSION])


def test_worlds_are_told_apart(path: Path, gold: Writer) -> None:
    seven, eleven = gold(seed=7), gold(seed=11)
    with open_results(path) as results:
        results.add(_scored(seven))
        results.add(_scored(eleven))
        assert list(results.kept([eleven], [VERSION], world=11)) == [key_of(eleven)]
        results.require_worlds([7, 11])
        with pytest.raises(UsageError, match="c1 of seed 11"):
            results.require_worlds([7])


def test_a_file_of_another_kind_is_left_as_it_is(path: Path) -> None:
    path.write_text("case,outcome\nc1,uphold\nno end")
    with (
        pytest.raises(UsageError, match=r"results.jsonl:1: this is no scored case"),
        open_results(path),
    ):
        pass
    assert path.read_text() == "case,outcome\nc1,uphold\nno end"


def test_no_file_and_an_empty_file_are_told(path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load_results(path)
    path.touch()
    with pytest.raises(UsageError, match="holds no scored case"):
        load_results(path)
    with pytest.raises(UsageError, match="cannot be written"), open_results(path / "under"):
        pass


def test_a_full_disk_leaves_no_half_line(
    path: Path, written: list[GoldCase], gold: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.write

    def half(file: int, line: bytes) -> int:
        if len(line) < 300:
            raise OSError(28, "No space left on device")
        return real(file, line[: len(line) // 2])

    with open_results(path) as results:
        monkeypatch.setattr(os, "write", half)
        with pytest.raises(EnvironmentFault, match="No space left"):
            results.add(_scored(gold("c9")))
        monkeypatch.undo()
        results.add(_scored(gold("c9")))
    assert [one.gold.case_id for one in load_results(path)] == ["c0", "c1", "c2", "c9"]


async def test_cases_that_were_done_are_kept_when_a_run_breaks_off(
    path: Path, gold: Writer
) -> None:
    async def judge(look: Look) -> Run:
        if look.case_id == "c2":
            raise ZeroDivisionError
        raise UsageError("told")

    with open_results(path) as results, pytest.raises(ExceptionGroup):
        await judge_all([gold(f"c{i}") for i in range(4)], judge, concurrency=1, keep=results.add)
    assert [one.gold.case_id for one in load_results(path)] == ["c0", "c1"]


async def test_the_version_that_is_foretold_is_the_one_that_runs(
    tmp_path: Path, marketplace: Endpoint, world: Path
) -> None:
    settings = Settings(
        home=tmp_path,
        source_url=marketplace.base_url,
        source_token=SecretStr(marketplace.read_token),
        source_timeout_s=60,
    )
    cases = load_gold(world / "gold.jsonl")
    by_type = list({case.case_type: case for case in cases}.values())[:3]
    async with live_judge(settings) as judge:
        judged = await judge_all(by_type, judge, concurrency=2)
    foretold = await versions_now(settings, [case.case_type for case in by_type])
    assert {one.graph_version for one in judged} == foretold
    assert await versions_now(settings, ["no.such.type"]) == frozenset()
