"""``eval calibrate`` and ``eval promise``. Heavy imports stay inside."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from casewright.errors import UsageError
from casewright.session import Session, wait
from evals.commands import Json, app

if TYPE_CHECKING:
    from evals.calibrate_fit import Reviewed
    from evals.promise import Promised


@app.command("calibrate")
def calibrate_files(
    context: typer.Context,
    results: Annotated[
        list[Path] | None, typer.Argument(help="What `eval run --out` wrote of one graph version.")
    ] = None,
    reviews: Annotated[
        bool, typer.Option("--reviews", help="Learn from this home folder's closed reviews, too.")
    ] = False,
    target: Annotated[
        float, typer.Option(help="The greatest share of wrong automatic decisions.")
    ] = 0.02,
    confidence: Annotated[float, typer.Option(help="How sure that has to be.")] = 0.9,
    days: Annotated[int, typer.Option(min=1, help="How long it is believed.")] = 90,
    sop: Annotated[str, typer.Option(help="SOP whose cases to learn from.")] = "",
    reopen: Annotated[
        bool, typer.Option("--reopen", help="Switch on again what was switched off.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing.")] = False,
    as_json: Json = False,
) -> None:
    """From which confidence on decisions may pass alone with an error below the target."""
    from casewright.clock import utc_now
    from evals.calibrate import Wanted, calibrate
    from evals.calibrate_report import render_calibration

    _require_shares(target, confidence)
    session: Session = context.obj
    version, reviewed = _reviewed(session, results or [], sop, reviews)
    wanted = Wanted(target, confidence, days, _outcomes(session, version), reopen)
    found = calibrate(version, reviewed, wanted, author=_author(session), at=utc_now())
    if not dry_run:
        from casewright.store import Store

        async def keep() -> None:
            async with Store.at(session.settings) as store:
                await store.calibrations.put(found)

        wait(keep())
    value = {**found.model_dump(mode="json"), "digest": found.digest, "kept": not dry_run}
    session.show(value, lambda: render_calibration(found, kept=not dry_run), as_json=as_json)


@app.command()
def promise(
    context: typer.Context,
    sop: Annotated[str, typer.Option(help="Only this SOP's versions.")] = "",
    as_json: Json = False,
) -> None:
    """What was promised of automatic decisions, and what second readers say of it."""
    from casewright.clock import utc_now
    from casewright.store import Store
    from evals.promise import promised
    from evals.promise_report import render_promises

    session: Session = context.obj

    async def work() -> tuple[Promised, ...]:
        async with Store.at(session.settings) as store:
            return await promised(store, sop)

    found = wait(work())
    value = [one.model_dump(mode="json") for one in found]
    session.show(value, lambda: render_promises(found, utc_now()), as_json=as_json)


def _require_shares(target: float, confidence: float) -> None:
    for name, value in (("target", target), ("confidence", confidence)):
        if not 0 < value < 1:
            raise UsageError(f"--{name} lies between 0 and 1, not at {value}.")


def _reviewed(
    session: Session, paths: Sequence[Path], sop: str, reviews: bool
) -> tuple[str, tuple[Reviewed, ...]]:
    from casewright.store import Store
    from evals.calibrate_reviews import from_results, from_store, one_version
    from evals.results import load_results

    async def closed() -> tuple[Reviewed, ...]:
        async with Store.at(session.settings) as store:
            return await from_store(store, version)

    if not paths and not (reviews and sop):
        raise UsageError(
            "There is nothing to learn from.",
            remedy="Name files of `casewright eval run --out`, or give --reviews with --sop.",
        )
    scored = [one for path in paths for one in load_results(path)]
    version = one_version(scored, sop) if paths else _version_now(session, sop)
    found = from_results(scored, version)
    return version, (*found, *wait(closed())) if reviews else found


def _version_now(session: Session, sop: str) -> str:
    from evals.trial_commands import loaded
    from graphs.classifiers import with_classifiers
    from graphs.versions import version_of

    settings = session.settings
    return version_of(with_classifiers(loaded(session, sop), settings.home), settings)


def _outcomes(session: Session, version: str) -> tuple[str, ...] | None:
    """The outcomes that the SOP's gate ever lets pass; None: it does not say, or is not here."""
    from evals.trial_commands import loaded

    try:
        sop = loaded(session, version.partition("@")[0])
    except UsageError:
        return None
    return sop.spec.gate.auto_outcomes or None


def _author(session: Session) -> str:
    try:
        return session.settings.reviewer or getpass.getuser()
    except (KeyError, OSError) as error:
        raise UsageError(
            "It is not known who calibrates.", remedy="Set CASEWRIGHT_REVIEWER."
        ) from error
