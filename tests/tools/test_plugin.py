"""An installed package brings a tool, a statistic and a write tool, for SOPs to name."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tools.enforcement import offered as writes_offered
from tools.statistic import offered

PACKAGE = Path(__file__).parents[1] / "plugin_package"
AS_OF = datetime(2026, 6, 3, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """A folder into which pip installed the plugin package."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("site")
    for file in PACKAGE.glob("*.*"):
        (source / file.name).write_bytes(file.read_bytes())
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    how = ["--no-deps", "--no-index", "--no-build-isolation", "--no-compile"]
    subprocess.run([*pip, *how, "--target", str(target), str(source)], check=True)
    return target


async def test_an_installed_package_brings_its_tool(installed, workshop, monkeypatch):
    async with workshop.open() as toolbox:
        assert "next_working_day" not in toolbox.names()
    monkeypatch.syspath_prepend(str(installed))
    async with workshop.open() as toolbox:
        saturday = {"region": "DE", "day": "2026-10-03"}
        evidence = await toolbox.call("next_working_day", saturday, as_of=AS_OF)
        assert evidence.data == {"day": "2026-10-05", "waited_days": 2}
        assert evidence.source == "casewright_holidays"
        assert toolbox.tool("next_working_day").declared_in == ""


def test_an_installed_package_brings_its_statistic(installed, monkeypatch):
    assert "closed_share" not in offered()
    monkeypatch.syspath_prepend(str(installed))
    found = offered()["closed_share"]
    saturday_holiday = datetime(2026, 10, 3, tzinfo=UTC)
    assert found.value({"first": saturday_holiday, "days": 4}) == 0.5
    assert found.value({"first": saturday_holiday, "days": 0}) is None


def test_an_installed_package_brings_its_write_tool(installed, monkeypatch):
    assert "move_pickup" not in writes_offered()
    monkeypatch.syspath_prepend(str(installed))
    found = writes_offered()
    assert (found["move_pickup"].path, "add_points" in found) == ("/v1/pickups/move", True)
