"""The command line as a user meets it, against the simulated marketplace over HTTP."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import cli
from sandbox.server import Endpoint


@dataclass(frozen=True)
class Ran:
    """What one command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def timeless(self) -> dict[str, Any]:
        """A report of ``eval run --json``, without how long the cases took."""
        measures = [one for one in self.json["measures"] if one["name"] != "time per case"]
        return {**self.json, "measures": measures}


class Shell:
    """Runs commands in this process, with one home folder."""

    def __init__(self, home: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.home = home
        self._capture = capture

    def __call__(self, *arguments: str) -> Ran:
        self._capture.readouterr()
        code = cli.run(["--home", str(self.home), *arguments])
        told = self._capture.readouterr()
        return Ran(code, told.out, told.err)


@pytest.fixture
def shell(
    tmp_path: Path,
    marketplace: Endpoint,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Shell:
    """A shell whose source is the shared marketplace."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CASEWRIGHT_SOURCE_URL", marketplace.base_url)
    monkeypatch.setenv("CASEWRIGHT_SOURCE_TOKEN", marketplace.read_token)
    monkeypatch.setenv("CASEWRIGHT_SOURCE_TIMEOUT_S", "60")  # two cores for all tests
    monkeypatch.setenv("CASEWRIGHT_REVIEWER", "qa")
    monkeypatch.setenv("COLUMNS", "120")
    return Shell(tmp_path / "home", capsys)
