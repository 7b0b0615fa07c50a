"""Killed at a few random instants, nothing is lost, done twice or broken; see the benchmark."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_three_kills_of_each_act_do_no_harm(world: Path) -> None:
    command = [sys.executable, str(ROOT / "benchmarks" / "kills.py"), "--times", "3"]
    ran = subprocess.run(
        [*command, "--world", str(world)],
        cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    clean = "3 killed, 0 lost, 0 doubled, 0 chains broken, 0 not finished"
    acts = [line for line in ran.stdout.splitlines() if clean in line]
    assert [line.partition(":")[0] for line in acts] == ["approve", "enforce", "undo"]
