"""The benchmark of a batch's throughput runs: both sides ask the same, and the parts add up."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_batch_and_the_script_make_the_same_requests(world: Path, tmp_path: Path) -> None:
    (tmp_path / "sandbox").symlink_to(world)
    command = [sys.executable, str(ROOT / "benchmarks" / "throughput.py"), "--small"]
    ran = subprocess.run(
        [*command, "--cases", "5", "--memory", "0", "--closed", "20", "--home", str(tmp_path)],
        cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    asked = re.findall(r"([\d.]+) requests/case", ran.stdout)
    assert len(asked) == 2
    assert asked[0] == asked[1]
    assert float(asked[0]) > 2
    shares = re.findall(r"ms/case +([\d.]+)%", ran.stdout)
    assert abs(sum(map(float, shares)) - 100) < 2
    assert re.search(r"^  HTTP +", ran.stdout, re.MULTILINE)
    assert re.search(r"^ratio [\d.]+, target 0.6: (met|MISSED)", ran.stdout, re.MULTILINE)
