"""``eval``: measure a graph version on gold cases. Heavy imports stay inside."""

from __future__ import annotations

import typer

app = typer.Typer(help="Measure graph versions on gold cases.", no_args_is_help=True)
