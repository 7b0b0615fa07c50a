"""The command line: parse, call one function, print.

stdout carries the result, stderr the progress. Exit codes: 0 done, 1 the work failed, 2 bad usage
or input, 3 done but waiting for a human, 130 interrupted. Commands live in the folders they serve;
each imports what it needs when it runs.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import evals.attack_commands
import evals.calibrate_commands
import evals.collect_commands
import evals.commands
import evals.compare_commands
import evals.error_commands
import evals.leaks_commands
import evals.metric_commands
import evals.new_commands
import evals.promotion_commands
import evals.report_commands
import evals.split_commands
import evals.trial_commands
import graphs.batch_commands
import graphs.commands
import graphs.deliver_commands
import graphs.kb_commands
import graphs.note_commands
import graphs.sop_commands
import knowledge_base.commands
import review.asking_commands
import review.audit_commands
import review.commands
import review.console_commands
import review.key_commands
import review.quality_commands
import review.queue_commands
import review.search_commands
import review.undo_commands
import review.webhook_commands
import sandbox.commands
import tools.commands
from casewright.errors import CasewrightError, UsageError
from casewright.owner import require_ours
from casewright.session import INTERRUPTED, Session, wait, world_home

if TYPE_CHECKING:
    from casewright.doctor import Check
    from casewright.settings import Settings

PROGRAM = "casewright"
WORKSPACE_FILE = "casewright.toml"

app = typer.Typer(
    name=PROGRAM,
    help="Investigate marketplace cases by written procedures, with evidence for every claim.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(graphs.commands.investigate)
knowledge_base.commands.app.command("ingest")(graphs.kb_commands.kb_ingest)
knowledge_base.commands.app.command("train")(graphs.kb_commands.kb_train)
knowledge_base.commands.app.command("note")(graphs.note_commands.note)
knowledge_base.commands.app.command("notes")(graphs.note_commands.notes)
app.command()(review.console_commands.console)
app.add_typer(review.commands.app, name="review")
app.add_typer(review.key_commands.app, name="key")
app.add_typer(review.asking_commands.case_app, name="case")
app.add_typer(review.audit_commands.app, name="audit")
app.add_typer(review.audit_commands.export_app, name="export")
app.add_typer(review.webhook_commands.app, name="webhook")
app.add_typer(graphs.batch_commands.app, name="batch")
app.add_typer(graphs.deliver_commands.app, name="enforce")
app.add_typer(evals.commands.app, name="eval")
app.add_typer(graphs.sop_commands.app, name="sop")
app.add_typer(knowledge_base.commands.app, name="kb")
app.add_typer(sandbox.commands.app, name="sandbox")
app.add_typer(tools.commands.app, name="tool")


def main() -> None:
    """Run the command line and leave with its exit code."""
    # Imports make a million objects and next to no garbage: looking for it there takes a fifth of
    # a short command's time. ``casewright.session.wait`` turns the collector on again.
    gc.disable()
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; errors are told in one sentence on stderr."""
    try:
        require_ours()
        code = int(app(arguments, prog_name=PROGRAM, standalone_mode=False) or 0)
    except CasewrightError as error:
        typer.echo(f"error: {error}", err=True)
        return error.exit_code
    except typer.TyperException as error:  # a wrong option, a missing argument
        called = getattr(getattr(error, "ctx", None), "command_path", PROGRAM)
        typer.echo(f"error: {error.format_message()} See `{called} --help`.", err=True)
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    if code == INTERRUPTED:
        told = "Interrupted. Nothing is lost: the same command goes on where it stopped."
        typer.echo(told, err=True)
    return code


@app.callback()
def _session(
    context: typer.Context,
    home: Annotated[
        Path | None, typer.Option(help="Folder of the store and the sandbox world.")
    ] = None,
    workspace: Annotated[
        Path | None, typer.Option(help="Folder with casewright.toml; else this one or one above.")
    ] = None,
) -> None:
    if workspace is not None and not workspace.is_dir():
        raise UsageError(
            f"There is no folder {workspace}.", remedy="`casewright init DIR` makes a workspace."
        )
    context.obj = session_at(home, workspace)


def session_at(home: Path | None = None, workspace: Path | None = None) -> Session:
    """A session as a command has it.

    Args:
        home: Folder of the store; None: the settings' own.
        workspace: The workspace; None: the nearest one from the current folder upwards.
    """
    workspace = workspace or _workspace_here()
    return Session(home=home, workspace=workspace, embed=_embedded, masking=_masking)


