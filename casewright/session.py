"""One call of the command line: its settings, its source, and where its output goes.

Commands live in the folders they serve and receive a Session as ``context.obj``; only ``cli.py``
knows how the embedded sandbox is started, and passes that in.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from casewright.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from casewright.settings import Settings
    from casewright.telemetry import Step

T = TypeVar("T")

WAITING = 3
"""Exit code: done, but waiting for a human."""

INTERRUPTED = 130
"""Exit code: interrupted, and nothing is lost."""

Embed = Callable[["Settings", int | None], AbstractContextManager["Settings"]]
"""Starts a simulated marketplace and yields settings that point at it: the home folder's own, or
for a seed a small one with a home folder of its own below."""


@dataclass(frozen=True)
class Session:
    """What stands before the command, and what every command needs.

    Attributes:
        home: Folder of the store, or None for the settings' own.
        workspace: Folder with ``casewright.toml`` and ``sops/``, or None.
        embed: How to start the embedded sandbox.
        masking: What is done to a text before it leaves to be embedded.
    """

    home: Path | None
    workspace: Path | None
    embed: Embed
    masking: Callable[[Settings], Callable[[str], str]] = lambda _: str

    @cached_property
    def settings(self) -> Settings:
        """The settings of this call.

        Raises:
            UsageError: a setting is wrong.
        """
        from casewright.settings import load_settings

        return load_settings(self.workspace, home=self.home)

    def home_of(self, seed: int | None) -> Path:
        """The home folder of evals on the small simulated world of a seed; None: our own."""
        return self.settings.home if seed is None else world_home(self.settings.home, seed)

    @contextmanager
    def sourced(self, *, seed: int | None = None) -> Iterator[Settings]:
        """Settings with a source: the one that is set, or a table of cases, else the sandbox.

        Args:
            seed: Use the small simulated world of this seed, whatever is set.
        """
        with self.exporting():
            if (self.settings.source_url or self.settings.cases) and seed is None:
                yield self.settings
                return
            with self.embed(self.settings, seed) as settings:
                yield settings

    @contextmanager
    def exporting(self) -> Iterator[None]:
        """Send the spans made inside where the settings name a collector."""
        if not self.settings.otlp_endpoint:
            yield
            return
        from casewright.otlp import exporting

        with exporting(self.settings.otlp_endpoint):
            yield

    @cached_property
    def out(self) -> Console:
        """stdout, for results."""
        from rich.console import Console

        return Console(highlight=False)

    @cached_property
    def err(self) -> Console:
        """stderr, for progress."""
        from rich.console import Console

        return Console(stderr=True, highlight=False)

    def show(self, value: Any, rendered: Callable[[], RenderableType], *, as_json: bool) -> None:
        """Print a result: ``value`` as JSON for programs, ``rendered`` for people."""
        if as_json:
            typer.echo(json.dumps(value, indent=2, sort_keys=True))
        else:
            self.out.print(rendered())

    def step(self, step: Step) -> None:
        """Tell a finished step on stderr."""
        from rich.text import Text

        from casewright.render import visible

        took = f"{step.node:<8}{step.wall_ms:7.0f} ms  "
        self.err.print(Text.assemble(("  ✓ ", "green"), took, visible(step.detail)))


def world_home(home: Path, seed: int) -> Path:
    """Where evals on a small simulated world have their home folder, below ours."""
    return home / "evals" / f"seed-{seed}"


def wait(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end."""
    import asyncio
    import gc

    if not gc.isenabled():  # see cli.main: what was imported stays, and need not be looked through
        gc.freeze()
        gc.enable()
    return asyncio.run(work)


def texts(given: Sequence[str]) -> dict[str, str]:
    """``name=value`` as a mapping.

    Raises:
        UsageError: a text is not of that form.
    """
    found: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not (name and equals and value):
            raise UsageError(f"{text!r} is not NAME=VALUE.")
        found[name] = value
    return found
