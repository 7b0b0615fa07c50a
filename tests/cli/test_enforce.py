"""``enforce`` and ``review undo``, as a shell sees them."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.server import Endpoint

Shell = Any  # the class in conftest.py, which importlib mode keeps out of reach


@pytest.fixture
def decided(
    shell: Shell, plain_case: str, marketplace: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> str:
    """The plain case decided, what it does due a moment later."""
    monkeypatch.setenv("CASEWRIGHT_ENFORCE", "on")
    monkeypatch.setenv("CASEWRIGHT_ENFORCE_TOKEN", marketplace.enforce_token)
    monkeypatch.setenv("CASEWRIGHT_UNDO_MINUTES", "0.0001")
    assert shell("investigate", plain_case).code == 3
    edit = ("review", "edit", plain_case, "--outcome", "overturn", "--code", "E3")
    assert shell(*edit).code == 0
    return plain_case


def test_what_is_due_is_shown_sent_and_undone(shell: Shell, decided: str) -> None:
    [waits] = shell("enforce", "list", "--json").json
    [shown] = shell("enforce", "run", "--dry-run", "--json").json
    assert shown == shell("enforce", "show", decided, "--json").json[0]
    assert (shown["method"], shown["path"]) == ("POST", "/v1/enforcement/void_points")
    assert (shown["key"], shown["case_id"]) == (waits["key"], decided)
    sent = shell("enforce", "run")
    assert (sent.code, sent.out) == (0, "1 done, 0 refused, 0 to be tried again\n")
    assert f"{decided}: void_points done" in sent.err
    assert shell("enforce", "list").out == "Nothing waits to be sent.\n"
    assert "is taken back by add_points" in shell("review", "undo", decided).out
    refused = shell("review", "undo", decided, "--why", "Too early.")
    assert (refused.code, "--yes" in refused.err) == (2, True)
    undone = shell("review", "undo", decided, "--why", "Too early.", "--yes")
    assert undone.code == 3
    assert shell("audit", "verify").code == 0


def test_watching_and_showing_exclude_each_other(shell: Shell) -> None:
    assert shell("enforce", "run", "--watch", "--dry-run").code == 2
    assert shell("review", "undo", "case_1", "--yes").code == 2
