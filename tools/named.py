"""What the settings name: the source that tools read, and the inbox that the cases come from."""

from __future__ import annotations

from casewright.clock import Clock, utc_now
from casewright.settings import Settings
from tools.cases import CaseTable
from tools.inbox import Inbox
from tools.sources.http import HttpSource

NO_SOURCE = {"source_url": "http://no-source-is-configured.invalid"}
"""A name that never resolves (RFC 2606), so that asking it says what is wrong."""


def source_of(settings: Settings) -> HttpSource:
    """The marketplace's API; without one, everything that asks none still works.

    Raises:
        UsageError: the source's address cannot be used.
    """
    given = settings if settings.source_url else settings.model_copy(update=NO_SOURCE)
    return HttpSource.from_settings(given)


def inbox_of(settings: Settings, source: Inbox, clock: Clock = utc_now) -> Inbox:
    """The table of cases, where one is set; else the source."""
    return CaseTable(settings.cases, clock) if settings.cases else source
