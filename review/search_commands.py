"""``review find``: cases by id, by whom and what they are about. Heavy imports stay inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from casewright.session import Session, wait
from review.commands import Json, Reviewer, app, open_desk

if TYPE_CHECKING:
    from rich.console import RenderableType

    from casewright.hits import Hits


@app.command()
def find(
    context: typer.Context,
    text: Annotated[
        str,
        typer.Argument(help="Beginning of a case's or run's id, or the id of a party or order."),
    ] = "",
    status: Annotated[list[str] | None, typer.Option(help="Only what stands so.")] = None,
    outcome: Annotated[list[str] | None, typer.Option(help="Only with this outcome.")] = None,
    sop: Annotated[list[str] | None, typer.Option(help="Only of this SOP.")] = None,
    region: Annotated[list[str] | None, typer.Option(help="Only of this region.")] = None,
    earlier: Annotated[bool, typer.Option("--earlier", help="Earlier runs as well.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Cases on a page.")] = 50,
    page: Annotated[int, typer.Option(min=1, help="Which page.")] = 1,
    reviewer: Reviewer = "",
    as_json: Json = False,
) -> None:
    """Cases by id, by whom or what they are about, and by how they stand; newest first."""
    from casewright.hits import Sought

    session: Session = context.obj
    sought = Sought(
        text=text,
        statuses=tuple(status or ()),
        outcomes=tuple(outcome or ()),
        sops=tuple(sop or ()),
        regions=tuple(region or ()),
        earlier=earlier,
    )

    async def work() -> Hits:
        async with open_desk(session, session.settings, reviewer) as desk:
            return await desk.register.find(sought, limit=limit, offset=(page - 1) * limit)

    found = wait(work())
    value = [one.model_dump(mode="json") for one in found.items]
    session.show(value, lambda: _told(found), as_json=as_json)


def _told(found: Hits) -> RenderableType:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    from casewright.visible import visible

    if not found.items:
        return Text("Nothing is found.")
    table = Table("case", "SOP", "status", "outcome", "seller", box=None, header_style="bold")
    for one in found.items:
        cells = (one.case_id, one.sop, one.status, one.outcome, one.seller_id)
        table.add_row(*(Text(visible(cell)) for cell in cells))
    more = [Text(f"{found.total} in all; --page shows more.")]
    return Group(table, *(more if found.total > len(found.items) else []))
