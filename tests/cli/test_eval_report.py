"""``eval report``: its files, byte for byte, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from evals.attribution import wrong
from evals.bundle import Bundle
from evals.causes import Attribution, Part, grouped
from evals.scored import Scored

Shell = Any  # the class in conftest.py, which importlib mode keeps out of reach
RESULTS, CASES = "results.jsonl", 6
MOMENT = "2026-06-01T12:00:00+02:00"
FILES = {"report.html", "report.json", "junit.xml"}


@pytest.fixture(scope="module")
def kept() -> dict[str, bytes]:
    """What was judged already: the same for all tests here."""
    return {}


@pytest.fixture
def results(shell: Shell, world: Path, kept: dict[str, bytes]) -> list[dict[str, Any]]:
    """What ``eval run --out`` wrote of the first cases of two procedures."""
    if RESULTS not in kept:
        judge(shell, world)
        kept[RESULTS] = Path(RESULTS).read_bytes()
    Path(RESULTS).write_bytes(kept[RESULTS])
    return [json.loads(line) for line in kept[RESULTS].splitlines()]


def judge(shell: Shell, world: Path) -> None:
    lines = (world / "gold.jsonl").read_text("utf-8").splitlines()
    kinds = ("appeal.late_dispatch", "aftersales.refund_abuse")
    mine = [one for kind in kinds for one in lines if json.loads(one)["case_type"] == kind]
    some = [*mine[:CASES], *mine[-CASES:]]
    Path("gold.jsonl").write_text("".join(f"{one}\n" for one in some), "utf-8")
    assert shell("eval", "run", "gold.jsonl", "--out", RESULTS, "--json").code == 0


def write(path: str, rows: list[dict[str, Any]]) -> str:
    Path(path).write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    return path


def files(folder: str) -> dict[str, bytes]:
    found = (path for path in Path(folder).rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def test_each_version_has_its_files_and_the_same_input_gives_the_same_bytes(
    shell: Shell, results: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = shell("eval", "report", RESULTS, "--made-at", MOMENT, "--json")
    assert made.code == 0
    listed = {one["sop"]: one for one in made.json}
    assert {one["n"] for one in listed.values()} == {CASES}
    first = files("reports")
    assert set(first) == {"index.html", *(f"{sop}/{name}" for sop in listed for name in FILES)}

    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1780308000")
    assert shell("eval", "report", RESULTS, "--out", "again").code == 0
    assert files("again") == first, "the epoch is the same moment"

    write(RESULTS, list(reversed(results)))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1780308001")
    assert shell("eval", "report", RESULTS, "--out", "later").code == 0
    for name, content in files("later").items():
        lines = zip(content.splitlines(), first[name].splitlines(), strict=True)
        differing = [old.strip() for new, old in lines if new != old]
        stamped = [one for one in differing if b"2026-06-01T10:00:00" in one]
        digest = [one for one in differing if b"sha256" in one or b"results.jsonl" in one]
        assert len(stamped) == 1, name
        assert len(differing) == 1 + len(digest), name

    for sop in listed:
        bundle = Bundle.model_validate_json(first[f"{sop}/report.json"])
        assert (bundle.sop, bundle.report.n, bundle.findings) == (sop, CASES, ())
        assert bundle.graph_version == listed[sop]["graph_version"]
        suite = ElementTree.fromstring(first[f"{sop}/junit.xml"])
        assert int(suite.attrib["tests"]) == CASES
        assert int(suite.attrib["failures"]) == listed[sop]["wrong"]


def test_a_champion_attacks_and_errors_are_told(
    shell: Shell, results: list[dict[str, Any]]
) -> None:
    kind = "appeal.late_dispatch"
    mine = [one for one in results if one["gold"]["case_type"] == kind]
    champion = [{**one, "outcome": "escalate", "graph_version": "old@1+ab"} for one in mine]
    write("champion.jsonl", champion)
    version = mine[0]["graph_version"]
    Path("attacks.json").write_text(
        json.dumps({"graph_version": version, "texts": 2, "readings": 6}), "utf-8"
    )
    missed = [one for row in results if wrong(one := Scored.model_validate(row))]
    assert missed
    causes = grouped([because(one) for one in missed], len(results))
    Path("errors.json").write_text(causes.model_dump_json(), "utf-8")
    given = ["--champion", "champion.jsonl", "--attacks", "attacks.json", "--errors", "errors.json"]
    made = shell("eval", "report", RESULTS, *given, "--margin", "0.5", "--json")
    assert made.code == 0
    found = {
        one["sop"]: Bundle.model_validate_json(
            Path(one["folder"], "report.json").read_text("utf-8")
        )
        for one in made.json
    }
    late, other = found["late_shipment_appeal"], found["refund_abuse"]
    assert late.comparison is not None
    assert late.attacks is not None
    assert late.comparison.pairs.margin == 0.5
    assert [one.role for one in late.inputs] == ["results", "champion", "attacks", "errors"]
    assert (other.comparison, other.attacks) == (None, None)
    page = Path("reports/refund_abuse/report.html").read_text("utf-8")
    assert "The champion&#39;s file has none of these cases" in page
    pages = "".join(path.read_text("utf-8") for path in Path("reports").glob("*/report.html"))
    assert pages.count("by hand") == len(missed)
    assert "Causes, the most frequent first" in pages


def because(one: Scored) -> Attribution:
    return Attribution(
        case_id=one.gold.case_id,
        as_of=one.gold.as_of,
        sop=one.gold.case_type,
        gold=one.gold.outcome,
        said=one.predicted,
        parts=(Part(kind="rule", told="by hand"),),
    )


def test_another_version_at_hand_is_not_checked_in_its_place(
    shell: Shell, results: list[dict[str, Any]]
) -> None:
    changed = [{**one, "graph_version": f"{one['graph_version']}0"} for one in results]
    made = shell("eval", "report", write("other.jsonl", changed), "--sop", "refund_abuse", "--json")
    (one,) = made.json
    bundle = Bundle.model_validate_json(Path(one["folder"], "report.json").read_text("utf-8"))
    assert bundle.findings is None
    assert "the checker was not run on this version" in one["open"]
    told = shell("eval", "report", "other.jsonl").out
    assert "reports/index.html leads to them." in told


def test_what_cannot_be_reported_is_refused(shell: Shell, results: list[dict[str, Any]]) -> None:
    twice = [*results, {**results[0], "gold": {**results[0]["gold"], "case_id": "c"}}]
    twice[-1]["graph_version"] = "mine@9+00"
    write("champion.jsonl", [{"gold": {**results[0]["gold"], "case_id": "c"}, "outcome": "uphold"}])
    Path("attacks.json").write_text(
        json.dumps({"graph_version": "mine@9+00", "texts": 2, "readings": 6}), "utf-8"
    )
    mistakes = {
        (write("twice.jsonl", twice),): "of its own",
        (RESULTS, "--sop", "fake_orders"): "holds no case that 'fake_orders' judged",
        (RESULTS, "--champion", "champion.jsonl"): "no gold case in common",
        (RESULTS, "--attacks", "attacks.json"): "is of mine@9+00",
        (RESULTS, "--errors", "attacks.json"): "is no output of `eval errors --json`",
        (RESULTS, "--made-at", "yesterday"): "'yesterday' is no moment",
        ("none.jsonl",): "cannot be read",
    }
    for arguments, told in mistakes.items():
        refused = shell("eval", "report", *arguments)
        assert (refused.code, told in refused.err) == (2, True), refused.err
    assert not Path("reports").exists()


def test_a_folder_that_cannot_be_written_is_told(
    shell: Shell, results: list[dict[str, Any]]
) -> None:
    Path("taken").write_text("", "utf-8")
    refused = shell("eval", "report", RESULTS, "--out", "taken")
    assert (refused.code, "Give --out another folder." in refused.err) == (1, True)


def test_the_workspaces_gate_speaks_on_the_page(
    shell: Shell, results: list[dict[str, Any]], tmp_path: Path
) -> None:
    workspace = tmp_path / "ws"
    workspace.mkdir()
    (workspace / "gate.yaml").write_text(
        "minimum_cases: 7\nleast: {}\nattacks: {required: false}\n"
    )
    made = shell(
        "--workspace", str(workspace), "eval", "report", RESULTS, "--out", "gated", "--json"
    )
    assert made.code == 0
    for one in made.json:
        assert one["gate"]["origin"] == "gate.yaml"
        assert "cases: 6 gold cases were judged; the gate asks for 7." in one["gate"]["reasons"]
        page = Path("gated", one["sop"], "report.html").read_text("utf-8")
        assert "does not let it run" in page
        assert str(workspace) not in page