def _workspace_here() -> Path | None:
    """The nearest folder with a workspace's file, from the current one upwards."""
    here = Path.cwd()
    return next((one for one in (here, *here.parents) if (one / WORKSPACE_FILE).is_file()), None)


def _masking(settings: Settings) -> Callable[[str], str]:
    from agents.masked import masking

    return masking(settings)


@contextmanager
def _embedded(settings: Settings, seed: int | None) -> Iterator[Settings]:
    from pydantic import SecretStr

    from sandbox.embedded import at_hand, world_of

    home = settings.home
    if seed is not None:
        from sandbox.build import build_world

        home = world_home(home, seed)
        build_world(world_of(home), seed=seed, size="small")
    # Evals ask thousands of questions: there the sandbox neither fails nor throttles.
    with at_hand(home, faults=seed is None, rate_limits=seed is None) as endpoint:
        found = {
            "home": home,
            "source_url": endpoint.base_url,
            "source_token": SecretStr(endpoint.read_token),
            "enforce_token": SecretStr(endpoint.enforce_token),
            "cases": None,
        }
        if seed is not None:  # such a world has a store of its own
            found["store_url"] = SecretStr("")
        # Not validated anew: that would read file and environment into it a second time.
        yield settings.model_copy(update=found)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="The workspace folder to make.")],
) -> None:
    """Make a workspace: settings, two small CSV files, a tool, and a place for your own SOPs."""
    from graphs.scaffold import make_workspace

    if (folder / WORKSPACE_FILE).exists():
        raise UsageError(f"{folder} is a workspace already.")
    make_workspace(folder)
    told = "settings in casewright.toml, cases and evidence in data/, a tool in tools/"
    typer.echo(f"Made the workspace {folder}: {told}, SOPs go into sops/.")
    typer.echo(f"Next: cd {folder}, read README.md, and casewright sop new NAME.")


@app.command()
def doctor(
    context: typer.Context,
    upgrade: Annotated[bool, typer.Option("--upgrade", help="Bring the store up to date.")] = False,
    model: Annotated[
        bool, typer.Option("--model", help="Ask the model endpoints what they can do.")
    ] = False,
    copy_from: Annotated[
        Path | None,
        typer.Option("--copy-from", help="Copy a home folder's store into the one on the server."),
    ] = None,
    health: Annotated[
        str, typer.Option(metavar="URL", help="Ask a console that runs there, and nothing else.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Check the installation; every complaint comes with its remedy."""
    from casewright import doctor as doctors

    session: Session = context.obj
    if upgrade:
        wait(doctors.upgrade(session.settings))
    if copy_from is not None:
        from graphs.moving import copy_home

        def copied(name: str, count: int) -> None:
            typer.echo(f"{name}: {count}", err=True)

        wait(copy_home(copy_from, session.settings, told=copied))

    async def examined() -> list[Check]:
        if health:
            return [await doctors.console(health)]
        checks = [check async for check in doctors.examine(session.settings, session.workspace)]
        if not model:
            return checks
        from agents.checkup import check_up

        return [*checks, *[check async for check in check_up(session.settings)]]

    checks = wait(examined())
    value = [check.model_dump() for check in checks]
    session.show(value, lambda: "\n".join(map(_told, checks)), as_json=as_json)
    if not all(check.ok for check in checks):
        raise typer.Exit(1)


def _told(check: Check) -> str:
    mark = "ok " if check.ok else "BAD"
    return f"{mark}  {check.name:<9} {check.detail}" + (f"\n     → {check.remedy}" * (not check.ok))


@app.command()
def demo(
    context: typer.Context,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the simulated world.")] = (
        sandbox.commands.FIRST_SEED
    ),
) -> None:
    """Build a small simulated marketplace and investigate one seller's appeal in it."""
    from casewright.render import render_run

    session: Session = context.obj
    sandbox.commands.make_world(session, seed, "small")
    with session.sourced() as settings:
        wait(graphs.kb_commands.ingest(session, settings))
        run = wait(graphs.commands.investigate_first(session, settings))
    session.out.print(render_run(run))
    session.out.print(
        "\nThis marketplace is simulated. Follow a citation to its raw evidence with\n"
        f"  casewright review show {run.case.case_id} --cite 1"
    )


if __name__ == "__main__":
    main()
