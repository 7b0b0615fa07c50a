"""What the settings name: the source that tools read, and the inbox that the cases come from."""

from __future__ import annotations

from casewright.clock import Clock, utc_now
from casewright.settings import Settings
from tools.cases import CaseTable
from tools.declaration import MARKETPLACE
from tools.inbox import Inbox
from tools.sources.gate import Gates
from tools.sources.http import HttpSource

NO_SOURCE = {"source_url": "http://no-source-is-configured.invalid"}
"""A name that never resolves (RFC 2606), so that asking it says what is wrong."""


def source_of(settings: Settings, gates: Gates | None = None) -> HttpSource:
    """The marketplace's API; without one, everything that asks none still works.

    Args:
        settings: Its address and token, waits and tries.
        gates: What bounds the calls; None: nothing does.

    Raises:
        UsageError: the source's address cannot be used.
    """
    given = settings if settings.source_url else settings.model_copy(update=NO_SOURCE)
    return HttpSource.from_settings(given, gate=gates.of(MARKETPLACE) if gates else None)


def inbox_of(settings: Settings, source: Inbox, clock: Clock = utc_now) -> Inbox:
    """The table of cases, where one is set; else the source."""
    return CaseTable(settings.cases, clock) if settings.cases else source
