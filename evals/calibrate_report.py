"""A calibration as people read it. Programs take ``calibration.model_dump(mode="json")``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casewright.calibration import Calibration, Slice
from evals.tables import new_table, plain

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table

HEADS = (
    "outcome",
    "tested",
    "passing",
    "wrong",
    "threshold",
    "coverage",
    "error at most",
    "reviews needed",
)


def render_calibration(found: Calibration, *, kept: bool) -> Group:
    """Lay a calibration out for a terminal.

    Args:
        found: The calibration.
        kept: Whether it was written to the store.
    """
    from rich.console import Group

    return Group(plain(_heading(found)), _slices(found), plain(_ending(found, kept)))


def _heading(found: Calibration) -> str:
    truths = ", ".join(f"{count} by {name}" for name, count in sorted(found.truths.items()))
    promise = f"at most {found.target:.1%} wrong, with {found.confidence:.0%} confidence in all"
    simulated = ""
    if found.truths.get("simulation"):
        simulated = "\nSIMULATED: what is promised here holds for the simulation alone."
    cases = f"{found.fitted} reviewed cases taught the confidence, {found.tested} tested it"
    return f"{found.version}: {promise}\n{cases}; truth known {truths}{simulated}\n"


def _slices(found: Calibration) -> Table:
    table = new_table("", *HEADS)
    for one in found.slices:
        passing = one.threshold is not None
        table.add_row(
            plain(one.name),
            str(one.reviews),
            str(one.accepted) if passing else f"({one.accepted})",
            str(one.errors) if passing else f"({one.errors})",
            f"{one.threshold:.4f}" if one.threshold is not None else "none",
            f"{one.coverage:.1%}",
            f"{one.upper:.2%}",
            plain(wanting(one)),
        )
    return table


def wanting(one: Slice) -> str:
    """How many reviews a slice lacks for a threshold; empty where it has one."""
    if one.threshold is not None:
        return ""
    # No number will do where the surest err too often.
    return "none will do" if one.needed is None else f"{one.needed:,} more"


def _ending(found: Calibration, kept: bool) -> str:
    if not any(one.threshold is not None for one in found.slices):
        held = "No threshold holds: every decision waits for a person."
    else:
        held = "Below its threshold, and where there is none, a decision waits for a person."
    until = f"It is believed until {found.expires_at:%Y-%m-%d}."
    return f"\n{held} {until if kept else 'A dry run: nothing was written.'}"
