"""What waits to be sent, and what a delivery did, for people."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from casewright.store.outbox import Waits
from casewright.visible import visible
from graphs.deliver import Delivered


def render_waits(found: Sequence[Waits]) -> RenderableType:
    """What waits, one line a write, whatever is due first."""
    if not found:
        return Text("Nothing waits to be sent.")
    table = Table("case", "write", "next", "tries", "failed with", box=None)
    for one in found:
        cells = (one.case_id, one.do, f"{one.next_at:%Y-%m-%d %H:%M:%S}", str(one.attempts))
        table.add_row(*(Text(visible(cell)) for cell in (*cells, one.last_error or "-")))
    return table


def render_delivered(found: Delivered) -> Text:
    """What a delivery did, and what somebody has to look at."""
    counts = f"{found.done} done, {found.refused} refused, {found.failed} to be tried again"
    return Text("\n".join((counts, *map(alarm, found.stuck))))


def alarm(one: Waits) -> str:
    """That a write has failed so often that somebody has to look."""
    return visible(f"error: {one.case_id}: {one.do} failed {one.attempts} times: {one.last_error}")
