"""Where what a batch does is told: a line a case, how far it is, the summary, the exit code."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import typer

from casewright.errors import UsageError
from casewright.session import INTERRUPTED, Session

if TYPE_CHECKING:
    from casewright.batching import Batch, Ended
    from graphs.attend import Attended
    from graphs.pace import Pace
    from graphs.run import Investigator


class Showing:
    """Tells what a batch does: results on stdout, the rest on stderr.

    Args:
        session: The call of the command line.
        quiet: Tell neither progress nor a summary.
        jsonl: Progress is JSON lines.
        as_json: The summary is the result, in place of a line a case.

    Raises:
        UsageError: two of them exclude each other.
    """

    def __init__(self, session: Session, *, quiet: bool, jsonl: bool, as_json: bool) -> None:
        if quiet and jsonl:
            raise UsageError("--quiet and --jsonl exclude each other.")
        self.session = session
        self._quiet, self._jsonl, self._as_json = quiet, jsonl, as_json

    def say(self, words: str) -> None:
        """Tell people something before or after the batch."""
        if self._jsonl:
            typer.echo(json.dumps({"event": "note", "text": words}, ensure_ascii=False), err=True)
        else:
            typer.echo(words, err=True)

    def ended(self, one: Ended) -> None:
        """Print the line of a case."""
        if not self._as_json:
            typer.echo(line(one))

    async def attend(self, investigator: Investigator, batch: Batch, pace: Pace) -> Attended:
        """Have the batch worked on, and tell how far it is."""
        from graphs.attend import attend
        from graphs.teller import told_to

        beside = sys.stdout.isatty()
        err = self.session.err
        with told_to(err, quiet=self._quiet, jsonl=self._jsonl, beside=beside) as teller:
            return await attend(investigator, batch, pace, teller, self.ended)

    def end(self, found: Attended) -> None:
        """Tell the summary, and leave with the exit code."""
        summary = found.summary
        if self._as_json:
            typer.echo(json.dumps(summary.model_dump(mode="json"), indent=2, sort_keys=True))
        if self._jsonl:
            told = {"event": "summary", **summary.model_dump(mode="json")}
            typer.echo(json.dumps(told, ensure_ascii=False), err=True)
        else:
            self._print(found)
        if found.interrupted:
            raise typer.Exit(INTERRUPTED)
        if summary.tally.parked:
            raise typer.Exit(1)

    def _print(self, found: Attended) -> None:
        from graphs.summary import render_failed, render_next, render_summary

        summary, err = found.summary, self.session.err
        if not self._quiet:
            err.print(render_summary(summary), soft_wrap=True)
            return
        if told := render_next(summary):
            err.print(told, soft_wrap=True)
        if summary.failed:
            failed = render_failed(summary.batch_id, summary.failed, summary.tally.parked)
            err.print(failed, soft_wrap=True)


def line(one: Ended) -> str:
    """How a case ended, as one line of JSON."""
    ending = one.ending
    told = {
        "case_id": one.case_id,
        "status": ending.status,
        "outcome": ending.outcome or None,
        "route": ending.route or None,
        "graph_version": ending.graph_version or None,
        "error": ending.error or None,
        "cost": ending.cost.model_dump(exclude={"tool_calls"}),
        "currency": ending.currency or None,
        "run_id": ending.run_id or None,
        "seconds": round(ending.seconds, 3),
    }
    return json.dumps(told, ensure_ascii=False)
