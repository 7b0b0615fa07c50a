"""``--record`` and ``--replay``: a cassette for one call of the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from casewright.errors import UsageError

if TYPE_CHECKING:
    from casewright.session import Session
    from casewright.settings import Settings

Record = Annotated[
    Path | None, typer.Option("--record", help="Keep the model's answers in this file.")
]
Replay = Annotated[
    Path | None, typer.Option("--replay", help="Take the model's answers from this file alone.")
]

SIZE_LIMIT = 1_000_000
"""Bytes above which a cassette is too large for a repository."""


@contextmanager
def taped(
    session: Session, settings: Settings, record: Path | None, replay: Path | None
) -> Iterator[Settings]:
    """The settings with the cassette that was asked for; a recording's size is told at its end.

    Raises:
        UsageError: both are asked for, or no model is set, whose answers these could be.
    """
    if record is None and replay is None:
        yield settings
        return
    if record is not None and replay is not None:
        raise UsageError("A cassette is recorded or replayed, not both at once.")
    if not settings.model:
        raise UsageError(
            "No model is set whose answers the cassette could hold.",
            remedy="Set CASEWRIGHT_MODEL; a replay needs the name it was recorded with.",
        )
    mode = "replay" if record is None else "record"
    path = (record or replay or Path()).expanduser().absolute()
    try:
        yield settings.model_copy(update={"model_cassette": path, "model_cassette_mode": mode})
    finally:
        if record is not None:
            session.err.print(_told(path))


def _told(path: Path) -> str:
    if not path.is_file():
        return "Nothing was recorded: no model was asked."
    size = path.stat().st_size
    large = " That is too large for a repository: record fewer cases." * (size > SIZE_LIMIT)
    return f"Recorded in {path}, {size / 1000:,.0f} kB.{large}"
