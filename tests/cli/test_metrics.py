"""``eval run`` with its metrics and slices, and ``eval metrics``."""

from pathlib import Path

import pytest

from evals import measures
from evals.metric_plugin import BUILT_IN
from tests.cli.conftest import Shell

NAMES = [one.name for one in BUILT_IN]


@pytest.fixture(autouse=True)
def built_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """The built-in metrics, whatever the metadata of the installed package says."""
    monkeypatch.setattr(measures, "metrics", lambda: {one.name: one for one in BUILT_IN})


def test_a_run_has_what_every_metric_says(shell: Shell, world: Path) -> None:
    ran = shell("eval", "run", str(world / "gold.jsonl"), "--limit", "6", "--json")
    found = {one["name"]: one for one in ran.json["measures"]}
    assert [*found] == NAMES
    assert found["citation validity"]["value"] == 1
    assert found["cost-weighted loss"]["unit"] == "USD"
    assert found["time per case"]["value"] > 0
    assert found["calibration error"]["value"] is None
    assert {one["dimension"] for one in ran.json["slices"]} >= {"outcome", "impact"}


def test_metrics_are_listed(shell: Shell) -> None:
    assert [one["name"] for one in shell("eval", "metrics", "--json").json] == NAMES
