"""What came of a batch: counts, percentiles, cost, what limited it, and what failed for good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from casewright.base import Model
from casewright.batching import Batch, BatchState, Ended, Tally
from casewright.bill import UNIT, bill
from casewright.cost import Cost
from casewright.visible import visible
from graphs.progress import Progress

LISTED: Final = 20
"""Cases that are listed; of the others it is told how many they are."""

DONE: Final = 100
"""Percent."""


class Failed(Model):
    """A case that failed for good, and why."""

    case_id: str
    error: str


class Summary(Model):
    """What came of a batch.

    Attributes:
        batch_id: The batch.
        state: How it stands.
        why: Why it was stopped.
        tally: How its cases stand, all of them.
        here: Cases that ended in this command; what follows is told of these.
        seconds: How long the command went on.
        rate: Cases a second.
        outcomes: How often each outcome came.
        routes: How often each route came.
        percentiles: Seconds within which 50, 95 and 99 of 100 cases ended.
        cost: What they used.
        currency: ISO 4217 code of its money.
        limits: What limited the pace, each with its share of the time, most first.
        shared: Fetches that cases had from others; None where nobody counted.
        failed: What failed for good, the first ones.
    """

    batch_id: str
    state: BatchState
    why: str = ""
    tally: Tally
    here: int = 0
    seconds: float = 0.0
    rate: float = 0.0
    outcomes: Mapping[str, int] = {}
    routes: Mapping[str, int] = {}
    percentiles: Mapping[str, float] = {}
    cost: Cost = Cost()
    currency: str = ""
    limits: Mapping[str, float] = {}
    shared: int | None = None
    failed: tuple[Failed, ...] = ()

    @property
    def left(self) -> int:
        """Cases that something is still to happen to."""
        return self.tally.pending + self.tally.leased


def summary_of(
    batch: Batch,
    progress: Progress,
    parked: Sequence[Ended],
    *,
    limits: Mapping[str, float],
    shared: int | None,
) -> Summary:
    """Sum a batch up.

    Args:
        batch: The batch as it stands.
        progress: What ended in this command, and how all its cases stand.
        parked: What failed for good.
        limits: What limited the pace.
        shared: Fetches that were shared.
    """
    seconds = progress.seconds
    return Summary(
        batch_id=batch.batch_id,
        state=batch.state,
        why=batch.why,
        tally=progress.tally,
        here=progress.here,
        seconds=round(seconds, 3),
        rate=round(progress.here / seconds, 3) if seconds > 0 else 0.0,
        outcomes=dict(progress.outcomes.most_common()),
        routes=dict(progress.routes.most_common()),
        percentiles={name: round(value, 3) for name, value in progress.percentiles().items()},
        cost=progress.cost,
        currency=progress.currency,
        limits={why: round(share, 3) for why, share in limits.items()},
        shared=shared,
        failed=failed_of(parked),
    )


def failed_of(parked: Sequence[Ended]) -> tuple[Failed, ...]:
    """The first of what failed for good, with its reasons."""
    return tuple(Failed(case_id=one.case_id, error=one.ending.error) for one in parked[:LISTED])


def render_summary(summary: Summary) -> RenderableType:
    """The summary for people."""
    parts: list[RenderableType] = [_table(summary)]
    if told := render_next(summary):
        parts += [Text(), told]
    if summary.failed:
        parts += [Text(), render_failed(summary.batch_id, summary.failed, summary.tally.parked)]
    return Group(*parts)


def render_failed(batch_id: str, failed: Sequence[Failed], count: int) -> Text:
    """What failed for good, and how it is tried again."""
    lines = [f"{count:,} failed:"]
    lines += [f"  {visible(one.case_id)}  {visible(one.error)}" for one in failed]
    if count > len(failed):
        lines.append(f"  and {count - len(failed):,} more")
    return Text("\n".join([*lines, f"Try again: casewright batch retry {batch_id}"]))


def _table(summary: Summary) -> Table:
    table = Table.grid(padding=(0, 2))
    for name, value in _rows(summary):
        if value:
            table.add_row(name, Text(value))
    return table


def _rows(summary: Summary) -> Sequence[tuple[str, str]]:
    tally = summary.tally
    return (
        ("batch", f"{summary.batch_id}: {summary.state}"),
        ("cases", stands(tally)),
        ("outcomes", _counts(summary.outcomes)),
        ("routes", _counts(summary.routes)),
        ("pace", _pace(summary)),
        ("limited by", _shares(summary.limits)),
        ("shared", _shared(summary.shared)),
        ("retried", f"{tally.retried:,} tries" if tally.retried else ""),
        ("cost", _cost(summary)),
    )


def stands(tally: Tally) -> str:
    """How the cases of a batch stand, in words."""
    counts = {
        "at the gate or decided": tally.ended,
        "failed for good": tally.parked,
        "in flight": tally.leased,
        "not begun": tally.pending,
        "taken out": tally.cancelled,
    }
    told = [f"{count:,} {name}" for name, count in counts.items() if count]
    return f"{tally.total:,}: {', '.join(told)}" if told else "none"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items())


def _pace(summary: Summary) -> str:
    if not summary.here:
        return ""
    times = ", ".join(f"{value:.1f} s ({name})" for name, value in summary.percentiles.items())
    took = f"{summary.here:,} in {span(summary.seconds)}, {summary.rate:,.1f} a second"
    return f"{took}; a case took {times}"


def _shares(limits: Mapping[str, float]) -> str:
    return ", ".join(f"{why} {share:.0%}" for why, share in limits.items() if share >= 1 / DONE)


def _shared(shared: int | None) -> str:
    return f"{shared:,} fetches were shared by cases" if shared else ""


def _cost(summary: Summary) -> str:
    here = bill(summary.cost, summary.currency) if summary.cost.model_calls else ""
    rest = summary.tally.micros - summary.cost.micros
    if rest <= 0:
        return here
    whole = f"{summary.tally.micros / UNIT:,.6f}".rstrip("0").rstrip(".")
    return f"{here or 'no model call'}; of the whole batch {whole} {summary.currency}".rstrip()


def render_next(summary: Summary) -> Text | None:
    """What is left, and how it goes on; None where nothing is."""
    if not summary.left or summary.state == "cancelled":
        return None
    why = f"Stopped: {summary.why}. " if summary.why else ""
    return Text(f"{why}{summary.left:,} are left: casewright batch resume {summary.batch_id}")


def span(seconds: float) -> str:
    """A time in words: seconds, minutes, or hours and minutes."""
    if seconds < 60:
        return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60:02d} min"
