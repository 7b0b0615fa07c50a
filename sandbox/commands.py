"""``sandbox``: make a world and serve it. Heavy imports stay inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from casewright.errors import UsageError
from casewright.session import Session
from sandbox.model.names import FAULTS, Style

if TYPE_CHECKING:
    from sandbox.sizes import Size
    from sandbox.summary import WorldSummary

FIRST_SEED = 7
PORT = 8765

app = typer.Typer(help="The simulated marketplace.", no_args_is_help=True)


@app.command()
def init(
    context: typer.Context,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same world.")] = (
        FIRST_SEED
    ),
    small: Annotated[bool, typer.Option("--small", help="A tenth of the default size.")] = False,
    large: Annotated[bool, typer.Option("--large", help="Ten times the default size.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace another world.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Generate a simulated marketplace from a seed."""
    from rich.text import Text

    if small and large:
        raise UsageError("A world is small or large, not both.")
    session: Session = context.obj
    size: Size = "small" if small else "large" if large else "default"
    made = make_world(session, seed, size, force=force)
    told = ", ".join(f"{count:,} {name}" for name, count in made.counts.items())
    line = f"A {size} simulated world from seed {seed}: {told}."
    session.show(
        made.model_dump(mode="json", exclude={"tokens"}), lambda: Text(line), as_json=as_json
    )


def make_world(session: Session, seed: int, size: Size, *, force: bool = False) -> WorldSummary:
    """Build the home folder's world with a progress bar on stderr.

    Raises:
        UsageError: it holds another world, and ``force`` is not set.
        HomeUnwritable: the home folder cannot be written.
    """
    from rich.progress import Progress

    from casewright.store.opening import require_writable
    from sandbox.build import build_world
    from sandbox.embedded import world_of

    require_writable(session.settings.home)
    with Progress(console=session.err, transient=True) as bar:
        task = bar.add_task("sandbox", total=1.0)
        return build_world(
            world_of(session.settings.home),
            seed=seed,
            size=size,
            force=force,
            progress=lambda stage, share: bar.update(task, description=stage, completed=share),
        )


@app.command()
def serve(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="Port on loopback; 0 takes a free one.")] = PORT,
    faults: Annotated[bool, typer.Option(help="Fail now and then, as real services do.")] = True,
    speed: Annotated[float, typer.Option(min=0, help="World seconds in a real second.")] = 0.0,
) -> None:
    """Serve the world on loopback until Ctrl-C; other commands with this home find it."""
    import signal
    import threading

    from sandbox.embedded import announced, world_of
    from sandbox.server import running

    session: Session = context.obj
    home = session.settings.home
    # Both end it cleanly, also where a shell started it in the background with Ctrl-C ignored.
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)
    with (
        running(world_of(home), port=port, faults=faults, speed=speed) as endpoint,
        announced(home, endpoint),
    ):
        session.err.print(f"Simulated marketplace on {endpoint.base_url}, Ctrl-C ends it.")
        typer.echo(endpoint.base_url)
        threading.Event().wait()


@app.command()
def model(
    context: typer.Context,
    style: Annotated[Style, typer.Option(help="How it reads.")] = "expert",
    error_rate: Annotated[
        float, typer.Option(min=0, max=1, help="Share of wrong answers of `noisy`.")
    ] = 0.1,
    latency_ms: Annotated[int, typer.Option(min=0, help="Milliseconds before a reply.")] = 0,
    seed: Annotated[int, typer.Option(help="What errors and faults are drawn from.")] = 0,
    port: Annotated[int, typer.Option(help="Port on loopback; 0 takes a free one.")] = 0,
    fault: Annotated[
        str, typer.Option(help=f"One fault always, of `faulty`: {', '.join(FAULTS)}.")
    ] = "",
) -> None:
    """Serve a SIMULATED model: it imitates a reader of this world's texts, OpenAI-compatible."""
    import signal
    import threading

    from sandbox.embedded import world_of
    from sandbox.model.app import Manner
    from sandbox.model.server import simulating

    session: Session = context.obj
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)
    manner = Manner(style, error_rate, latency_ms, seed, fault)
    with simulating(world_of(session.settings.home), manner, port=port) as url:
        told = f"SIMULATED model ({style}) on {url}; it knows this world by heart and is no model."
        session.err.print(f"{told} Ctrl-C ends it.")
        typer.echo(url)
        threading.Event().wait()
