"""``sop``: see, check and explain the written procedures. Heavy imports stay inside."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from casewright.errors import SopError, UsageError
from casewright.session import Session, wait

if TYPE_CHECKING:
    from rich.table import Table

    from casewright.settings import Settings
    from graphs.catalog import Catalog
    from graphs.differ import Difference
    from graphs.explain import Explanation
    from graphs.prove import Finding
    from graphs.sop import Sop

    Findings = tuple[Finding, ...]

app = typer.Typer(help="The written procedures.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
SopName = Annotated[str, typer.Argument(metavar="SOP", help="Name of the SOP, or its folder.")]


@app.command("list")
def list_sops(context: typer.Context, as_json: Json = False) -> None:
    """The SOPs: built-in, and the workspace's."""
    session: Session = context.obj
    catalog = catalog_of(session)
    stages = wait(_stages(session.settings))
    value = [_listed(catalog, name) | {"stage": stages.get(name, "")} for name in catalog.names()]

    def rendered() -> Table:
        from rich.markup import escape
        from rich.table import Table

        from casewright.render import visible

        # Where nothing stands yet its column would only take the others' room.
        shown = [name for name in value[0] if name != "stage" or any(stages.values())]
        table = Table(*(name.replace("_", " ") for name in shown), box=None)
        for row in value:
            table.add_row(*(escape(visible(str(row[name]))) for name in shown))
        return table

    session.show(value, rendered, as_json=as_json)


async def _stages(settings: Settings) -> dict[str, str]:
    """What stands of each SOP; nothing where there is no store yet, which is not made for it."""
    from casewright.store import Store
    from casewright.store.opening import there

    if not there(settings):
        return {}
    async with Store.at(settings) as store:
        found = await store.releases.every_standing()
    return {sop: standing.stages for sop, standing in found.items()}


def _listed(catalog: Catalog, name: str) -> dict[str, str | int]:
    found: dict[str, str | int] = {"sop": name, "version": "", "case_type": ""}
    try:
        spec = catalog.load(name).spec
    except SopError as error:  # the others are of use all the same
        found["title"] = f"cannot be used: {error}"
    else:
        found |= {"version": spec.version, "case_type": spec.case_type, "title": spec.title}
    return {**found, "from": catalog.origin(name)}


@app.command()
def new(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the SOP and its folder.")],
    case_type: Annotated[str, typer.Option(help="Which cases it decides; else its name.")] = "",
) -> None:
    """Write an SOP that works as it stands into the workspace, to be made your own."""
    from graphs.scaffold import make_sop

    session: Session = context.obj
    if session.workspace is None:
        raise UsageError("There is no workspace here.", remedy="Make one: `casewright init DIR`.")
    made = make_sop(session.workspace, name, case_type=case_type)
    typer.echo(f"Made {', '.join(map(str, made))}.")
    typer.echo(f"Next: edit them, and casewright sop check {name}.")


@app.command()
def show(context: typer.Context, name: SopName, as_json: Json = False) -> None:
    """One SOP as a whole, and which file each part of it stands in."""
    from graphs.show import origins, render_sop

    session: Session = context.obj
    sop = catalog_of(session).load(name)
    value = {**sop.spec.model_dump(mode="json", by_alias=True), "written_in": origins(sop)}
    session.show(value, lambda: render_sop(sop), as_json=as_json)


