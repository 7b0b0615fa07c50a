"""The benchmarks of batches run, each on a few cases: what they print, and what they find."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def home(world: Path, tmp_path: Path) -> Path:
    """A home folder with the world that all tests share."""
    (tmp_path / "sandbox").symlink_to(world)
    return tmp_path


def ran(name: str, home: Path, *arguments: str) -> str:
    command = [sys.executable, str(ROOT / "benchmarks" / f"{name}.py"), "--small"]
    done = subprocess.run(
        [*command, "--home", str(home), "--concurrency", "4", *arguments],
        cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_batch_and_the_script_make_the_same_requests(home: Path) -> None:
    told = ran(
        "throughput", home, "--cases", "4", "--memory", "0", "--sampled", "0", "--closed", "10"
    )
    asked = re.findall(r"([\d.]+) requests/case", told)
    assert len(asked) == 2
    assert asked[0] == asked[1]
    assert float(asked[0]) > 2
    assert re.search(r"^ratio [\d.]+, target 0.6: (met|MISSED)", told, re.MULTILINE)


def test_nothing_is_lost_while_all_fails_now_and_then(home: Path) -> None:
    told = ran("chaos", home, "--cases", "4", "--away", "0.5", "--alone", "--rate", "0.2")
    assert "; 0 lost, 0 twice, 0 faults in the log" in told
    (kinds,) = re.findall(r"^marketplace: \d+ calls: (.*)$", told, re.MULTILINE)
    assert len({one.split()[1] for one in kinds.split(", ")}) > 2


def test_a_batch_that_is_killed_loses_nothing(home: Path) -> None:
    told = ran("batch_kills", home, "--cases", "6", "--times", "1", "--seed", "3")
    killed = next(line for line in told.splitlines() if line.startswith("killed:"))
    assert "; 0 lost, 0 twice, 0 faults in the log; 0 proposals differ" in killed
    assert "0 kills cost more than one" in told


def test_what_a_case_costs_is_told_by_size(home: Path) -> None:
    told = ran("growth", home, "--sizes", "6", "30", "--base", "3", "--cases", "4", "--rounds", "1")
    sizes = re.findall(r"^ +(\d+) cases +\d+ MB .* +([\d.]+)$", told, re.MULTILINE)
    assert [(size, float(ratio) > 0) for size, ratio in sizes] == [("6", True), ("30", True)]
    assert sizes[0][1] == "1.00"


def test_the_ideal_is_what_the_calls_take(home: Path) -> None:
    told = ran("latency", home, "--cases", "4", "--latency", "20")
    batch, script = re.findall(r"^(?:batch|script) +(\d+) calls in +([\d.]+) s", told, re.MULTILINE)
    assert batch[0] == script[0]
    share = float(re.findall(r"^([\d.]+) of the ideal, target 0.9", told, re.MULTILINE)[0])
    assert share == pytest.approx(int(batch[0]) * 0.02 / 4 / float(batch[1]), abs=0.01)
