"""``audit`` and ``export``: the log, its verification, dossiers. Heavy imports stay inside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from casewright.errors import UsageError
from casewright.session import Session, wait

if TYPE_CHECKING:
    from rich.console import RenderableType

    from casewright.audit import Event
    from casewright.store.audited import Audited, Progress
    from casewright.store.log import Head
    from review.dossier import Dossier
    from review.erasing import Erased
    from review.exporting import Export
    from review.reverified import Reverified

app = typer.Typer(help="What happened to each case, and proof of it.", no_args_is_help=True)
export_app = typer.Typer(help="What leaves, for others to read.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
CaseId = Annotated[str, typer.Argument(metavar="CASE", help="Id of the case.")]
AnyCase = Annotated[str, typer.Argument(metavar="[CASE]", help="Id of the case; else all.")]


@app.command()
def verify(
    context: typer.Context,
    case: AnyCase = "",
    head: Annotated[
        str, typer.Option(help="A head kept elsewhere, NUMBER:HASH; it must still be held.")
    ] = "",
    dossier: Annotated[
        Path | None, typer.Option(help="Verify this dossier, JSON or PDF, without a store.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Verify the log: no event changed, missing or out of order, and all that it names unchanged.

    Ends with 1 where something is wrong.
    """
    from casewright.store.log import Head
    from review.audit_report import render_audited, render_reverified

    session: Session = context.obj
    kept = Head.parse(head) if head else None
    if dossier is not None:
        proven = wait(_reverified(session, _read(dossier, case), kept))
        value = proven.model_dump(mode="json")
        session.show(value, lambda: render_reverified(proven), as_json=as_json)
        faults = proven.faults
    else:
        with _progress(session) as progress:
            found = wait(_audited(session, case, kept, progress))
        value = found.model_dump(mode="json")
        session.show(value, lambda: render_audited(found), as_json=as_json)
        faults = found.faults
    if faults:
        raise typer.Exit(1)


@app.command()
def show(
    context: typer.Context,
    case: Annotated[
        str, typer.Argument(metavar="[CASE]", help="Id of the case; else of graph versions.")
    ] = "",
    as_json: Json = False,
) -> None:
    """The log of a case, oldest first; without one, what was promoted and calibrated."""
    from casewright.audit import as_json as told
    from review.audit_report import render_events

    session: Session = context.obj
    events = wait(_events(session, case))
    value = [told(one) for one in events]
    session.show(value, lambda: render_events(events), as_json=as_json)


@app.command()
def head(context: typer.Context, case: AnyCase = "", as_json: Json = False) -> None:
    """The number and hash of the newest event: keep it elsewhere, and verify with it later."""
    from review.audit_report import unwrapped

    session: Session = context.obj
    newest = wait(_head(session, case))
    value = {"entry": newest.entry, "hash": newest.hash}
    session.show(value, lambda: unwrapped(str(newest)), as_json=as_json)


@app.command()
def erase(
    context: typer.Context,
    case: CaseId,
    yes: Annotated[bool, typer.Option("--yes", help="It is gone for good: you mean it.")] = False,
    who: Annotated[str, typer.Option("--as", help="Who erases; else the setting `reviewer`.")] = "",
    as_json: Json = False,
) -> None:
    """Erase what a closed case says of people; its log stays, and says what went."""
    if not yes:
        raise UsageError(
            f"This erases the evidence, the decision and the notes of {case} for good.",
            remedy="Export its dossier first if it has to be kept, then give --yes.",
        )
    session: Session = context.obj
    name = who or session.settings.reviewer
    if not name:
        remedy = "Give --as, or set CASEWRIGHT_REVIEWER."
        raise UsageError("It is not known who erases.", remedy=remedy)
    gone = wait(_erased(session, case, name))
    value = gone.model_dump(mode="json")
    session.show(value, lambda: _told_erased(gone), as_json=as_json)


