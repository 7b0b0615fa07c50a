"""How people and programs are told how far a batch is: a bar, lines, JSON lines, or nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol

from casewright.bill import UNIT
from casewright.visible import visible
from graphs.progress import Progress
from graphs.summary import span

if TYPE_CHECKING:
    from rich.console import Console

MANY: Final = 4
"""Outcomes that a line names."""


class Teller(Protocol):
    """Tells how far a batch is."""

    every_s: float
    """How often it wants to, in seconds."""

    def begin(self, batch_id: str, progress: Progress) -> None:
        """The batch begins, or goes on."""
        ...

    def tick(self, progress: Progress, why: str) -> None:
        """A moment has passed.

        Args:
            progress: How far it is.
            why: What limits the pace, or is waited for; empty: nothing.
        """
        ...

    def say(self, words: str) -> None:
        """Something happened that people are to know now."""
        ...


class Quiet:
    """Tells what people have to know, and no more.

    Args:
        console: stderr.
    """

    every_s = 10.0

    def __init__(self, console: Console) -> None:
        self._console = console

    def begin(self, batch_id: str, progress: Progress) -> None:
        """Nothing."""

    def tick(self, progress: Progress, why: str) -> None:
        """Nothing."""

    def say(self, words: str) -> None:
        """Print it."""
        self._console.print(words, markup=False, emoji=False, soft_wrap=True)


class Lines(Quiet):
    """A line every ten seconds, for logs."""

    def begin(self, batch_id: str, progress: Progress) -> None:
        """Its id, and how many cases."""
        self.say(f"Batch {batch_id}: {begun(progress)}.")

    def tick(self, progress: Progress, why: str) -> None:
        """How far it is."""
        self.say(f"{place(progress)}, {detail(progress, why)}")


class JsonLines:
    """A JSON object a line, for programs.

    Args:
        console: stderr.
    """

    every_s = 10.0

    def __init__(self, console: Console) -> None:
        self._console = console

    def begin(self, batch_id: str, progress: Progress) -> None:
        """Its id, and how many cases."""
        self.event("begun", {"batch_id": batch_id, **progress.told()})

    def tick(self, progress: Progress, why: str) -> None:
        """How far it is."""
        self.event("progress", {**progress.told(), "limited_by": why or None})

    def say(self, words: str) -> None:
        """As a note."""
        self.event("note", {"text": words})

    def event(self, name: str, told: dict[str, Any]) -> None:
        """Print one object."""
        line = json.dumps({"event": name, **told}, ensure_ascii=False)
        self._console.print(line, markup=False, emoji=False, soft_wrap=True)


class Bar(Quiet):
    """A bar that stays at the bottom of a terminal, with what a line would tell below it.

    Args:
        console: stderr.
        beside: Whether results are printed to the same terminal.
    """

    every_s = 0.5

    def __init__(self, console: Console, *, beside: bool) -> None:
        super().__init__(console)
        from rich.progress import BarColumn, Progress, TextColumn

        columns = TextColumn("{task.fields[place]}"), BarColumn(), TextColumn("{task.fields[more]}")
        # Results that go to a file or a pipe must not be drawn into the terminal.
        self._shown = Progress(*columns, console=console, redirect_stdout=beside)
        self._task = self._shown.add_task("cases", total=None, place="", more="")

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show it inside."""
        with self._shown:
            yield

    def begin(self, batch_id: str, progress: Progress) -> None:
        """Its id, and the first stand."""
        self.say(f"Batch {batch_id}: {begun(progress)}.")
        self.tick(progress, "")

    def tick(self, progress: Progress, why: str) -> None:
        """How far it is."""
        tally = progress.tally
        self._shown.update(
            self._task,
            total=tally.total,
            completed=tally.over,
            place=place(progress),
            more=detail(progress, why),
        )


@contextmanager
def told_to(console: Console, *, quiet: bool, jsonl: bool, beside: bool) -> Iterator[Teller]:
    """The teller for this terminal, log or program.

    Args:
        console: stderr.
        quiet: Tell what people have to know alone.
        jsonl: Tell programs.
        beside: Whether results are printed to the same terminal.
    """
    if quiet:
        yield Quiet(console)
    elif jsonl:
        yield JsonLines(console)
    elif console.is_terminal:
        bar = Bar(console, beside=beside)
        with bar.shown():
            yield bar
    else:
        yield Lines(console)


def begun(progress: Progress) -> str:
    """How many cases it has, and how many of them are over already."""
    tally = progress.tally
    over = f", {tally.over:,} of them over already" if tally.over else ""
    return f"{tally.total:,} case{'' if tally.total == 1 else 's'}{over}"


def place(progress: Progress) -> str:
    """How many of how many."""
    return f"{progress.tally.over:,} of {progress.tally.total:,}"


def detail(progress: Progress, why: str) -> str:
    """How fast, until when, what came of it, what it cost, what is slow and what limits it."""
    left, tally, (step, took) = progress.left_s, progress.tally, progress.slowest
    outcomes = (f"{count:,} {visible(name)}" for name, count in progress.outcomes.most_common(MANY))
    money = f"{tally.micros / UNIT:,.2f} {progress.currency}".rstrip() if tally.micros else ""
    parts = (
        f"{progress.rate:,.1f} a second",
        f"{span(left)} left" if left and tally.pending + tally.leased else "",
        *outcomes,
        f"{tally.parked:,} failed" if tally.parked else "",
        money,
        f"slowest {step} {took:.1f} s, 95% within {progress.late_p95:.1f} s" if step else "",
        f"limited by {why}" if why else "",
    )
    return ", ".join(part for part in parts if part)
