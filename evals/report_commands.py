"""``eval report``: what was measured of graph versions, as pages and files. Heavy imports inside."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from casewright.errors import CasewrightError, SopError, UnknownName, UsageError
from casewright.session import Session
from evals.commands import Json, Measured, app
from evals.compare_commands import explain_command

if TYPE_CHECKING:
    from collections.abc import Callable

    from evals.attribution import Errors
    from evals.bundle import Attacks, Bundle, Input
    from evals.comparison import Comparison
    from evals.metrics import Report
    from evals.report_input import Measured as Version
    from evals.report_page import Listed, Material
    from evals.scored import Scored
    from graphs.catalog import Catalog
    from graphs.sop import Sop

EPOCH = "SOURCE_DATE_EPOCH"
"""The variable by which builds that can be repeated say when they happen (reproducible-builds.org)."""


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
    from evals.report_page import stamp_of
    from evals.report_write import write_index, write_report

    session: Session = context.obj
    moment = _moment(made_at)
    given = _given(session, results, champion, attacks, errors, sop)
    maker = _Maker(session, given, moment, margin)
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
            moment = datetime.fromisoformat(told)
            return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC).replace(microsecond=0)
        if epoch:
            return datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(
            f"{told or epoch!r} is no moment.",
            remedy=f"Such as 2026-06-01T12:00:00Z; {EPOCH} holds seconds since 1970.",
        ) from error
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True)
class _Given:
    """What the files hold."""

    versions: tuple[Version, ...]
    champion: tuple[Scored, ...]
    attacks: tuple[Attacks, ...]
    errors: Errors | None
    inputs: tuple[Input, ...]
    names: tuple[str, str]
    notes: tuple[str, ...]


def _given(
    session: Session,
    results: Path,
    champion: Path | None,
    attacks: Path | None,
    errors: Path | None,
    sop: str,
) -> _Given:
    from evals.report_input import by_version, input_of, read_attacks, read_errors
    from evals.results import load_results

    found = by_version(load_results(results), results.name, sop)
    files = {"results": results, "champion": champion, "attacks": attacks, "errors": errors}
    given = _Given(
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


def _require_fitting(given: _Given, champion: Path | None, attacks: Path | None) -> None:
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


class _Maker:
    """Puts together what the report of each version is made from."""

    def __init__(self, session: Session, given: _Given, moment: datetime, margin: float) -> None:
        from graphs.sop_commands import catalog_of

        self._session = session
        self._given = given
        self._moment = moment
        self._margin = margin
        self._catalog: Catalog = catalog_of(session)

    def material(self, version: Version) -> Material:
        """All that the report of one version needs."""
        from evals.report_input import causes_of
        from evals.report_page import Material

        errors, unexplained, sop = None, 0, self._sop(version)
        if self._given.errors is not None:
            errors, unexplained = causes_of(self._given.errors, version)
        return Material(
            bundle=self._bundle(version, sop),
            scored=version.scored,
            errors=errors,
            unexplained=unexplained,
            notes=tuple(self._notes(version, sop)),
            command=partial(explain_command, self._session),
        )

    def _notes(self, version: Version, sop: Sop | None) -> Iterator[str]:
        from evals.report_input import attacks_on, shared_with

        given = self._given
        if given.champion and not shared_with(given.champion, version):
            yield "The champion's file has none of these cases: nothing was compared."
        if given.attacks and attacks_on(given.attacks, version) is None:
            yield "The attack suite's file is of other versions."
        if sop is None:
            yield "The SOP at hand is not exactly this version: the checker was not run."

    def _bundle(self, version: Version, sop: Sop | None) -> Bundle:
        from evals.bundle import Bundle, gold_digest
        from evals.report_input import attacks_on

        return Bundle(
            made_at=self._moment,
            sop=version.sop,
            graph_version=version.graph_version,
            gold_digest=gold_digest(one.gold for one in version.scored),
            report=self._report(version, sop),
            comparison=self._comparison(version),
            attacks=attacks_on(self._given.attacks, version),
            findings=None if sop is None else self._findings(sop),
            inputs=self._given.inputs,
        )

    def _report(self, version: Version, sop: Sop | None) -> Report:
        from evals.metrics import summarise

        return summarise(version.scored)

    def _comparison(self, version: Version) -> Comparison | None:
        from evals.compare import compare
        from evals.report_input import shared_with

        shared = shared_with(self._given.champion, version)
        if not shared:
            return None
        return compare(
            shared,
            version.scored,
            margin=self._margin,
            names=self._given.names,
            explain=partial(explain_command, self._session),
        )

    def _sop(self, version: Version) -> Sop | None:
        """The SOP at hand, if it is exactly the version that was measured."""
        from graphs.classifiers import with_classifiers
        from graphs.versions import version_of

        try:
            sop = self._catalog.load(version.sop)
        except (UnknownName, SopError):
            return None
        settings = self._session.settings
        for home in _homes(settings.home, version.scored):
            found = with_classifiers(sop, home)
            if version_of(found, settings) == version.graph_version:
                return found
        return None

    def _findings(self, sop: Sop) -> tuple[str, ...]:
        from graphs.prove import prove

        found = prove(sop, today=self._moment)
        return tuple(f"{one.severity}: {one.file}:{one.line}: {one.message}" for one in found)


def _homes(home: Path, scored: Sequence[Scored]) -> Iterator[Path]:
    """The home folders whose classifiers a version may have been made with."""
    yield home
    for seed in sorted({one.gold.seed for one in scored if one.gold.seed is not None}):
        yield home / "evals" / f"seed-{seed}"


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
        "folder": str(place),
    }


def _told(listed: Sequence[Listed], notes: Sequence[str], out: Path) -> object:
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
