"""`eval metrics` as a user meets it."""

import json
from pathlib import Path

import pytest

import cli
from evals import measures
from evals.metric_commands import line_of
from evals.metric_plugin import BUILT_IN

NAMES = [one.name for one in BUILT_IN]


@pytest.fixture(autouse=True)
def built_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """The built-in metrics, whatever the metadata of the installed package says."""
    monkeypatch.setattr(measures, "metrics", lambda: {one.name: one for one in BUILT_IN})


def test_every_built_in_metric_says_in_one_line_what_it_is() -> None:
    for metric in BUILT_IN:
        assert line_of(metric).endswith(".")


def test_metrics_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--home", str(tmp_path), "eval", "metrics", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in found] == NAMES
    assert cli.run(["--home", str(tmp_path), "eval", "metrics"]) == 0
    assert "risk-coverage area" in capsys.readouterr().out