@app.command()
def check(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="[SOP]", help="The SOP, or its folder; else all.")
    ] = "",
    stub: Annotated[
        bool, typer.Option("--stub", help="Print the smallest cases as examples to be filled in.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Prove the decision complete and every row of use; a fault comes with its smallest case."""
    from graphs.counterexample import stubs
    from graphs.show import render_findings

    session: Session = context.obj
    sops, found = _checked(catalog_of(session), name)
    value = {one: [finding.model_dump() for finding in some] for one, some in found.items()}
    if stub:
        typer.echo("".join(stubs(sop, found[one]) for one, sop in sops.items()), nl=False)
    else:
        session.show(value, lambda: render_findings(found, sops), as_json=as_json)
    if any(finding.severity == "error" for some in found.values() for finding in some):
        raise typer.Exit(1)


def _checked(catalog: Catalog, name: str) -> tuple[dict[str, Sop], dict[str, Findings]]:
    """The SOP of that name, or all that load, and what is wrong with each of them."""
    from casewright.clock import utc_now
    from graphs.prove import prove, unusable

    if name:
        sop = catalog.load(name)
        return {sop.name: sop}, {sop.name: prove(sop, today=utc_now())}
    sops: dict[str, Sop] = {}
    found: dict[str, Findings] = {}
    for one in catalog.names():
        try:
            sops[one] = catalog.load(one)
            found[one] = prove(sops[one], today=utc_now())
        except SopError as error:  # the others are to be checked all the same
            found[one] = (unusable(error, one),)
    return sops, found


@app.command("explain")
def explain_case(
    context: typer.Context,
    case: Annotated[str, typer.Argument(metavar="CASE", help="Id of the case.")],
    as_json: Json = False,
) -> None:
    """Why a case was decided so: the rows as it met them, and what would have led elsewhere."""
    from graphs.show import render_explanation

    session: Session = context.obj
    explanation = wait(_explained(session, catalog_of(session), case))
    value = explanation.model_dump(mode="json")
    session.show(value, lambda: render_explanation(explanation), as_json=as_json)


async def _explained(session: Session, catalog: Catalog, case: str) -> Explanation:
    from casewright.store import Store
    from graphs.explain import explain
    from graphs.load import load_sop

    async with Store.at(session.settings) as store:
        run = await store.latest_run(case)
        if run is None or run.decision is None:
            raise UsageError(
                f"Case {case!r} has no decision here.",
                remedy=f"Run `casewright investigate {case}`.",
            )
        files = await store.version_files(run.graph_version)
    sop = load_sop(files, catalog.tools, folder=run.graph_version)
    return explain(sop, run.decision)


@app.command()
def diff(
    context: typer.Context,
    old: Annotated[
        str, typer.Argument(help="SOP, or a version that decided cases, such as name@1.")
    ],
    new: Annotated[str, typer.Argument(help="SOP, or a version.")],
    as_json: Json = False,
) -> None:
    """What changes from one version to another: in the file, by proof, and on past cases."""
    from graphs.show import render_difference

    session: Session = context.obj
    difference = wait(_difference(session, catalog_of(session), old, new))
    value = difference.model_dump(mode="json")
    session.show(value, lambda: render_difference(difference), as_json=as_json)


async def _difference(session: Session, catalog: Catalog, old: str, new: str) -> Difference:
    from casewright.store import Store
    from graphs.differ import differ
    from graphs.load import load_sop
    from graphs.replay import past_flips

    async with Store.at(session.settings) as store:

        async def named(name: str) -> Sop:
            if "@" not in name:
                return catalog.load(name)
            return load_sop(await store.version_files(name), catalog.tools, folder=name)

        before, after = await named(old), await named(new)
        runs = [run for run in await store.runs() if run.sop == before.name and run.decision]
        past = await past_flips(before, after, runs, store, catalog.tools)
        return differ(before, after, past, compared=len(runs))


class Form(StrEnum):
    """How a diagram is written."""

    MERMAID = "mermaid"
    SVG = "svg"


class What(StrEnum):
    """What a diagram shows."""

    MACHINE = "machine"
    TABLE = "table"


@app.command()
def diagram(
    context: typer.Context,
    name: SopName,
    form: Annotated[
        Form, typer.Option("--format", help="Mermaid, for pages that draw it; or a picture.")
    ] = Form.MERMAID,
    what: Annotated[What, typer.Option(help="The state machine, or the decision table.")] = (
        What.MACHINE
    ),
    out: Annotated[Path | None, typer.Option(help="File to write; else stdout.")] = None,
) -> None:
    """The SOP as a diagram: its state machine, or its decision table."""
    from graphs.diagrams import draw

    session: Session = context.obj
    drawn = draw(catalog_of(session).load(name), form=form.value, what=what.value)
    if out is None:
        typer.echo(drawn, nl=False)
        return
    try:
        out.write_text(drawn, "utf-8")
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}.") from error
    session.err.print(f"Wrote {out}.", markup=False)


def catalog_of(session: Session) -> Catalog:
    """The SOPs of this call: built-in, and the workspace's."""
    from graphs.catalog import Catalog
    from tools.workspace import open_tools

    async def declared() -> Catalog:
        async with open_tools(session.settings, session.workspace) as tools:
            return Catalog(tools, session.workspace)

    return wait(declared())
