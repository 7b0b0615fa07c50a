"""Looks gold cases up where they came from: who is involved in each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress

from casewright.errors import UnknownCase
from casewright.models import Case
from casewright.settings import Settings
from tools.inbox import get_case
from tools.named import inbox_of, source_of

IN_FLIGHT = 8
"""Cases asked for at a time."""


async def cases_of(
    settings: Settings, case_ids: Iterable[str], progress: Callable[[int], None] | None = None
) -> dict[str, Case]:
    """The cases of these ids that the source knows, by id.

    Args:
        settings: Where the source is.
        case_ids: Their ids.
        progress: Called with how many were asked for, after every case.

    Raises:
        SourceError: the source fails or refuses us.
    """
    found: dict[str, Case] = {}
    done, gate = 0, asyncio.Semaphore(IN_FLIGHT)
    async with source_of(settings) as source:
        inbox = inbox_of(settings, source)

        async def one(case_id: str) -> None:
            nonlocal done
            async with gate:
                with suppress(UnknownCase):  # it will score as an error, which says so
                    found[case_id] = await get_case(inbox, case_id)
            done += 1
            if progress is not None:
                progress(done)

        await asyncio.gather(*map(one, case_ids))
    return found