def _told_erased(gone: Erased) -> RenderableType:
    from review.audit_report import unwrapped

    return unwrapped(
        f"{gone.case_id}: {gone.runs} runs emptied, {len(gone.evidence)} records of evidence gone;"
        f" the log stays.\nWhat past cases tell of it: casewright kb erase --case {gone.case_id}"
    )


async def _erased(session: Session, case: str, who: str) -> Erased:
    from casewright.audit import Actor
    from casewright.clock import utc_now
    from review.erasing import erase_case

    actor = Actor(role="admin", id=who)
    return await erase_case(session.settings, case, actor, utc_now)


@export_app.command("dossier")
def export_dossier(
    context: typer.Context,
    case: CaseId,
    out: Annotated[Path, typer.Option(help="Folder to write CASE.json and CASE.html into.")],
    reveal: Annotated[
        bool, typer.Option("--reveal", help="Show personal data; the log says that you did.")
    ] = False,
    pdf: Annotated[
        bool, typer.Option("--pdf", help="Write CASE.pdf as well, with the JSON inside.")
    ] = False,
    reviewer: Annotated[
        str, typer.Option("--as", help="Who exports; else the setting `reviewer`.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Write all that shows how a case was decided into one JSON and one HTML file."""
    session: Session = context.obj
    written = wait(_exported(session, case, out, reviewer, reveal=reveal, pdf=pdf))
    session.show(written.model_dump(mode="json"), lambda: _told(written), as_json=as_json)
    if written.faults:
        raise typer.Exit(1)


def _told(written: Export) -> RenderableType:
    from review.audit_report import unwrapped

    files = filter(None, (written.json_file, written.html_file, written.pdf_file))
    lines = [*files, f"seal {written.seal}"]
    lines += [f"wrong: {one}" for one in written.faults]
    return unwrapped("\n".join([*lines, f"last event of the case {written.head}"]))


@contextmanager
def _progress(session: Session) -> Iterator[Progress]:
    from rich.progress import Progress

    with Progress(console=session.err, transient=True) as bar:
        task = bar.add_task("rows", total=None)
        yield lambda n, of: bar.update(task, completed=n, total=of)


async def _audited(session: Session, case: str, kept: Head | None, progress: Progress) -> Audited:
    from casewright.store import Store

    async with Store.at(session.settings) as store:
        if case and not (await store.log.head(case)).entry and not await store.records(case):
            raise UsageError(f"The store knows no case {case!r}.")
        return await store.audited(case, head=kept, progress=progress)


async def _events(session: Session, case: str) -> tuple[Event, ...]:
    from casewright.store import Store

    async with Store.at(session.settings) as store:
        return await store.log.of(case)


async def _head(session: Session, case: str) -> Head:
    from casewright.store import Store

    async with Store.at(session.settings) as store:
        return await store.log.head(case)


def _read(file: Path, case: str) -> Dossier:
    from review.paged import attached_json
    from review.reverified import read

    try:
        pdf = file.suffix.lower() == ".pdf"
        text = attached_json(file) if pdf else file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}.") from error
    dossier = read(text)
    if case and case != dossier.case_id:
        raise UsageError(f"{file} is the dossier of case {dossier.case_id!r}, not {case!r}.")
    return dossier


async def _reverified(session: Session, dossier: Dossier, kept: Head | None) -> Reverified:
    from review.reverified import reverified
    from tools.workspace import open_tools

    async with open_tools(session.settings, session.workspace) as tools:
        return reverified(dossier, tools, kept)


async def _exported(
    session: Session, case: str, out: Path, reviewer: str, *, reveal: bool, pdf: bool
) -> Export:
    from casewright.audit import analyst
    from casewright.clock import utc_now
    from casewright.store import Store
    from review.exporting import export
    from tools.workspace import open_tools

    actor = analyst(reviewer or session.settings.reviewer)
    async with (
        open_tools(session.settings, session.workspace) as tools,
        Store.at(session.settings) as store,
    ):
        return await export(store, case, out, tools, actor, utc_now, reveal=reveal, pdf=pdf)
