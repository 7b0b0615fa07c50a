"""What was promised, as people read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from casewright.calibration import Slice
from evals.calibrate_report import wanting
from evals.promise import Promised
from evals.tables import new_table, plain

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

HEADS = ("outcome", "threshold", "looked at", "wrong", "evidence", "limit", "")


def render_promises(found: Sequence[Promised], at: datetime) -> RenderableType:
    """Lay promises out for a terminal, as they stand at a moment."""
    from rich.console import Group

    if not found:
        return plain("Nothing was promised: `casewright eval calibrate` learns what can be.")
    return Group(*(part for one in found for part in _promise(one, at)))


def _promise(one: Promised, at: datetime) -> Iterator[RenderableType]:
    calibration = one.standing.calibration
    expired = at >= calibration.expires_at
    until = f"{'EXPIRED on' if expired else 'until'} {calibration.expires_at:%Y-%m-%d}"
    what = f"at most {calibration.target:.1%} wrong, {until}, by {calibration.author}"
    yield plain(f"{calibration.version}: {what}")
    yield plain(f"{one.automatic} of its newest {one.recent} cases passed automatically")
    yield _table(one)
    for drift in one.drifts:
        if drift.told:
            shift = f"index {drift.index:.2f}, by chance {drift.p:.1g}"
            yield plain(f"Drift: the {drift.what} of the last {drift.recent} cases: {shift}")


def _table(one: Promised) -> Table:
    table = new_table("", *HEADS)
    figures = {(w.outcome, w.region): w for w in one.watched}
    for slice_ in (None, *one.standing.calibration.slices):
        key = (slice_.outcome, slice_.region) if slice_ else ("", "")
        seen = figures.get(key)
        counts = ("-",) * 4
        if seen is not None:
            evidence = f"{seen.evidence:.3g}"
            counts = (str(seen.looked), str(seen.errors), evidence, f"{seen.limit:.0f}")
        name = slice_.name if slice_ else "all together"
        table.add_row(plain(name), _threshold(slice_), *counts, plain(_state(one, slice_)))
    return table


def _threshold(one: Slice | None) -> str:
    if one is None:
        return ""
    return "none" if one.threshold is None else f"{one.threshold:.4f}"


def _state(one: Promised, slice_: Slice | None) -> str:
    if slice_ is None:
        off = next((off for off in one.standing.off if not off.outcome), None)
    else:
        off = one.standing.off_for(slice_)
        if slice_.threshold is None:
            return f"reviews needed: {wanting(slice_)}"
    return f"SWITCHED OFF on {off.at:%Y-%m-%d}: {off.why}" if off else ""
