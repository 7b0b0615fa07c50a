"""``eval collect``: real cases for ``eval compare``. Heavy imports stay inside."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from casewright.errors import UsageError
from casewright.session import Session, wait
from evals.commands import Json, app

if TYPE_CHECKING:
    from evals.collect import Collected
    from evals.scored import Scored


class Challenger(StrEnum):
    """Which version is set beside the one in production."""

    SHADOW = "shadow"
    CANARY = "canary"


@app.command("collect")
def collect_cases(
    context: typer.Context,
    sop: Annotated[str, typer.Argument(metavar="SOP", help="Name of the SOP.")],
    stage: Annotated[Challenger, typer.Option(help="The challenger.")],
    champion: Annotated[Path, typer.Option(help="File for what production proposes; new.")],
    challenger: Annotated[Path, typer.Option(help="File for what the challenger does; new.")],
    since: Annotated[
        str, typer.Option(help="Only cases that entered since then; else since it was promoted.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Set a shadow or canary beside production on closed cases, for `eval compare`."""
    from evals.collect import ANCHORED

    session: Session = context.obj
    for path in (champion, challenger):
        if path.exists():
            raise UsageError(f"{path} is there already.", remedy="Give the name of a new file.")
    found = wait(_collected(session, sop, stage, since))
    _write(champion, found.champion)
    _write(challenger, found.challenger)
    value = {
        "cases": len(found.champion),
        "left_out": dict(found.left_out),
        "remark": ANCHORED[stage.value],
    }
    told = [f"{len(found.champion)} cases that people decided.", ANCHORED[stage.value]]
    told += [f"Left out: {count}, for {why}." for why, count in found.left_out.items()]
    told.append(f"Next: casewright eval compare {champion} {challenger}")
    session.show(value, lambda: "\n".join(told), as_json=as_json)


async def _collected(session: Session, sop: str, stage: Challenger, since: str) -> Collected:
    from rich.progress import Progress

    from evals.collect import collect
    from graphs.commands import moment
    from graphs.run import open_investigator

    start = moment(since) if since else None
    async with open_investigator(session.settings, workspace=session.workspace) as investigator:
        with Progress(console=session.err, transient=True) as bar:
            task = bar.add_task("closed cases", total=None)
            return await collect(
                investigator,
                sop,
                stage.value,
                since=start,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )


def _write(path: Path, scored: Sequence[Scored]) -> None:
    from evals.results import open_results

    with open_results(path) as results:
        for one in scored:
            results.add(one)
