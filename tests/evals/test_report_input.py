"""Which results make one report, and what else belongs to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casewright.errors import UsageError
from evals.bundle import Attacks, gold_digest
from evals.causes import Attribution, Part, grouped
from evals.report_input import (
    Measured,
    attacks_on,
    by_version,
    causes_of,
    input_of,
    read_attacks,
    read_errors,
    shared_with,
)
from evals.scored import Scored

Writer = Callable[..., Scored]


@pytest.fixture(scope="session")
def by(scored: Writer) -> Writer:
    """A scored case, wrong unless told, of a version."""

    def write(version: str, case_id: str = "c1", said: str = "uphold", **other: object) -> Scored:
        made = scored("overturn", said, case_id=case_id, **other)
        return made.model_copy(update={"graph_version": version})

    return write


def test_each_sop_is_by_itself_and_cases_lie_in_order(by: Writer) -> None:
    cases = [
        by("b@1+1", "c2", case_type="refund.abuse"),
        by("a@1+1", "c2", seed=7),
        by("a@1+1", "c1", seed=11),
        by("a@1+1", "c3"),
    ]
    found = by_version(cases, "r.jsonl")
    assert [(one.sop, one.graph_version) for one in found.measured] == [
        ("a", "a@1+1"),
        ("b", "b@1+1"),
    ]
    keys = [(one.gold.seed, one.gold.case_id) for one in found.measured[0].scored]
    assert keys == [(None, "c3"), (7, "c2"), (11, "c1")]
    assert by_version(reversed(cases), "r.jsonl") == found
    assert [one.sop for one in by_version(cases, "r.jsonl", "b").measured] == ["b"]


def test_a_case_that_failed_before_any_version_counts_for_its_type(by: Writer) -> None:
    cases = [by("a@1+1"), by("", "c2"), by("", "c3", case_type="other")]
    found = by_version(cases, "r.jsonl")
    assert len(found.measured[0].scored) == 2
    assert [one.gold.case_id for one in found.left] == ["c3"]


def test_what_is_no_report_is_refused(by: Writer) -> None:
    with pytest.raises(UsageError, match=r"a@1\+1 and a@2\+2.*of its own"):
        by_version([by("a@1+1"), by("a@2+2", "c2")], "r.jsonl")
    with pytest.raises(UsageError, match="two versions of an SOP"):
        by_version([by("a@1+1"), by("a@2+2", case_type="other")], "r.jsonl")
    with pytest.raises(UsageError, match="'b' judged, but a"):
        by_version([by("a@1+1")], "r.jsonl", "b")
    with pytest.raises(UsageError, match="No graph version ran"):
        by_version([by("")], "r.jsonl")
    for name in ("../a", "a/b", "..", ".hidden"):
        with pytest.raises(UsageError, match="no SOP's name"):
            by_version([by(f"{name}@1+1")], "r.jsonl")


def test_the_champion_is_taken_by_case_type(by: Writer) -> None:
    mine = Measured("a", "a@2+2", (by("a@2+2", "c1"),))
    others = [by("a@1+1", "c2"), by("a@1+1", "c1"), by("b@1+1", "c1", case_type="other")]
    assert [one.gold.case_id for one in shared_with(others, mine)] == ["c1", "c2"]
    assert shared_with([by("a@1+1", "c9")], mine) == ()


def test_causes_are_those_of_this_run(by: Writer) -> None:
    mine = Measured("a", "a@1+1", tuple(by("a@1+1", f"c{n}") for n in (1, 2, 3)))
    said = {"c1": "uphold", "c2": "partial", "c9": "uphold"}
    told = [
        Attribution(
            case_id=name,
            as_of=mine.scored[0].gold.as_of,
            sop="a",
            gold="overturn",
            said=outcome,
            parts=(Part(kind="rule", factor="late"),),
        )
        for name, outcome in said.items()
    ]
    found, without = causes_of(grouped(told, 9), mine)
    assert ([one.case_id for one in found.cases], found.n, without) == (["c1"], 3, 2)


def test_files_are_read_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "some.json"
    one = Attacks(graph_version="a@1+1", texts=3, readings=9)
    for value in (one.model_dump(), [one.model_dump()]):
        path.write_text(json.dumps(value), "utf-8")
        (found,) = read_attacks(path)
        assert attacks_on([found], Measured("a", "a@1+1", ())) == one
        assert attacks_on([found], Measured("a", "a@1+2", ())) is None
    with pytest.raises(UsageError, match="is no output of `eval errors --json`"):
        read_errors(path)
    with pytest.raises(UsageError, match="cannot be read"):
        input_of("results", tmp_path / "none")
    path.write_bytes(b"abc")
    assert input_of("results", path).sha256.startswith("ba7816bf")  # FIPS 180-2, B.1


@given(order=st.permutations(range(6)))
def test_the_digest_of_gold_does_not_depend_on_the_order(by: Writer, order: list[int]) -> None:
    gold = [by("a@1+1", f"c{n % 3}", seed=n // 3).gold for n in range(6)]
    assert gold_digest(gold[n] for n in order) == gold_digest(gold)
    assert gold_digest(gold[1:]) != gold_digest(gold)
