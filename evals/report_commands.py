"""``eval report``: what was measured, as pages and files. Heavy imports stay inside."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from casewright.clock import utc_now
from casewright.errors import UsageError
from casewright.session import Session
from evals.commands import Json, Measured, app

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType

    from evals.report_make import Given
    from evals.report_page import Listed
    from evals.scored import Scored

EPOCH = "SOURCE_DATE_EPOCH"
"""By it builds that can be repeated say when they happen (reproducible-builds.org)."""


@app.command("report")
def report_files(
    context: typer.Context,
    results: Annotated[Path, typer.Argument(help="What `eval run --out` wrote.")],
    champion: Annotated[
        Path | None, typer.Option(help="The same of the version in use, to be compared with.")
    ] = None,
    attacks: Annotated[
        Path | None, typer.Option(help="What the attack suite did to the version, as JSON.")
    ] = None,
    errors: Annotated[
        Path | None, typer.Option(help="What `eval errors --json` printed of the same cases.")
    ] = None,
    sop: Measured = "",
    out: Annotated[Path, typer.Option(help="Folder for the files.")] = Path("reports"),
    margin: Annotated[
        float, typer.Option(min=0, max=1, help="Loss of first-look accuracy that does not matter.")
    ] = 0.02,
    made_at: Annotated[
        str, typer.Option(metavar="MOMENT", help=f"The time stamp; else {EPOCH}, else now.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Write a page, JSON and JUnit XML for each graph version in a results file."""
    from evals.report_make import Maker
    from evals.report_page import stamp_of
    from evals.report_write import write_index, write_report

    session: Session = context.obj
    moment = _moment(made_at)
    given = _given(results, champion, attacks, errors, sop)
    maker = Maker(session, given, moment, margin)
    listed: list[Listed] = []
    with _progress(session, len(given.versions)) as done:
        for version in given.versions:
            listed.append(write_report(maker.material(version), out))
            done(version.sop)
    write_index(listed, given.notes, stamp_of(moment), out)
    value = [_value(one, out) for one in listed]
    session.show(value, lambda: _told(listed, given.notes, out), as_json=as_json)


def _moment(told: str) -> datetime:
    """When the report says that it was made, in whole seconds.

    Raises:
        UsageError: what was told is no moment.
    """
    epoch = os.environ.get(EPOCH, "")
    try:
        if told:
            found = datetime.fromisoformat(told)
            moment = found if found.tzinfo else found.replace(tzinfo=UTC)
            return moment.astimezone(UTC).replace(microsecond=0)
        if epoch:
            return datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(
            f"{told or epoch!r} is no moment.",
            remedy=f"Such as 2026-06-01T12:00:00Z; {EPOCH} holds seconds since 1970.",
        ) from error
    return utc_now().replace(microsecond=0)


def _given(
    results: Path,
    champion: Path | None,
    attacks: Path | None,
    errors: Path | None,
    sop: str,
) -> Given:
    from evals.report_input import by_version, input_of, read_attacks, read_errors
    from evals.report_make import Given
    from evals.results import load_results

    found = by_version(load_results(results), results.name, sop)
    files = {"results": results, "champion": champion, "attacks": attacks, "errors": errors}
    given = Given(
        versions=found.measured,
        champion=() if champion is None else load_results(champion),
        attacks=() if attacks is None else read_attacks(attacks),
        errors=None if errors is None else read_errors(errors),
        inputs=tuple(input_of(role, path) for role, path in files.items() if path is not None),
        names=("" if champion is None else champion.name, results.name),
        notes=tuple(_left(found.left)),
    )
    _require_fitting(given, champion, attacks)
    return given


def _left(cases: Sequence[Scored]) -> Iterator[str]:
    for kind in sorted({one.gold.case_type for one in cases}):
        some = [one for one in cases if one.gold.case_type == kind]
        reason = some[0].reason or "no reason is given"
        yield f"{len(some)} cases of {kind} went through no graph version: {reason}"


def _require_fitting(given: Given, champion: Path | None, attacks: Path | None) -> None:
    """Refuse a file that is of none of the versions: it was taken by mistake.

    Raises:
        UsageError: it is.
    """
    from evals.report_input import attacks_on, shared_with

    if champion and not any(shared_with(given.champion, one) for one in given.versions):
        raise UsageError(
            f"{champion} has no gold case in common with the results.",
            remedy="Run both versions on the same gold file, or the same --seed.",
        )
    if attacks and not any(attacks_on(given.attacks, one) for one in given.versions):
        named = ", ".join(one.graph_version for one in given.attacks) or "no version"
        raise UsageError(f"{attacks} is of {named}, which the results are not of.")


@contextmanager
def _progress(session: Session, total: int) -> Iterator[Callable[[str], None]]:
    from rich.progress import Progress

    with Progress(console=session.err, transient=True) as bar:
        task = bar.add_task("reports", total=total)
        yield lambda _sop: bar.advance(task)


def _value(one: Listed, out: Path) -> dict[str, object]:
    from evals.report_compared import standing_of

    standing, place = standing_of(one.bundle), out / one.bundle.sop
    return {
        "sop": one.bundle.sop,
        "graph_version": one.bundle.graph_version,
        "n": one.bundle.report.n,
        "wrong": one.wrong,
        "standing": standing.word,
        "against": list(standing.against),
        "open": list(standing.open),
        "gate": None
        if one.gate is None
        else {"origin": one.gate.origin, "reasons": list(one.gate.reasons)},
        "folder": str(place),
    }


def _told(listed: Sequence[Listed], notes: Sequence[str], out: Path) -> RenderableType:
    from rich.console import Group

    from evals.report_compared import standing_of
    from evals.report_table import figure
    from evals.tables import new_table, plain

    table = new_table("", "graph version", "cases", "wrong", "first look", "standing")
    for one in listed:
        report = one.bundle.report
        cells = (str(report.n), str(one.wrong), figure(report.first_look.value))
        word = standing_of(one.bundle).word
        table.add_row(plain(one.bundle.graph_version), *cells, word)
    lines = [f"{out / 'index.html'} leads to them.", *notes]
    return Group(table, *map(plain, lines))
