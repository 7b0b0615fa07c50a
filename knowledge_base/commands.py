"""``kb``: search what past cases teach, and see what there is. Heavy imports stay inside."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from casewright.errors import UsageError
from casewright.session import Session

if TYPE_CHECKING:
    from rich.table import Table

    from casewright.models import Precedent
    from knowledge_base.clauses import HeldClause
    from knowledge_base.erasure import ErasureReport
    from knowledge_base.precedents import Precedents

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
    clauses: Annotated[
        bool, typer.Option("--clauses", help="Look for policy clauses in force, not for cases.")
    ] = False,
    region: Annotated[
        str | None, typer.Option(help="Only clauses that hold in this region.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Closed cases that resemble a text, or policy clauses, best first."""
    session: Session = context.obj
    if clauses:
        _search_clauses(session, text, as_of, region, limit, as_json=as_json)
        return
    # Cases close in the source's time, which need not be ours: no moment means all of them.
    moment = as_of.replace(tzinfo=UTC) if as_of else datetime.max.replace(tzinfo=UTC)
    with _opened(session) as precedents:
        found = precedents.browse(text, case_type=case_type, as_of=moment, k=limit)
    value = [one.model_dump(mode="json") for one in found]
    session.show(value, lambda: _table(found), as_json=as_json)


@app.command()
def stats(context: typer.Context, as_json: Json = False) -> None:
    """How many closed cases there are, by type."""
    from rich.text import Text

    session: Session = context.obj
    with _opened(session) as precedents:
        held = precedents.stats()
    lines = [f"{held.cases} closed cases", *(f"  {n}: {c}" for n, c in held.families.items())]
    session.show(held.model_dump(), lambda: Text("\n".join(lines)), as_json=as_json)


@app.command()
def reembed(context: typer.Context, as_json: Json = False) -> None:
    """Go over to the embedding model that is set; searches go on meanwhile."""
    from rich.progress import Progress

    session: Session = context.obj
    with (
        Progress(console=session.err, transient=True) as bar,
        _opened(session) as precedents,
    ):
        task = bar.add_task("vectors", total=None)
        done = precedents.reembed(lambda n, of: bar.update(task, completed=n, total=of))
    told = f"{done} cases embedded anew" if done else "the model that is set serves already"
    session.show({"embedded": done}, lambda: told, as_json=as_json)


@app.command()
def erase(
    context: typer.Context,
    seller: Annotated[list[str] | None, typer.Option(help="Erase this seller's cases.")] = None,
    case: Annotated[list[str] | None, typer.Option(help="Erase this case.")] = None,
    as_json: Json = False,
) -> None:
    """Erase cases from the knowledge base for good, and prove that they are gone."""
    from rich.progress import Progress

    if not (seller or case):
        raise UsageError("Nothing is named.", remedy="Name --seller ID or --case ID.")
    session: Session = context.obj
    with (
        Progress(console=session.err, transient=True) as bar,
        _opened(session) as precedents,
    ):
        task = bar.add_task("vectors kept", total=None)
        report = precedents.erase(
            sellers=seller or (),
            case_ids=case or (),
            progress=lambda n, of: bar.update(task, completed=n, total=of),
        )
    session.show(report.model_dump(), lambda: _erased(report), as_json=as_json)
    if report.remains:
        raise typer.Exit(1)


def _opened(session: Session) -> Precedents:
    from knowledge_base.opened import open_knowledge

    return open_knowledge(session.settings, mask=session.masking(session.settings))


def _erased(report: ErasureReport) -> str:
    lines = [f"{len(report.cases)} cases erased: records, words and vectors"]
    if report.remains:
        lines += ["NOT PROVEN, this was found:", *(f"  {one}" for one in report.remains)]
    else:
        lines.append(f"proven: none is found, and {report.files} files hold none of their texts")
    lines.append(f"{report.refused} ids will not be taken in again")
    if report.classifiers:
        told = f"{report.classifiers} classifiers deleted that may have learned from them"
        lines.append(f"{told}: casewright kb train")
    if report.named:
        lines.append(f"left alone, though they name the seller: {', '.join(report.named)}")
    return "\n".join(lines)


def _search_clauses(
    session: Session,
    text: str,
    as_of: datetime | None,
    region: str | None,
    limit: int,
    *,
    as_json: bool,
) -> None:
    from casewright.clock import utc_now
    from knowledge_base.clauses import Clauses
    from knowledge_base.opened import index_of

    on = as_of.replace(tzinfo=UTC) if as_of else utc_now()
    index = index_of(session.settings, mask=session.masking(session.settings))
    try:
        found = Clauses(index).search(text, on=on, region=region, k=limit)
    finally:
        index.close()
    value = [{**one.model_dump(mode="json"), "reference": one.reference} for one in found]
    session.show(value, lambda: _clause_table(found), as_json=as_json)


def _clause_table(found: tuple[HeldClause, ...]) -> Table | str:
    from rich.table import Table
    from rich.text import Text

    if not found:
        return "No clause in force was found. `casewright kb ingest` brings those of the SOPs."
    table = Table("clause", "regions", "SOPs", "text", box=None, header_style="bold")
    for one in found:
        regions, sops = ", ".join(one.regions) or "all", ", ".join(one.sops)
        table.add_row(Text(one.reference), Text(regions), Text(sops), Text(one.text))
    return table


def _table(found: tuple[Precedent, ...]) -> Table | str:
    from rich.table import Table
    from rich.text import Text

    if not found:
        return "No closed case was found. `casewright kb ingest` brings those of the source."
    table = Table("case", "outcome", "closed", "situation", box=None, header_style="bold")
    for one in found:
        closed = f"{one.closed_at:%Y-%m-%d}"
        table.add_row(Text(one.case_id), Text(one.outcome), closed, Text(one.situation))
    return table
