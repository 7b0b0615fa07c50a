from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

Shell = Any  # the class in conftest.py, which importlib mode keeps out of reach
ROOT = Path(__file__).parents[2]
LINK = re.compile(r"(http://127\.0\.0\.1:\d+)/sign-in\?token=(\S+)")


@contextmanager
def console(shell: Shell, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = (sys.executable, str(ROOT / "cli.py"), "--home", str(shell.home), "console")
    process = subprocess.Popen(
        [*command, "--port", "0", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
        # A shell in the background has its children ignore Ctrl-C, and they pass that on.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_the_link_that_is_printed_signs_in_and_a_signal_ends_it(
    shell: Shell, end: signal.Signals
) -> None:
    with console(shell) as process:
        assert process.stderr is not None
        found = LINK.search(process.stderr.readline())
        assert found, process.stderr.read()
        with httpx.Client(base_url=found[1]) as browser:
            assert browser.post("/sign-in", data={"token": found[2]}).status_code == 303
            assert "qa" in browser.get("/", follow_redirects=True).text
        process.send_signal(end)
        _, told = process.communicate(timeout=60)
        assert process.returncode == 130
    assert "qa signed in from 127.0.0.1 (link)" in told
    assert "Nothing is lost" in told
    assert "Traceback" not in told


def test_beyond_this_machine_it_asks_for_what_is_missing(shell: Shell) -> None:
    ran = shell("console", "--host", "0.0.0.0")
    assert ran.code == 2
    assert "casewright key new" in ran.err
    ran = shell("console", "--behind-proxy")
    assert ran.code == 2


def test_who_is_not_on_the_team_is_not_signed_in(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASEWRIGHT_TEAM", '{"ana": {"roles": ["senior"]}}')
    ran = shell("console")
    assert ran.code == 2
    assert "qa is not on the team" in ran.err


@pytest.mark.parametrize(
    "arguments", [("--key-file", "k.pem"), ("--cert", "nowhere.pem"), ("--port", "70000")]
)
def test_what_does_not_go_together_is_told(shell: Shell, arguments: tuple[str, ...]) -> None:
    assert shell("console", *arguments).code == 2


def test_a_key_is_shown_once_listed_and_revoked(shell: Shell) -> None:
    made = shell("key", "new", "--name", "nightly", "--as", "bo", "--days", "3", "--json").json
    assert re.fullmatch(r"cw_[0-9a-f]{12}_[\w-]{43}", made["key"])
    listed = shell("key", "list")
    assert made["key_id"] in listed.out
    assert "never" in listed.out
    assert made["key"].split("_", 2)[2] not in listed.out
    assert shell("key", "revoke", made["key_id"]).code == 0
    again = shell("key", "revoke", made["key_id"], "--json").json
    assert again["revoked_at"]
    assert "revoked" in shell("key", "list").out


def test_a_key_that_is_not_there_is_told(shell: Shell) -> None:
    assert "There are no keys." in shell("key", "list").out
    assert shell("key", "revoke", "0123456789ab").code == 2


@pytest.mark.parametrize("name", ["", " ", "x" * 101, "two\nlines", "\x1b[31m"])
def test_a_key_s_name_is_one_plain_line(shell: Shell, name: str) -> None:
    assert shell("key", "new", "--name", name, "--as", "bo").code == 2
    assert shell("key", "list", "--json").json == []


def test_a_key_is_for_somebody_on_the_team(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEWRIGHT_TEAM", '{"ana": {"roles": ["senior"]}}')
    assert shell("key", "new", "--name", "x", "--as", "ana").code == 0
    ran = shell("key", "new", "--name", "x", "--as", "bo")
    assert ran.code == 2
    assert "bo is not on the team" in ran.err
