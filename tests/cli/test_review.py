from __future__ import annotations

from typing import Any

import pytest

Shell = Any  # the class in conftest.py, which importlib mode keeps out of reach

CASE = "case_000233"


@pytest.fixture
def waiting(shell: Shell) -> Shell:
    """A shell whose home has one case at the gate."""
    assert shell("investigate", CASE).code == 3
    return shell


def test_an_empty_queue_says_so(shell: Shell) -> None:
    assert "Nothing waits" in shell("review", "list").out


def test_approving_closes_the_case_with_the_proposed_outcome(waiting: Shell) -> None:
    proposed = waiting("review", "show", CASE, "--json").json["decision"]["outcome"]
    assert CASE in waiting("review", "list").out
    ran = waiting("review", "approve", CASE, "--code", "A1", "--json")
    assert ran.code == 0
    assert ran.json["status"] == "done"
    assert ran.json["decision"]["outcome"] == proposed
    assert ran.json["reviews"][0]["reviewer"] == "qa"
    assert CASE not in waiting("review", "list").out


def test_approving_needs_no_source(waiting: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEWRIGHT_SOURCE_URL", "http://127.0.0.1:9")
    assert waiting("review", "approve", CASE, "--code", "A1").code == 0


def test_a_second_review_is_refused(waiting: Shell) -> None:
    waiting("review", "approve", CASE, "--code", "A1")
    ran = waiting("review", "approve", CASE, "--code", "A1")
    assert ran.code == 2
    assert "it is done" in ran.err


def test_editing_the_outcome_puts_the_reviewer_s_in_place(waiting: Shell) -> None:
    ran = waiting(
        "review", "edit", CASE, "--outcome", "partial", "--code", "E1", "--note", "half", "--json"
    )
    assert ran.code == 0
    assert ran.json["decision"]["outcome"] == "partial"
    assert "qa changed" in ran.json["decision"]["reasons"][-1]


def test_editing_a_factor_lets_the_sop_decide_again(waiting: Shell) -> None:
    change = ("--factor", "platform_fault=yes", "--code", "E4")
    ran = waiting("review", "edit", CASE, *change, "--json")
    assert ran.code == 3
    decision = ran.json["decision"]
    assert (decision["outcome"], decision["row"]) == ("overturn", 2)
    factor = next(f for f in decision["factors"] if f["name"] == "platform_fault")
    assert factor["by"] == "human"
    assert waiting("review", "approve", CASE, "--code", "A1").code == 0


def test_rejecting_fetches_again_and_waits_again(waiting: Shell) -> None:
    ran = waiting("review", "reject", CASE, "--code", "R1", "--json")
    assert ran.code == 3
    assert "gather" in ran.err
    assert ran.json["status"] == "waiting"


@pytest.mark.parametrize(("code", "route"), [("X1", "senior"), ("X2", "legal")])
def test_escalating_raises_the_route(waiting: Shell, code: str, route: str) -> None:
    ran = waiting("review", "escalate", CASE, "--code", code, "--json")
    assert ran.code == 3
    assert ran.json["decision"]["route"] == route


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("approve", CASE), "needs a reason code"),
        (("approve", CASE, "--code", "E1"), "There is no approve code 'E1'"),
        (("edit", CASE, "--code", "E1", "--outcome", "partial"), "needs a note"),
        (("edit", CASE, "--code", "E5"), "either the outcome"),
        (("edit", CASE, "--code", "E5", "--outcome", "overturned"), "Did you mean 'overturn'?"),
        (("edit", CASE, "--code", "E4", "--factor", "in_windw=no"), "Did you mean 'in_window'?"),
        (("edit", CASE, "--code", "E4", "--factor", "in_window"), "NAME=VALUE"),
    ],
)
def test_acts_that_do_not_fit_are_told(
    waiting: Shell, arguments: tuple[str, ...], told: str
) -> None:
    ran = waiting("review", *arguments)
    assert ran.code == 2
    assert told in ran.err
    assert waiting("review", "list").out.count(CASE) == 1


def test_a_citation_is_followed_to_the_raw_evidence(waiting: Shell) -> None:
    decision = waiting("review", "show", CASE, "--json").json["decision"]
    count = len({str(c) for claim in decision["claims"] for c in claim["citations"]})
    kinds = set()
    for number in range(1, count + 1):
        found = waiting("review", "show", CASE, "--cite", str(number), "--json").json
        kinds.add(found["citation"]["kind"])
        if found["evidence"] is not None:
            assert found["evidence"]["digest"] == found["citation"]["reference"]
    assert kinds >= {"evidence", "policy"}
    assert waiting("review", "show", CASE, "--cite", str(count + 1)).code == 2
    assert "sha-256" in waiting("review", "show", CASE, "--cite", "2").out


def test_a_parameter_is_set_within_its_bounds(waiting: Shell) -> None:
    partial = ("review", "edit", CASE, "--outcome", "partial", "--code", "E5")
    ran = waiting(*partial, "--set", "points=0")
    assert ran.code == 2
    assert "0 lies below 1, the lowest value allowed" in ran.err
    ran = waiting(*partial, "--set", "points=half")
    assert (ran.code, "no value of type integer" in ran.err) == (2, True)
    ran = waiting(*partial, "--set", "pionts=1")
    assert (ran.code, "Did you mean 'points'?" in ran.err) == (2, True)
    ran = waiting(*partial, "--set", "points")
    assert (ran.code, "is not NAME=VALUE" in ran.err) == (2, True)
    ran = waiting(*partial, "--set", "points=1", "--json")
    assert (ran.code, ran.json["status"]) == (0, "done")
    (parameter,) = ran.json["decision"]["parameters"]
    assert (parameter["value"], parameter["set_by"]) == (1, "qa")
    (write,) = ran.json["decision"]["enforcement"]
    assert (write["do"], write["arguments"]["points"], write["lacks"]) == ("void_points", 1, [])
    cited = parameter["citations"][0]
    assert cited["quote"] == 1
    assert "→ void_points" in waiting("review", "show", CASE).out


def test_facts_and_parameters_are_not_edited_at_once(waiting: Shell) -> None:
    both = ("--factor", "platform_fault=yes", "--set", "points=1", "--code", "E4")
    ran = waiting("review", "edit", CASE, *both)
    assert (ran.code, "name one." in ran.err) == (2, True)
