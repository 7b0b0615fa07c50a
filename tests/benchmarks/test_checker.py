"""The checker's benchmark runs, and its table of ten factors is sound and within its limit."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_benchmark_runs_on_one_sop() -> None:
    command = [sys.executable, str(ROOT / "benchmarks" / "checker.py"), "--only", "ten_factors"]
    ran = subprocess.run(
        command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    head, line = ran.stdout.splitlines()
    name, factors, rows, load, prove, limit, findings = line.split()
    assert (name, factors, rows, findings) == ("ten_factors", "10", "22", "0")
    assert 0 < float(load) + float(prove) < float(limit)
    assert head.split()[0] == "SOP"
