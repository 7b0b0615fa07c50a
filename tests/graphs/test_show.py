"""How the built-in SOP looks to people."""

from __future__ import annotations

from rich.console import Console
from syrupy.assertion import SnapshotAssertion

from graphs.show import render_sop
from graphs.sop import Sop


def test_the_built_in_sop_reads_well(late: Sop, snapshot: SnapshotAssertion) -> None:
    console = Console(width=120, color_system=None, force_terminal=False)
    with console.capture() as captured:
        console.print(render_sop(late))
    lines = [line.rstrip() for line in captured.get().splitlines()]
    assert "\n".join(lines) == snapshot
    told = captured.get()
    assert all(name in told for name in (*late.actions, *late.factors))
