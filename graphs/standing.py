"""How a batch stands, for people and programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from casewright.base import Model
from casewright.batching import Batch, Ended, Tally
from casewright.bill import UNIT
from casewright.visible import visible
from graphs.summary import Failed, failed_of, render_failed, stands


class Standing(Model):
    """A batch, how its cases stand, and the first of what failed for good."""

    batch: Batch
    tally: Tally
    failed: tuple[Failed, ...] = ()

    @classmethod
    def of(cls, batch: Batch, tally: Tally, parked: Sequence[Ended] = ()) -> Standing:
        """Put together what the store says of a batch."""
        return cls(batch=batch, tally=tally, failed=failed_of(parked))

    @property
    def state(self) -> str:
        """How it stands, in a word or two."""
        return self.batch.why or self.batch.state

    @property
    def money(self) -> str:
        """What it has cost so far, and what it may cost."""
        most, currency = self.batch.plan.max_micros, self.batch.plan.currency
        spent = _amount(self.tally.micros)
        return f"{spent} of {_amount(most)} {currency}" if most else spent

    def told(self) -> dict[str, Any]:
        """As programs read it."""
        return {
            **self.batch.model_dump(mode="json"),
            "tally": self.tally.told(),
            "failed": [one.model_dump() for one in self.failed],
        }


def render_standing(standing: Standing) -> RenderableType:
    """One batch for people."""
    batch, tally = standing.batch, standing.tally
    table = Table.grid(padding=(0, 2))
    rows = {
        "batch": f"{batch.batch_id}: {standing.state}",
        "begun": f"{batch.at:%Y-%m-%d %H:%M:%S} UTC"
        + (f", by {batch.author}" * bool(batch.author)),
        "chosen": batch.plan.chosen,
        "cases": stands(tally),
        "retried": f"{tally.retried:,} tries" if tally.retried else "",
        "cost": standing.money if tally.micros or batch.plan.max_micros else "",
    }
    for name, value in rows.items():
        if value:
            table.add_row(name, Text(visible(value)))
    parts: list[RenderableType] = [table]
    if batch.state == "stopped":
        parts.append(Text(f"Go on: casewright batch resume {batch.batch_id}"))
    if standing.failed:
        parts.append(render_failed(batch.batch_id, standing.failed, tally.parked))
    return Group(*parts)


def render_standings(standings: Sequence[Standing]) -> RenderableType:
    """All batches for people."""
    if not standings:
        return Text("There is no batch yet: `casewright batch run` starts one.")
    table = Table("batch", "state", "done", "failed", "left", "cost", "chosen", box=None)
    for one in standings:
        tally = one.tally
        left = tally.pending + tally.leased
        counts = (f"{tally.ended:,} of {tally.total:,}", f"{tally.parked:,}", f"{left:,}")
        cells = (one.batch.batch_id, one.state, *counts, one.money, one.batch.plan.chosen)
        table.add_row(*(Text(visible(cell)) for cell in cells))
    return table


def _amount(micros: int) -> str:
    return f"{micros / UNIT:,.6f}".rstrip("0").rstrip(".")
