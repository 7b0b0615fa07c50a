from __future__ import annotations

from typing import Any

import pytest

Shell = Any  # the class in conftest.py, which importlib mode keeps out of reach

CASE = "case_000233"
TEAM = (
    '{"qa": {"roles": ["reviewer"]}, "ben": {"roles": ["analyst"]},'
    ' "eve": {"roles": ["reviewer"], "regions": ["nowhere"]}}'
)


@pytest.fixture
def waiting(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell whose home has one case at the gate, and a team."""
    assert shell("investigate", CASE).code == 3
    monkeypatch.setenv("CASEWRIGHT_TEAM", TEAM)
    return shell


def test_a_case_is_found_by_whom_and_what_it_is_about(waiting: Shell) -> None:
    case = waiting("review", "show", CASE, "--as", "ben", "--json").json["case"]
    for text in (CASE, CASE[:8], case["seller_id"], case["subject"]["appeal_id"]):
        (hit,) = waiting("review", "find", text, "--json").json
        assert (hit["case_id"], hit["status"]) == (CASE, "waiting")
    assert CASE in waiting("review", "find", "--status", "waiting").out
    assert "Nothing is found." in waiting("review", "find", CASE, "--status", "done").out
    assert "Nothing is found." in waiting("review", "find", CASE, "--as", "eve").out


def test_with_a_team_personal_data_is_shown_for_a_reason(waiting: Shell) -> None:
    refused = waiting("review", "show", CASE, "--reveal", "decide", "--as", "ben")
    assert refused.code == 2
    assert "may not see personal data" in refused.err
    assert waiting("review", "show", CASE, "--reveal", "other").code == 2
    assert waiting("review", "show", CASE, "--reveal", "other", "--why", "a call").code == 0
    said = waiting("audit", "show", CASE, "--json").json
    assert [one["body"]["reason"] for one in said if one["kind"] == "revealed"] == ["other"]
    views = [one["body"].get("masked") for one in said if one["kind"] == "viewed"]
    assert views == [None]
    waiting("review", "show", CASE, "--as", "ben")
    last = waiting("audit", "show", CASE, "--json").json[-1]
    assert (last["actor"]["id"], last["body"]["masked"]) == ("ben", True)
