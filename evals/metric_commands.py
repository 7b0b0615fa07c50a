"""``eval metrics``: which metrics there are. Heavy imports stay inside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer

from casewright.session import Session
from evals.commands import Json, app

if TYPE_CHECKING:
    from rich.table import Table

    from evals.measures import Metric


@app.command("metrics")
def list_metrics(context: typer.Context, as_json: Json = False) -> None:
    """The metrics that `eval run` computes: built-in, and of installed packages."""
    from evals.measures import metrics

    session: Session = context.obj
    found = metrics()
    told = [_told(name, metric) for name, metric in found.items()]
    session.show(told, lambda: _table(found), as_json=as_json)


def _told(name: str, metric: Metric) -> dict[str, Any]:
    return {"name": name, "says": line_of(metric), "module": type(metric).__module__}


def line_of(metric: Metric) -> str:
    """The first line of what a metric's class says of itself, or empty."""
    return (type(metric).__doc__ or "").strip().partition("\n")[0]


def _table(found: Mapping[str, Metric]) -> Table:
    from evals.tables import new_table, plain

    table = new_table("", "metric", "what it says")
    for name, metric in found.items():
        table.add_row(plain(name), plain(line_of(metric)))
    return table
