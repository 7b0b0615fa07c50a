"""Asking, answers, appeals and submitted cases from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

Shell = Any  # the class in conftest.py, which importlib mode keeps out of reach

CASE = "case_000233"
ASK = ("review", "request", CASE, "--ask", "seller", "--question", "The receipt, please.")


@pytest.fixture
def waiting(shell: Shell) -> Shell:
    """A shell whose home has one case at the gate."""
    assert shell("investigate", CASE).code == 3
    return shell


def test_a_question_puts_the_case_on_hold(waiting: Shell) -> None:
    ran = waiting(*ASK, "--code", "Q1", "--days", "3", "--factor", "handover_proved")
    assert ran.code == 3
    assert "Awaits an answer of the seller about handover_proved" in ran.out
    assert "planned request_information" in ran.out
    assert "review answers" in ran.out
    listed = waiting("review", "list", "--held", "--json").json
    assert [one["held_for"] for one in listed] == ["an answer: seller"]
    found = waiting("review", "answers", "--json")
    assert (found.code, [one["found"] for one in found.json]) == (0, ["nothing"])
    told = waiting("review", "answered", CASE, "--json")
    assert told.code == 3
    assert told.json["awaited"][0]["ended"] == "answered"
    assert "No case waits for an answer" in waiting("review", "answers").out
    log = waiting("audit", "show", CASE).out
    assert "the seller about handover_proved, until" in log
    assert "answered: the seller" in log


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ((), "needs a reason code"),
        (("--code", "Q4"), "asks team"),
        (("--code", "Q1", "--ask", "selller"), "Did you mean 'seller'?"),
        (("--code", "Q1", "--question", " "), "1 to 2,000"),
        (("--code", "Q1", "--factor", "handover_prove"), "handover_proved"),
        (("--code", "Q1", "--days", "0"), "greater than or equal to 1"),
    ],
)
def test_mistakes_are_told(waiting: Shell, given: tuple[str, ...], told: str) -> None:
    ran = waiting(*ASK, *given)
    assert ran.code == 2
    assert told in ran.err


def test_words_are_changed(waiting: Shell) -> None:
    ran = waiting("review", "approve", CASE, "--code", "A3", "--claim", "1=It was late.", "--json")
    assert ran.code == 0
    claim = ran.json["decision"]["claims"][0]
    assert (claim["sentence"], claim["by"]) == ("It was late.", "qa")
    assert "(worded by qa)" in waiting("review", "show", CASE).out
    both = ("--claim", "1=It was late.", "--strike", "1")
    ran = waiting("review", "approve", CASE, "--code", "A3", *both)
    assert (ran.code, "both worded anew and struck" in ran.err) == (2, True)
    ran = waiting("review", "edit", CASE, "--code", "E3", "--claim", "one=x")
    assert (ran.code, "no number" in ran.err) == (2, True)


def test_an_appeal_is_opened_and_investigated(waiting: Shell, tmp_path: Path) -> None:
    said = tmp_path / "said.txt"
    said.write_text("The depot was closed.", "utf-8")
    appeal = ("review", "appeal", CASE, "--by", "seller", "--statement", str(said))
    assert waiting(*appeal).code == 2
    waiting("review", "edit", CASE, "--outcome", "uphold", "--code", "E3")
    ran = waiting(*appeal)
    assert ran.code == 0
    assert f"Opened {CASE}-appeal-1 by seller (qa)." in ran.out
    assert waiting("investigate", f"{CASE}-appeal-1").code == 3
    assert f"by the seller, as {CASE}-appeal-1" in waiting("audit", "show", CASE).out
    assert waiting("audit", "verify").code == 0
    assert waiting("review", "appeal", CASE, "--by", "me", "--statement", str(said)).code == 2


def test_a_case_is_submitted_once(shell: Shell, tmp_path: Path) -> None:
    record = {
        "case_id": "ext-1",
        "case_type": "appeal.late_dispatch",
        "subject": {"appeal_id": "app_000001"},
        "seller_id": "sel_00001",
        "region": "US",
        "channel": "batch",
        "opened_at": "2026-06-01T08:00:00Z",
        "impact_cents": 4200,
        "currency": "USD",
    }
    file = tmp_path / "case.json"
    file.write_text(json.dumps(record), "utf-8")
    first = shell("case", "open", str(file), "--json")
    assert (first.code, first.json["case"]["case_id"]) == (0, "ext-1")
    assert shell("case", "open", str(file), "--json").json == first.json
    file.write_text(json.dumps({**record, "impact_cents": 1}), "utf-8")
    ran = shell("case", "open", str(file))
    assert (ran.code, "never changed" in ran.err) == (2, True)
    file.write_bytes(b"\xff")
    assert shell("case", "open", str(file)).code == 2
    assert shell("case", "open", str(tmp_path / "nowhere.json")).code == 2
