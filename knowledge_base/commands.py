"""``kb``: search what past cases teach, and see what there is. Heavy imports stay inside."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from casewright.session import Session

if TYPE_CHECKING:
    from rich.table import Table

    from casewright.models import Precedent

KNOWLEDGE = "knowledge"
"""Folder of the knowledge base in the home folder."""

app = typer.Typer(help="Closed past cases.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@app.command()
def search(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="Words to look for, by meaning and by letter.")],
    case_type: Annotated[str | None, typer.Option(help="Only cases of this type.")] = None,
    as_of: Annotated[
        datetime | None, typer.Option(help="Only cases closed before (UTC); else all.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=50, help="Most cases shown.")] = 5,
    as_json: Json = False,
) -> None:
    """Closed cases that resemble a text, best first."""
    from knowledge_base.precedents import Precedents

    session: Session = context.obj
    # Cases close in the source's time, which need not be ours: no moment means all of them.
    moment = as_of.replace(tzinfo=UTC) if as_of else datetime.max.replace(tzinfo=UTC)
    with Precedents.open(session.settings.home / KNOWLEDGE) as precedents:
        found = precedents.browse(text, case_type=case_type, as_of=moment, k=limit)
    value = [one.model_dump(mode="json") for one in found]
    session.show(value, lambda: _table(found), as_json=as_json)


@app.command()
def stats(context: typer.Context, as_json: Json = False) -> None:
    """How many closed cases there are, by type."""
    from rich.text import Text

    from knowledge_base.precedents import Precedents

    session: Session = context.obj
    with Precedents.open(session.settings.home / KNOWLEDGE) as precedents:
        held = precedents.stats()
    lines = [f"{held.cases} closed cases", *(f"  {n}: {c}" for n, c in held.families.items())]
    session.show(held.model_dump(), lambda: Text("\n".join(lines)), as_json=as_json)


def _table(found: tuple[Precedent, ...]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table("case", "outcome", "closed", "situation", box=None, header_style="bold")
    for one in found:
        closed = f"{one.closed_at:%Y-%m-%d}"
        table.add_row(Text(one.case_id), Text(one.outcome), closed, Text(one.situation))
    return table
