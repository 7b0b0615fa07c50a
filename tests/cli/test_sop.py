from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

Shell = Any  # the class in conftest.py, which importlib mode keeps out of reach

BROKEN = """sop: broken
version: 1
title: Broken
case_type: broken
outcomes: [good, bad]
actions:
  seller: {tool: get_seller, with: {seller_id: case.seller_id}}
factors:
  sanctioned: {rule: seller.sanctioned, says: {yes: Sanctioned., no: In good standing.}}
decision:
  hit_policy: first
  table:
    - {if: sanctioned, then: bad}
    - {if: sanctioned, then: good}
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """The current folder as a workspace with one SOP that has holes."""
    (tmp_path / "casewright.toml").write_text("")
    folder = tmp_path / "sops" / "broken"
    folder.mkdir(parents=True)
    (folder / "sop.yaml").write_text(BROKEN)
    (folder / "policy.md").write_text("---\npolicy: broken\n---\n")
    return folder


def test_check_passes_the_built_in_and_shows_the_smallest_case_of_a_hole(
    shell: Shell, workspace: Path
) -> None:
    assert shell("sop", "check", "late_shipment_appeal").code == 0
    ran = shell("sop", "check")
    told = " ".join(ran.out.split())
    assert ran.code == 1
    assert "broken/sop.yaml:12:3: no row covers this case" in told
    assert "nothing else matters: sanctioned no: In good standing." in told
    assert "casewright sop check broken --stub" in told
    assert "row 2 is never reached: row 1 decides before it" in told
    assert "no case can end in the outcome 'good'" in told
    found = shell("sop", "check", "broken", "--json").json["broken"]
    assert {one["severity"] for one in found} == {"error"}


def test_a_hole_is_offered_as_an_example_that_only_lacks_its_outcome(
    shell: Shell, workspace: Path
) -> None:
    ran = shell("sop", "check", "broken", "--stub")
    assert ran.code == 1
    path = workspace / "sop.yaml"
    path.write_text(BROKEN + ran.out)
    assert "There is no outcome 'FILL_IN'" in shell("sop", "check", "broken").err
    mended = BROKEN.replace("{if: sanctioned, then: good}", '{if: "!sanctioned", then: good}')
    path.write_text(mended + ran.out.replace("then: FILL_IN", "then: good"))
    assert shell("sop", "check", "broken").code == 0
    assert shell("sop", "test", "broken").code == 0
    path.write_text(mended + ran.out.replace("then: FILL_IN", "then: bad"))
    assert shell("sop", "test", "broken").code == 1


def test_explain_tells_the_rows_and_the_nearest_other_outcomes(shell: Shell) -> None:
    case = "case_000233"
    assert "has no decision here" in shell("sop", "explain", case).err
    shell("investigate", case)
    told = shell("sop", "explain", case, "--json").json
    assert [row["number"] for row in told["rows"] if row["ended"] == "matched"]
    assert all(other["changes"] for other in told["otherwise"])
    assert "Decided otherwise by the smallest change" in shell("sop", "explain", case).out


def test_diff_compares_with_a_pinned_version(shell: Shell, workspace: Path) -> None:
    run = shell("investigate", "case_000233", "--json").json
    same = shell("sop", "diff", run["graph_version"], "late_shipment_appeal", "--json").json
    assert same == {"changed": [], "compared": 1, "flips": [], "past": []}
    mended = BROKEN.replace("- {if: sanctioned, then: good}", '- {if: "true", then: good}')
    other = workspace.parent / "mended"
    other.mkdir()
    (other / "sop.yaml").write_text(mended.replace("sop: broken", "sop: mended"))
    (other / "policy.md").write_text("---\npolicy: broken\n---\n")
    ran = shell("sop", "diff", "broken", "mended")
    assert "undecided becomes good: smallest case sanctioned no" in ran.out
    assert shell("sop", "diff", "broken", "mendet").code == 2


def test_a_diagram_names_every_part(shell: Shell, workspace: Path) -> None:
    drawn = shell("sop", "diagram", "broken").out
    assert drawn.startswith("flowchart TD")
    assert "a_seller -.-> f_sanctioned" in drawn
    table = shell("sop", "diagram", "broken", "--what", "table").out
    assert "f_sanctioned --> r_1" in table
    assert "r_1 --> o_bad" in table


def test_a_diagram_is_written_to_a_file(shell: Shell, workspace: Path, tmp_path: Path) -> None:
    picture = ("sop", "diagram", "broken", "--format", "svg", "--out")
    ran = shell(*picture, str(tmp_path / "broken.svg"))
    assert (ran.code, ran.out) == (0, "")
    assert (tmp_path / "broken.svg").read_text().startswith("<svg")
    ran = shell(*picture, str(tmp_path / "nowhere" / "broken.svg"))
    assert (ran.code, "cannot be written" in ran.err) == (2, True)
