"""``review``: what waits, and the acts of a reviewer. Heavy imports stay inside."""

from __future__ import annotations

import getpass
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from typing import TYPE_CHECKING, Annotated, Any

import typer

from casewright.errors import UsageError
from casewright.session import WAITING, Session, texts, wait
from review.wording import Claims, Days, Questions, Struck, worded

if TYPE_CHECKING:
    from casewright.models import Citation, Evidence, Run
    from casewright.settings import Settings
    from casewright.waiting import Listed
    from review.desk import Desk
    from review.second import Blind, Disputed, Verdict

app = typer.Typer(help="Decisions that wait for a person.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
CaseId = Annotated[str, typer.Argument(metavar="CASE", help="Id of the case.")]
Codes = Annotated[list[str] | None, typer.Option("--code", help="Reason code; may be repeated.")]
Note = Annotated[str, typer.Option(help="Free text beside the codes.")]
Given = Annotated[
    list[str] | None, typer.Option("--set", help="NAME=VALUE for a parameter of the outcome.")
]
Reviewer = Annotated[str, typer.Option("--as", help="Who reviews; else the setting `reviewer`.")]


@app.command("list")
def list_waiting(
    context: typer.Context,
    sop: Annotated[list[str] | None, typer.Option(help="Only of this SOP.")] = None,
    region: Annotated[list[str] | None, typer.Option(help="Only of this region.")] = None,
    language: Annotated[list[str] | None, typer.Option(help="Only in this language.")] = None,
    route: Annotated[list[str] | None, typer.Option(help="Only on this route.")] = None,
    channel: Annotated[list[str] | None, typer.Option(help="Only of this channel.")] = None,
    mine: Annotated[bool, typer.Option("--mine", help="Claimed by or assigned to me.")] = False,
    free: Annotated[bool, typer.Option("--free", help="What I could claim.")] = False,
    held: Annotated[bool, typer.Option("--held", help="Only what is on hold.")] = False,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what is past its time.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Cases on a page.")] = 50,
    page: Annotated[int, typer.Option(min=1, help="Which page.")] = 1,
    second_look: Annotated[
        bool, typer.Option("--second-look", help="Closed cases drawn for a second reader.")
    ] = False,
    disputed: Annotated[
        bool,
        typer.Option("--disputed", help="Closed cases that a second reader decides otherwise."),
    ] = False,
    reviewer: Reviewer = "",
    as_json: Json = False,
) -> None:
    """What waits, most urgent first: time left weighed by what a wrong decision would cost."""
    from casewright.render import render_queue
    from casewright.waiting import Wanted

    session: Session = context.obj
    if second_look or disputed:
        _list_looks(session, disputed=disputed, as_json=as_json)
        return
    if mine and free:
        raise UsageError("--mine and --free exclude each other.")
    wanted = Wanted(
        sops=tuple(sop or ()),
        regions=tuple(region or ()),
        languages=tuple(language or ()),
        routes=tuple(route or ()),
        channels=tuple(channel or ()),
        whose="mine" if mine else "free" if free else "",
        held=True if held else None,
        overdue=overdue,
    )

    async def work() -> Listed:
        async with open_desk(session, session.settings, reviewer) as desk:
            return await desk.queue(wanted, limit=limit, offset=(page - 1) * limit)

    listed = wait(work())
    value = [one.model_dump(mode="json") for one in listed.items]
    session.show(value, lambda: render_queue(listed), as_json=as_json)


def _list_looks(session: Session, *, disputed: bool, as_json: bool) -> None:
    from review.second_report import render_disputed, render_drawn

    async def drawn() -> list[Blind]:
        async with open_desk(session, session.settings) as desk:
            return await desk.second_look()

    async def open_ones() -> tuple[Disputed, ...]:
        async with open_desk(session, session.settings) as desk:
            return await desk.disputed()

    if disputed:
        found = wait(open_ones())
        value = [one.model_dump(mode="json") for one in found]
        session.show(value, lambda: render_disputed(found), as_json=as_json)
        return
    cases = wait(drawn())
    left_out = {"outcomes", "evidence"}
    value = [one.model_dump(mode="json", exclude=left_out) for one in cases]
    session.show(value, lambda: render_drawn(cases), as_json=as_json)


@app.command()
def show(
    context: typer.Context,
    case: CaseId,
    cite: Annotated[int | None, typer.Option(help="Follow this citation to its evidence.")] = None,
    reveal: Annotated[
        str,
        typer.Option(
            metavar="REASON",
            help="With a team: show personal data, because of decide, identity, contact, legal or "
            "other; the log says that you did.",
        ),
    ] = "",
    why: Annotated[str, typer.Option(help="The reason in words; needed with other.")] = "",
    reviewer: Reviewer = "",
    as_json: Json = False,
) -> None:
    """One decision; with --cite the raw evidence behind a numbered citation.

    A case that is to be read before its proposal is shown, is shown without it.
    """
    from casewright.render import render_citation, render_run
    from review.quality_report import render_first

    session: Session = context.obj
    if reveal:
        wait(_revealed(session, case, reviewer, reveal, why))
    if cite is None:
        run, first = wait(_shown(session, case, reviewer))
        if first is not None:
            value = first.model_dump(mode="json")
            session.show(value, lambda: render_first(first), as_json=as_json)
        elif run is not None:
            session.show(run.model_dump(mode="json"), lambda: render_run(run), as_json=as_json)
        return
    citation, evidence = wait(_followed(session, case, cite, reviewer))
    value = {
        "citation": citation.model_dump(mode="json"),
        "evidence": evidence.model_dump(mode="json") if evidence else None,
    }
    session.show(value, lambda: render_citation(cite, citation, evidence), as_json=as_json)


@app.command()
def approve(
    context: typer.Context,
    case: CaseId,
    given: Given = None,
    claim: Claims = None,
    strike: Struck = None,
    question: Questions = None,
    answer_days: Days = None,
    code: Codes = None,
    note: Note = "",
    reviewer: Reviewer = "",
    as_json: Json = False,
) -> None:
    """Accept the proposal (codes A1 to A3); with A3 in better words."""
    how = {"codes": code or [], "note": note, "parameters": texts(given or [])}
    how |= worded(claim, strike, question, answer_days)
    _act(context, "approve", case, reviewer, as_json, **how)


@app.command()
def edit(
    context: typer.Context,
    case: CaseId,
    outcome: Annotated[str, typer.Option(help="The outcome in place of the proposed one.")] = "",
    factor: Annotated[
        list[str] | None, typer.Option(help="NAME=yes or NAME=no; the SOP decides again.")
    ] = None,
    given: Given = None,
    claim: Claims = None,
    strike: Struck = None,
    question: Questions = None,
    answer_days: Days = None,
    code: Codes = None,
    note: Note = "",
    reviewer: Reviewer = "",
    as_json: Json = False,
) -> None:
    """Change the outcome or its parameters, or correct factors and let the SOP decide again.

    Or word claims and questions anew. Codes E1 to E6.
    """
    change = {
        "outcome": outcome,
        "factors": texts(factor or []),
        "parameters": texts(given or []),
        **worded(claim, strike, question, answer_days),
    }
    _act(context, "edit", case, reviewer, as_json, codes=code or [], note=note, **change)


@app.command()
def reject(
    context: typer.Context,
    case: CaseId,
    code: Codes = None,
    note: Note = "",
    reviewer: Reviewer = "",
    as_json: Json = False,
) -> None:
    """Send the case back: evidence is fetched anew and decided again (codes R1 to R6)."""
    _act(context, "reject", case, reviewer, as_json, codes=code or [], note=note)


@app.command()
def escalate(
    context: typer.Context,
    case: CaseId,
    code: Codes = None,
    note: Note = "",
    reviewer: Reviewer = "",
    as_json: Json = False,
) -> None:
    """Hand the case one step up; X2 hands it to counsel (codes X1 to X6)."""
    _act(context, "escalate", case, reviewer, as_json, codes=code or [], note=note)


@app.command()
def second(
    context: typer.Context,
    case: CaseId,
    outcome: Annotated[
        str, typer.Option(help="What you would have decided; without it the evidence is shown.")
    ] = "",
    note: Note = "",
    reviewer: Reviewer = "",
    as_json: Json = False,
) -> None:
    """A second reader's own verdict on a case that was drawn, before seeing the first one."""
    from review.second_report import render_blind, render_verdict

    session: Session = context.obj

    async def shown() -> Blind:
        async with open_desk(session, session.settings, reviewer) as desk:
            return await desk.blind(case)

    async def looked() -> Verdict:
        async with open_desk(session, session.settings, reviewer) as desk:
            return await desk.look(case, outcome, note=note)

    if not outcome:
        one = wait(shown())
        session.show(one.model_dump(mode="json"), lambda: render_blind(one), as_json=as_json)
        return
    found = wait(looked())
    session.show(found.model_dump(mode="json"), lambda: render_verdict(found), as_json=as_json)


def _act(
    context: typer.Context, act: str, case: str, reviewer: str, as_json: bool, **how: Any
) -> None:
    from casewright.models import ReviewAct
    from casewright.render import render_run

    session: Session = context.obj

    async def work(settings: Settings) -> Run:
        async with open_desk(session, settings, reviewer) as desk:
            await desk.act(case, ReviewAct(act), listener=session.step, **how)
            return (await desk.veiled(case)).run

    # Only a rejected case asks the source again, and only what is carried out is written there.
    asks = act == "reject" or session.settings.enforce == "on"
    sourced: AbstractContextManager[Settings] = (
        session.sourced() if asks else nullcontext(session.settings)
    )
    with session.exporting(), sourced as settings:
        run = wait(work(settings))
    session.show(
        run.model_dump(mode="json"), lambda: render_run(run, citations=False), as_json=as_json
    )
    if run.status.value == "waiting":
        raise typer.Exit(WAITING)


async def _shown(session: Session, case: str, reviewer: str) -> tuple[Run | None, Blind | None]:
    """The run, or the case without what is proposed where that is to be read first."""
    async with open_desk(session, session.settings, reviewer) as desk:
        if await desk.owes_first_read(case):
            return None, await desk.blind_case(case)
        return (await desk.shown(case)).run, None


async def _followed(
    session: Session, case: str, number: int, reviewer: str
) -> tuple[Citation, Evidence | None]:
    async with open_desk(session, session.settings, reviewer) as desk:
        return await desk.follow(case, number)


async def _revealed(session: Session, case: str, reviewer: str, reason: str, why: str) -> None:
    async with open_desk(session, session.settings, reviewer) as desk:
        await desk.reveal(case, reason, why)


@asynccontextmanager
async def open_desk(
    session: Session, settings: Settings, reviewer: str = ""
) -> AsyncIterator[Desk]:
    """The desk of who acts: by name, else as the settings say, else by the account.

    With a team personal data is hidden until it is revealed; a team of one sees what is stored.
    """
    from casewright.clock import utc_now
    from casewright.team import Team
    from graphs.run import open_investigator
    from review.desk import Desk
    from review.veil import Veil

    veil = Veil() if settings.team else None
    async with open_investigator(settings, workspace=session.workspace) as investigator:
        who = reviewer or settings.reviewer or account()
        yield Desk(investigator, who, utc_now, team=Team.of(settings.team), veil=veil)


def account() -> str:
    """The name of the account that runs this.

    Raises:
        UsageError: it has none.
    """
    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:
        raise UsageError(
            "It is not known who reviews.", remedy="Give --as NAME or set CASEWRIGHT_REVIEWER."
        ) from error
