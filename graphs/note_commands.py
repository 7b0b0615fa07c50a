"""``kb note`` and ``kb notes``: what experts know that no source tells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from casewright.errors import UnknownName, UsageError
from casewright.session import Session, wait

if TYPE_CHECKING:
    from rich.console import RenderableType

    from casewright.models import Note
    from casewright.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]

SCOPE = ("case_type", "region", "since", "until", "when")
"""What a scope may name; the first two any number of times."""


def note(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="What is known, in words for people.")] = "",
    scope: Annotated[
        list[str] | None,
        typer.Option(
            help="NAME=VALUE: case_type, region, since, until (of the fact), or when, a condition "
            "over the case's evidence; may be repeated."
        ),
    ] = None,
    sets: Annotated[
        str, typer.Option(help="FACTOR=VALUE, or FACTOR=unknown: what goes for the rule's own.")
    ] = "",
    author: Annotated[str, typer.Option(help="Who says so; else the setting `reviewer`.")] = "",
    reason: Annotated[str, typer.Option(help="How they know, or why it is withdrawn.")] = "",
    expires: Annotated[str, typer.Option(help="When it ends (RFC 3339).")] = "",
    withdraw: Annotated[str, typer.Option(metavar="ID", help="Withdraw this note.")] = "",
    as_json: Json = False,
) -> None:
    """Write down what an expert knows; it takes effect on the next case."""
    session: Session = context.obj
    who = author or session.settings.reviewer
    for given, option in ((text or withdraw, "TEXT"), (who, "--author"), (reason, "--reason")):
        if not given:
            raise UsageError(f"A note needs {option}.")
    with session.sourced() as settings:
        if withdraw:
            kept = wait(_withdrawn(settings, withdraw, who, reason))
        else:
            draft = {"text": text, "author": who, "reason": reason}
            kept = wait(_written(session, settings, draft, scope or [], sets, expires))
    session.show(kept.model_dump(mode="json"), lambda: _shown([kept]), as_json=as_json)


def notes(
    context: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Those that are over or withdrawn as well.")
    ] = False,
    as_json: Json = False,
) -> None:
    """The notes that are in force, oldest first."""
    session: Session = context.obj
    with session.sourced() as settings:
        found = wait(_listed(settings, everything=everything))
    value = [one.model_dump(mode="json") for one in found]
    session.show(value, lambda: _shown(found), as_json=as_json)


async def _written(
    session: Session,
    settings: Settings,
    draft: dict[str, str],
    scope: Sequence[str],
    sets: str,
    expires: str,
) -> Note:
    from casewright.store import Store
    from graphs.catalog import Catalog
    from graphs.noting import Draft, write_note
    from tools.workspace import open_tools

    made = Draft(**draft, sets=sets, expires=expires, **_scope(scope))
    now = await _now(settings)
    async with open_tools(settings, session.workspace) as tools, Store.at(settings) as store:
        return await write_note(store, Catalog(tools, session.workspace), made, now)


async def _withdrawn(settings: Settings, note_id: str, by: str, reason: str) -> Note:
    from casewright.store import Store

    now = await _now(settings)
    async with Store.at(settings) as store:
        return await store.notes.withdraw(note_id, by=by, reason=reason, at=now)


async def _listed(settings: Settings, *, everything: bool) -> tuple[Note, ...]:
    from casewright.store import Store

    now = await _now(settings)
    async with Store.at(settings) as store:
        return await (store.notes.all() if everything else store.notes.standing(now))


async def _now(settings: Settings) -> datetime:
    """The source's time, in which cases are judged."""
    from tools.named import inbox_of, source_of

    async with source_of(settings) as source:
        return await inbox_of(settings, source).now()


def _scope(given: Sequence[str]) -> dict[str, Any]:
    named: dict[str, list[str]] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if name not in SCOPE:
            raise UnknownName.among("scope", name, SCOPE)
        if not (equals and value):
            raise UsageError(f"{one!r} is not NAME=VALUE.")
        named.setdefault(name, []).append(value)
    for name in SCOPE[2:]:
        if len(named.get(name, ())) > 1:
            raise UsageError(f"A note has one {name}.")
    return {
        "case_types": tuple(named.get("case_type", ())),
        "regions": tuple(named.get("region", ())),
        **{name: "".join(named.get(name, ())) for name in SCOPE[2:]},
    }


def _shown(found: Sequence[Note]) -> RenderableType:
    from rich.console import Group
    from rich.text import Text

    from casewright.visible import visible

    lines = [line for one in found for line in _lines(one)]
    return Group(*(Text(visible(line)) for line in lines or ["No notes."]))


def _lines(one: Note) -> Iterator[str]:
    from graphs.noting import about, ends, settles

    yield f"{one.note_id}  {one.text}"
    told = {
        "of": about(one),
        "sets": settles(one),
        "by": f"{one.author}: {one.reason}",
        "until": ends(one),
    }
    yield from (f"  {name:<6} {value}" for name, value in told.items() if value)
