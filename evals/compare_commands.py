"""``eval compare``: a challenger version beside the champion. Heavy imports stay inside."""

from __future__ import annotations

import shlex
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from casewright.session import Session
from evals.commands import app

if TYPE_CHECKING:
    from casewright.models import GoldCase


@app.command("compare")
def compare_files(
    context: typer.Context,
    champion: Annotated[
        Path, typer.Argument(help="What `eval run --out` wrote of the version in use.")
    ],
    challenger: Annotated[Path, typer.Argument(help="The same of the version to be judged.")],
    margin: Annotated[
        float, typer.Option(min=0, max=1, help="Loss of first-look accuracy that does not matter.")
    ] = 0.02,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Whether a version is better than another on the same gold cases, in all and by slice."""
    from evals.compare import compare
    from evals.compare_report import render_comparison
    from evals.context import context_of
    from evals.results import load_results
    from graphs.sop_commands import catalog_of

    session: Session = context.obj
    before, after = load_results(champion), load_results(challenger)
    types = {one.gold.case_type for one in before}
    found = compare(
        before,
        after,
        margin=margin,
        names=(str(champion), str(challenger)),
        context=context_of(catalog_of(session), types),
        explain=partial(explain_command, session),
    )
    value = {**found.model_dump(mode="json"), "refused": found.refused}
    session.show(value, lambda: render_comparison(found), as_json=as_json)
    if found.refused:
        raise typer.Exit(1)


def explain_command(session: Session, gold: GoldCase) -> str:
    """The command that tells why; a simulated world has a home folder of its own."""
    command = ["casewright"]
    if gold.seed is not None:
        command += ["--home", str(session.settings.home / "evals" / f"seed-{gold.seed}")]
    return shlex.join([*command, "sop", "explain", gold.case_id])
