"""SOP folders: what is read, and what is built of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from casewright.errors import SopError
from graphs.load import load_sop, read_files
from graphs.logic import Name
from graphs.sop import Sop
from tools.base import Tool


def test_a_folder_is_read_whole_or_not_at_all(tmp_path: Path, files: dict[str, str]) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    with pytest.raises(SopError, match=r"^small/sop\.yaml: cannot be read: No such file") as caught:
        read_files(folder)
    assert "sop.yaml and policy.md" in caught.value.remedy
    (folder / "sop.yaml").write_text(files["sop.yaml"], "utf-8")
    with pytest.raises(SopError, match=r"^small/policy\.md: cannot be read"):
        read_files(folder)
    (folder / "policy.md").write_bytes(b"\xff\xfe\x00 not text")
    with pytest.raises(SopError, match=r"^small/policy\.md: cannot be read: .*utf-8"):
        read_files(folder)
    (folder / "policy.md").write_text(files["policy.md"], "utf-8")
    (folder / "gold.yaml").write_text("outside the digest", "utf-8")
    assert read_files(folder) == files


def test_actions_wait_for_what_they_read(small: Sop) -> None:
    needs = {name: set(action.needs) for name, action in small.actions.items()}
    assert needs == {"appeal": set(), "order": {"appeal"}, "scans": {"order"}, "docs": {"appeal"}}


def test_a_condition_is_waited_for_as_well(files: dict[str, str], tools: dict[str, Tool]) -> None:
    text = files["sop.yaml"].replace("when: appeal.attempt == 1", "when: scans.delivered")
    sop = load_sop({**files, "sop.yaml": text}, tools)
    assert sop.actions["docs"].needs == {"appeal", "scans"}


def test_factors_rest_on_actions_not_on_the_policy(small: Sop) -> None:
    assert small.factors["in_time"].needs == {"scans", "order"}
    assert small.factors["altered"].needs == {"docs"}
    assert small.factors["blames_carrier"].needs == {"appeal"}
    assert [one.name for one in small.questions] == ["blames_carrier"]


def test_expressions_know_their_line(small: Sop, files: dict[str, str]) -> None:
    lines = files["sop.yaml"].splitlines()
    rule = small.factors["altered"].rule
    assert rule is not None
    assert "rule: docs" in lines[rule.line - 1]
    assert "if: in_time" in lines[small.rows[1].condition.line - 1]


def test_a_wording_in_one_language_is_english(
    files: dict[str, str], tools: dict[str, Tool]
) -> None:
    text = files["sop.yaml"].replace(
        "ask:\n      en: Please send the drop-off receipt.\n"
        "      es: Envíe por favor el resguardo.",
        "ask: Please send it.",
    )
    sop = load_sop({**files, "sop.yaml": text}, tools)
    assert sop.factors["in_time"].spec.ask == {"en": "Please send it."}


def test_two_outcomes_always_exist(small: Sop) -> None:
    assert small.outcomes == ("overturn", "uphold", "request_information", "escalate")


def test_defaults_of_the_gate_and_the_fact_date(
    files: dict[str, str], tools: dict[str, Tool]
) -> None:
    text = files["sop.yaml"].split("gate:")[0].replace("fact_date: order.paid_at\n", "")
    sop = load_sop({**files, "sop.yaml": text}, tools)
    assert sop.fact_date.node == Name(("case", "opened_at"))
    assert (sop.senior_if, sop.legal_if) == (None, None)


def test_a_row_may_always_hold(files: dict[str, str], tools: dict[str, Tool]) -> None:
    text = files["sop.yaml"].replace('if: "!in_time"', "if: true")
    sop = load_sop({**files, "sop.yaml": text}, tools)
    assert sop.rows[-1].condition.evaluate({}).value is True


def test_the_built_in_sop_asks_in_the_languages_of_its_parties(late: Sop) -> None:
    asked = [f.spec.ask for f in late.factors.values() if f.spec.burden == "seller"]
    assert asked
    assert all(set(ask) == {"en", "es", "zh"} for ask in asked)
    assert (
        not set(late.policy.clause_ids)
        - {clause for row in late.rows for clause in row.spec.policy}
        - {"APL-1.2", "APL-3.1", "GEN-1.1", "GEN-1.2", "GEN-2.1", "GEN-2.2"}
    )
