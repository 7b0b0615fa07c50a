"""``review request``, ``answers``, ``answered``, ``appeal``, and ``case``. Heavy imports inside."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from casewright.errors import UsageError
from casewright.session import WAITING, Session, wait
from review.commands import CaseId, Codes, Json, Note, Reviewer, app, open_desk

if TYPE_CHECKING:
    from casewright.models import Run
    from casewright.store.opened import OpenedCase
    from graphs.answers import TakenAnswer

case_app = typer.Typer(help="Cases that are opened here.", no_args_is_help=True)

FileOrStdin = Annotated[str, typer.Argument(metavar="FILE", help="A file, or - for stdin.")]


@app.command()
def request(
    context: typer.Context,
    case: CaseId,
    ask: Annotated[
        str,
        typer.Option(help="seller, buyer, carrier, brand, laboratory, provider or team."),
    ],
    question: Annotated[str, typer.Option(help="What is asked, in words for them.")],
    days: Annotated[int, typer.Option(min=1, max=90, help="How long they have.")] = 7,
    factor: Annotated[str, typer.Option(help="The factor that it is about.")] = "",
    code: Codes = None,
    note: Note = "",
    reviewer: Reviewer = "",
    as_json: Json = False,
) -> None:
    """Ask somebody before deciding; the case waits, on hold, for the answer (codes Q1 to Q4)."""
    from casewright.asking import ADDRESSEES, Question
    from casewright.errors import UnknownName
    from casewright.models import ReviewAct
    from casewright.render import render_run

    session: Session = context.obj
    if ask not in ADDRESSEES:
        raise UnknownName.among("addressee", ask, ADDRESSEES)
    if not question.strip() or len(question) > 2_000:
        raise UsageError("A question has 1 to 2,000 characters.")
    asked = Question.model_validate(
        {"to": ask, "question": question.strip(), "days": days, "factor": factor}
    )

    async def work() -> Run:
        async with open_desk(session, settings, reviewer) as desk:
            act = ReviewAct.REQUEST_INFORMATION
            return await desk.act(case, act, code or [], note=note, asked=asked)

    with session.sourced() as settings:
        run = wait(work())
    value = run.model_dump(mode="json")
    session.show(value, lambda: render_run(run, citations=False), as_json=as_json)
    if run.status.value == "waiting":
        raise typer.Exit(WAITING)


@app.command()
def answers(
    context: typer.Context,
    watch: Annotated[bool, typer.Option("--watch", help="Look again and again.")] = False,
    every: Annotated[float, typer.Option(min=1, help="Seconds between looks.")] = 60,
    as_json: Json = False,
) -> None:
    """Go on with the cases whose answer has come, or whose window has closed."""
    from review.answers_report import render_answers

    session: Session = context.obj
    while True:
        with session.sourced() as settings:
            found = wait(_taken(session, settings))
        value = [one.model_dump(mode="json") for one in found]
        session.show(value, lambda: render_answers(found), as_json=as_json)  # noqa: B023
        if not watch:
            break
        time.sleep(every)
    if any(one.found == "failed" for one in found):
        raise typer.Exit(1)


async def _taken(session: Session, settings: object) -> tuple[TakenAnswer, ...]:
    from casewright.settings import Settings
    from graphs.answers import take_answers
    from graphs.run import open_investigator

    assert isinstance(settings, Settings)  # noqa: S101  for the type checker
    async with open_investigator(settings, workspace=session.workspace) as investigator:
        return await take_answers(investigator)


@app.command()
def answered(
    context: typer.Context,
    case: CaseId,
    statement: Annotated[
        str, typer.Option(help="File with what the answer says, or -; none: it is at the source.")
    ] = "",
    reviewer: Reviewer = "",
    as_json: Json = False,
) -> None:
    """Say that the answer to what was asked is there; the case goes on with new evidence."""
    from casewright.render import render_run

    session: Session = context.obj
    words = read_text(statement) if statement else ""

    async def work() -> Run:
        async with open_desk(session, settings, reviewer) as desk:
            return await desk.answered(case, words)

    with session.sourced() as settings:
        run = wait(work())
    value = run.model_dump(mode="json")
    session.show(value, lambda: render_run(run, citations=False), as_json=as_json)
    if run.status.value == "waiting":
        raise typer.Exit(WAITING)


@app.command()
def appeal(
    context: typer.Context,
    case: CaseId,
    by: Annotated[str, typer.Option(help="Who appeals: seller or buyer.")],
    statement: Annotated[str, typer.Option(help="File with what they say, or - for stdin.")],
    language: Annotated[str, typer.Option(help="Its language; else the case's.")] = "",
    reviewer: Reviewer = "",
    as_json: Json = False,
) -> None:
    """Open an appeal against the decision of a closed case, as a case linked to it."""
    from typing import cast

    from casewright.errors import UnknownName
    from review.opening import PARTIES, Party

    session: Session = context.obj
    if by not in PARTIES:
        raise UnknownName.among("party", by, PARTIES)
    words = read_text(statement)

    async def work() -> OpenedCase:
        async with open_desk(session, settings, reviewer) as desk:
            return await desk.appeal(case, cast("Party", by), words, language=language)

    with session.sourced() as settings:
        opened = wait(work())
    _show(session, opened, as_json=as_json)


@case_app.command("open")
def open_case(
    context: typer.Context, file: FileOrStdin, reviewer: Reviewer = "", as_json: Json = False
) -> None:
    """Submit a case as JSON; the same one again changes nothing."""
    session: Session = context.obj
    record = read_text(file)

    async def work() -> OpenedCase:
        async with open_desk(session, settings, reviewer) as desk:
            return await desk.submit(record)

    with session.sourced() as settings:
        opened = wait(work())
    _show(session, opened, as_json=as_json)


def _show(session: Session, opened: OpenedCase, *, as_json: bool) -> None:
    from review.answers_report import render_opened

    value = opened.model_dump(mode="json")
    session.show(value, lambda: render_opened(opened), as_json=as_json)


def read_text(file: str) -> str:
    """A text from a file, or from stdin where it is ``-``.

    Raises:
        UsageError: it cannot be read, or is not UTF-8.
    """
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return raw.decode("utf-8")
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8 text.") from error
