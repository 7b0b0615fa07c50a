"""Opens what nodes work with, as the settings have it: store, knowledge base, readers, enforcer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from agents.cascade import Cascade, readers
from agents.masked import masking
from agents.model import narrator, talks
from agents.remembered import Remembering
from casewright.clock import Clock
from casewright.settings import Settings
from casewright.store import Store
from casewright.together import Together
from graphs.route import Clearance
from graphs.state import Services
from knowledge_base.opened import open_knowledge
from knowledge_base.precedents import Precedents
from tools.enforcer import open_enforcer
from tools.toolbox import Toolbox

if TYPE_CHECKING:
    from agents.tape import Tape


@asynccontextmanager
async def _warming(settings: Settings) -> AsyncIterator[Precedents]:
    """The knowledge base, its model loading in a thread while the source is being asked."""
    with open_knowledge(settings, mask=masking(settings)) as precedents:
        warmed = asyncio.create_task(asyncio.to_thread(precedents.warm))
        try:
            yield precedents
        finally:
            # What it could not load, the first search reports; here it only must be over.
            await asyncio.gather(warmed, return_exceptions=True)


@contextmanager
def tape_of(settings: Settings) -> Iterator[Tape | None]:
    """The cassette of the settings; what was recorded is saved at the end."""
    if settings.model_cassette is None or not settings.model:
        yield None
        return
    from agents.tape import open_tape  # vcrpy is for recordings alone

    with open_tape(settings.model_cassette, settings.model_cassette_mode) as tape:
        yield tape


def clearance_of(settings: Settings) -> Clearance:
    """What the settings allow to pass without a person."""
    return Clearance(automatic=settings.automatic == "on", protected=frozenset(settings.protected))


@asynccontextmanager
async def open_store(
    settings: Settings, records: Path | Store | None, *, inline: bool = False
) -> AsyncIterator[Store]:
    """The settings' store or that in a folder, closed at the end.

    Args:
        settings: Where the store is.
        records: A folder to take instead, or a store that is open already and stays so.
        inline: Whether it works in the event loop's own thread: for batches.
    """
    if isinstance(records, Store):
        yield records
        return
    opened = Store.open(records, inline=inline) if records else Store.at(settings, inline=inline)
    async with opened as store:
        yield store


@asynccontextmanager
async def open_services(
    settings: Settings,
    store: Store,
    toolbox: Toolbox,
    clock: Clock,
    remembering: Remembering | None,
    together: Together | None = None,
    *,
    insisting: bool = False,
) -> AsyncIterator[Services]:
    """What nodes work with, as the settings have it.

    Args:
        settings: The model, the knowledge base and what is let pass.
        store: Where records are kept.
        toolbox: Read-only tools.
        clock: The present moment.
        remembering: How readers remember what they read; None: they do not.
        together: What calls of models have in common with others; None: nothing.
        insisting: Whether a model that gives no answer stops the case, see ``agents.cascade``.

    Raises:
        EnvironmentFault: the knowledge base, the cassette or a plugin is unusable.
    """
    async with _warming(settings) as precedents, open_enforcer(settings, clock) as enforcer:
        with tape_of(settings) as tape:
            # One for all who talk: the limits on calls are those of the process.
            shared = talks(settings, tape, together) if settings.model else None

            def reading(lookups: Toolbox) -> Cascade:
                return readers(settings, lookups, precedents.embeddings, shared)

            yield Services(
                store,
                toolbox,
                precedents,
                readers(
                    settings,
                    toolbox,
                    precedents.embeddings,
                    shared,
                    remembering=remembering,
                    insisting=insisting,
                ),
                clock,
                settings.precedents,
                clearance=clearance_of(settings),
                sampling_key=settings.sampling_key.get_secret_value().encode(),
                enforcer=enforcer,
                undo=timedelta(minutes=settings.undo_minutes),
                narrator=narrator(settings, shared),
                reading=reading,
            )
