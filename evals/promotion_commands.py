"""``sop promote``, ``sop rollback`` and ``sop releases``. Heavy imports stay inside."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from casewright.errors import SopError, UsageError
from casewright.session import Session, wait
from graphs.sop_commands import Json, SopName
from graphs.sop_commands import app as sop_app

if TYPE_CHECKING:
    from rich.console import Group
    from rich.text import Text

    from casewright.release import Release, Standing
    from casewright.store import Store
    from evals.bundle import Bundle
    from evals.promotion import Reason
    from graphs.catalog import Catalog
    from graphs.sop import Sop

CANARY_SHARE = 0.1
REFUSED = 1


class StageName(StrEnum):
    """Where a version may stand."""

    SHADOW = "shadow"
    CANARY = "canary"
    PRODUCTION = "production"


Why = Annotated[str, typer.Option(help="The reason, for the log.")]
Author = Annotated[str, typer.Option(help="Who does it; else the setting `reviewer`.")]


@dataclass(frozen=True)
class _Wish:
    name: str
    report: Path
    stage: StageName
    share: float | None
    why: str
    author: str


@dataclass(frozen=True)
class _Answer:
    version: str
    gate: str
    reasons: Sequence[Reason]
    remarks: Sequence[str]
    release: Release | None = None
    standing: Standing | None = None


@sop_app.command("promote")
def promote(
    context: typer.Context,
    name: SopName,
    report: Annotated[Path, typer.Option(help="What `eval report` wrote of it, as JSON.")],
    to: Annotated[StageName, typer.Option("--to", help="Where it is to stand.")],
    why: Why,
    share: Annotated[
        float | None, typer.Option(help="Share of the cases that a canary decides; else 0.1.")
    ] = None,
    author: Author = "",
    as_json: Json = False,
) -> None:
    """Let the version that would run now run from now on, if its report passes the gate."""
    session: Session = context.obj
    wish = _Wish(name, report, to, _share(to, share), why, _author(session, author))
    answer = wait(_promoted(session, wish))
    value = {
        "version": answer.version,
        "stage": to.value,
        "gate": answer.gate,
        "promoted": answer.release is not None,
        "reasons": [one.model_dump(mode="json") for one in answer.reasons],
        "remarks": list(answer.remarks),
        "release": answer.release.model_dump(mode="json") if answer.release else None,
    }
    session.show(value, lambda: _render_answer(answer, to), as_json=as_json)
    if answer.release is None:
        raise typer.Exit(REFUSED)


@sop_app.command("rollback")
def rollback(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="SOP", help="Name of the SOP.")],
    why: Why,
    stage: Annotated[StageName, typer.Option(help="What is taken out.")] = StageName.PRODUCTION,
    author: Author = "",
    as_json: Json = False,
) -> None:
    """Go back to the version before, or take out a canary or shadow; holds from the next case."""
    session: Session = context.obj
    entry, standing, fault = wait(_rolled_back(session, name, stage, why, _author(session, author)))
    value = {
        "release": entry.model_dump(mode="json"),
        "standing": standing.model_dump(mode="json"),
        "fault": fault,
    }
    session.show(value, lambda: _render_rollback(entry, standing, fault), as_json=as_json)


@sop_app.command("releases")
def releases(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="[SOP]", help="Name of the SOP; else all.")] = "",
    as_json: Json = False,
) -> None:
    """What stands, and who let which version run, when and why."""
    session: Session = context.obj
    log, standing = wait(_log(session, name))
    value = {
        "standing": {sop: one.model_dump(mode="json") for sop, one in standing.items()},
        "log": [one.model_dump(mode="json") for one in log],
    }
    session.show(value, lambda: _render_log(log, standing), as_json=as_json)


def _share(to: StageName, share: float | None) -> float | None:
    if to is not StageName.CANARY:
        if share is not None:
            raise UsageError("Only a canary has a share.", remedy="Leave --share out.")
        return None
    if share is not None and not 0 < share < 1:
        raise UsageError(f"A share of {share:g} is none between 0 and 1.")
    return CANARY_SHARE if share is None else share


def _author(session: Session, author: str) -> str:
    who = author or session.settings.reviewer
    if not who:
        raise UsageError(
            "It is not known who does this.", remedy="Give --author, or set CASEWRIGHT_REVIEWER."
        )
    return who


def load_bundle(path: Path) -> tuple[Bundle, str]:
    """A report, and the SHA-256 of its file in hex.

    Raises:
        UsageError: it cannot be read, or is no report.
    """
    from hashlib import sha256

    from pydantic import ValidationError

    from evals.bundle import Bundle

    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}.", remedy="`casewright eval report` makes it."
        ) from error
    try:
        return Bundle.model_validate_json(content), sha256(content).hexdigest()
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(
            f"{path} is no report: {f'{where}: ' * bool(where)}{first['msg']}.",
            remedy="Give the JSON file that `casewright eval report` wrote.",
        ) from error


@asynccontextmanager
async def _opened(session: Session) -> AsyncIterator[tuple[Catalog, Store]]:
    from casewright.store import Store
    from graphs.catalog import Catalog
    from tools.workspace import open_tools

    async with (
        open_tools(session.settings, session.workspace) as tools,
        Store.at(session.settings) as store,
    ):
        yield Catalog(tools, session.workspace), store


async def _promoted(session: Session, wish: _Wish) -> _Answer:
    from casewright.clock import utc_now
    from evals.gate_file import gate_of
    from evals.promotion import remarks, verdict
    from graphs.classifiers import with_classifiers
    from graphs.versions import version_of

    bundle, digest = load_bundle(wish.report)
    async with _opened(session) as (catalog, store):
        sop = with_classifiers(catalog.load(wish.name), session.settings.home)
        version = version_of(sop, session.settings)
        gate, origin = gate_of(catalog.folder(wish.name), session.workspace)
        standing = await store.releases.standing(sop.name)
        present = standing.production.version if standing.production else None
        if present == version and wish.stage is not StageName.PRODUCTION:
            raise UsageError(f"{version} is in production: it cannot be its own {wish.stage}.")
        rival = present if present != version else None
        reasons = verdict(bundle, gate, utc_now(), version, rival)
        answer = _Answer(version, origin, reasons, remarks(bundle, gate))
        if reasons:
            return answer
        release = _release(session, sop, wish, bundle, digest, gate.digest)
        await store.put_version(version, sop.name, sop.files, at=release.at)
        await store.releases.put(release)
        now = await store.releases.standing(sop.name)
    return _Answer(version, origin, (), answer.remarks, release, now)


def _release(
    session: Session, sop: Sop, wish: _Wish, bundle: Bundle, digest: str, gate: str
) -> Release:
    from casewright.clock import utc_now
    from casewright.release import Release
    from evals.promotion import figures
    from graphs.versions import made_of

    return Release(
        sop=sop.name,
        case_type=sop.spec.case_type,
        version=bundle.graph_version,
        kind="promoted",
        stage=wish.stage.value,
        share=wish.share,
        author=wish.author,
        at=utc_now(),
        why=wish.why,
        report=digest,
        gate=gate,
        figures=figures(bundle),
        made_of=made_of(sop, session.settings),
    )


async def _rolled_back(
    session: Session, name: str, stage: StageName, why: str, author: str
) -> tuple[Release, Standing, str]:
    from casewright.clock import utc_now

    async with _opened(session) as (catalog, store):
        entry = await store.releases.roll_back(
            name, stage.value, author=author, why=why, at=utc_now()
        )
        standing = await store.releases.standing(name)
        return entry, standing, await _fault(session, standing, catalog, store)


async def _fault(session: Session, standing: Standing, catalog: Catalog, store: Store) -> str:
    """Why what is now in production cannot run, or empty: said at once, not at the next case."""
    from graphs.choice import require_reproduced
    from graphs.load import load_sop

    release = standing.production
    if release is None:
        return ""
    try:
        files = await store.version_files(release.version)
        sop = load_sop(files, catalog.tools, folder=release.version)
        require_reproduced(release, sop, session.settings)
    except (SopError, UsageError) as error:
        return str(error)
    return ""


async def _log(session: Session, name: str) -> tuple[Sequence[Release], dict[str, Standing]]:
    async with _opened(session) as (_, store):
        log = await store.releases.all(name)
        every = await store.releases.every_standing()
    return log, {sop: one for sop, one in every.items() if name in ("", sop)}


def _render_answer(answer: _Answer, to: StageName) -> Group:
    from rich.console import Group
    from rich.text import Text

    beside = [Text(f"  note: {one}") for one in answer.remarks]
    if answer.release is None:
        head = f"Refused: {answer.version} does not pass the gate ({answer.gate})."
        told = [Text(f"  ✗ {one.rule}: {one.told}") for one in answer.reasons]
        return Group(Text(head, style="bold"), *told, *beside)
    head = f"{answer.version} stands in {to.value} from the next case on."
    stands = answer.standing.told if answer.standing else ""
    return Group(Text(head, style="bold"), Text(f"  now: {stands}"), *beside)


def _render_rollback(entry: Release, standing: Standing, fault: str) -> Group:
    from rich.console import Group
    from rich.text import Text

    lines = [Text(f"{entry.version} no longer stands in {entry.stage}.", style="bold")]
    lines.append(Text(f"  now: {standing.told or 'nothing'}"))
    if standing.production is None:
        lines.append(Text("  No version is in production: the SOP's folder decides, unmeasured."))
    if fault:
        lines.append(Text(f"  Cases will be refused: {fault}", style="red"))
    return Group(*lines)


def _render_log(log: Sequence[Release], standing: dict[str, Standing]) -> Group:
    from rich.console import Group
    from rich.text import Text

    stands = [Text(f"{sop}: {one.told or 'nothing stands'}") for sop, one in standing.items()]
    told = [line for one in log for line in _entry(one)]
    return Group(*(stands or [Text("Nothing was ever promoted.")]), *told)


def _entry(one: Release) -> Iterator[Text]:
    from rich.text import Text

    what = "to" if one.kind == "promoted" else "from"
    share = f" ({one.share:.0%})" if one.share else ""
    yield Text(
        f"  {one.at:%Y-%m-%d %H:%M}  {one.version} {one.kind} {what} {one.stage}{share}"
        f" by {one.author}: {one.why}"
    )
    if one.report:
        yield Text(f"      report {one.report[:12]}, {_figures(one.figures)}")


def _figures(found: Any) -> str:
    cases = int(found.get("cases", 0))
    rates = [
        f"{name.replace('_', ' ')} {found[name]:.3f} (at least {found[f'{name}_low']:.3f})"
        for name in ("first_look", "accuracy", "coverage")
        if name in found
    ]
    return ", ".join([f"{cases} cases", *rates])
