"""Carries out planned writes: one POST each, under its idempotency key."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx

from casewright.clock import Clock
from casewright.enforcement import Enforced, PlannedAction, WriteStatus
from casewright.errors import SourceError
from casewright.models import EvidenceStatus
from casewright.settings import Settings
from tools.base import Answer
from tools.enforcement import WriteTool, offered
from tools.named import NO_SOURCE
from tools.sources.failure import Named
from tools.sources.http import HttpSource
from tools.sources.page import Page
from tools.sources.patience import Patience
from tools.sources.reply import Reply
from tools.sources.request import Request

KEY_HEADER: Final = "Idempotency-Key"

NAMED: Final = Named(credential="CASEWRIGHT_ENFORCE_TOKEN")
"""Where the token for writes is set, for remedies."""

ACCEPTED: Final = (
    httpx.codes.OK,
    httpx.codes.CREATED,
    httpx.codes.ACCEPTED,
    httpx.codes.NO_CONTENT,
)
"""Statuses by which a marketplace says that a write was done, or is being done."""

REFUSED: Final = (
    httpx.codes.BAD_REQUEST,
    httpx.codes.NOT_FOUND,
    httpx.codes.CONFLICT,
    httpx.codes.GONE,
    httpx.codes.PRECONDITION_FAILED,
    httpx.codes.UNPROCESSABLE_ENTITY,
)
"""Statuses by which it says that it will not do it, however often it is asked."""

REMEDIES: Final[Mapping[str, str]] = {
    "stale_version": "What it concerns has changed since: investigate the case with --again.",
    "idempotency_key_reused": "Its key did something else before: investigate with --again.",
}
BY_HAND: Final = "See whether it still applies, and do it by hand or mend the SOP."


class Enforcer:
    """Carries out writes. Build it with :func:`open_enforcer`.

    Args:
        source: Where writes are posted.
        tools: Write tools by name.
        clock: The present moment.
    """

    def __init__(self, source: HttpSource, tools: Mapping[str, WriteTool], clock: Clock) -> None:
        self._source = source
        self._tools = tools
        self._clock = clock

    @property
    def tools(self) -> Mapping[str, WriteTool]:
        """The write tools by name."""
        return self._tools

    async def carry_out(self, write: PlannedAction) -> Enforced:
        """Carry out one write; the same one again does nothing more.

        Returns:
            ``done``, ``refused`` with what to do instead, or ``failed`` where it may be tried
            again.
        """
        tool = self._tools.get(write.do)
        if write.lacks or tool is None:
            reason = "; ".join(write.lacks) or f"there is no write tool {write.do!r}"
            return self._ended(write, "refused", reason=reason, remedy=BY_HAND)
        try:
            answer = (await self._source.send(request_of(tool, write), _read)).answer
        except SourceError as error:
            reason = error.code or error.message
            return self._ended(write, "failed", reason=reason, remedy=error.remedy)
        if answer.status is not EvidenceStatus.OK:
            remedy = REMEDIES.get(answer.reason, BY_HAND)
            return self._ended(write, "refused", reason=answer.reason, remedy=remedy)
        return self._ended(write, "done", answer=answer.data)

    def _ended(self, write: PlannedAction, status: WriteStatus, **told: Any) -> Enforced:
        return Enforced(write=write, status=status, at=self._clock(), **told)


def request_of(tool: WriteTool, write: PlannedAction) -> Request:
    """What is sent for a write: exactly this, whether it is sent or only shown."""
    return Request(tool.path, method="POST", body=write.arguments, headers={KEY_HEADER: write.key})


def _read(reply: Reply) -> Page:
    if reply.status in ACCEPTED:
        body = reply.value() if reply.body else {}
        data = body.get("data", body) if isinstance(body, dict) else {}
        return Page(Answer(EvidenceStatus.OK, data=data if isinstance(data, dict) else {}))
    return reply.page(absent=() if reply.problem().retryable else REFUSED)


@asynccontextmanager
async def open_enforcer(settings: Settings, clock: Clock) -> AsyncIterator[Enforcer | None]:
    """An enforcer for the settings' source, closed at the end of the block; None where it is off.

    Raises:
        UsageError: the source's address or the token cannot be used.
        EnvironmentFault: a plugin does not load.
    """
    if settings.enforce == "off":
        yield None
        return
    token = settings.enforce_token.get_secret_value() or settings.source_token.get_secret_value()
    source = HttpSource(
        settings.source_url or NO_SOURCE["source_url"],
        token,
        named=NAMED,
        timeout_s=settings.source_timeout_s,
        patience=Patience(attempts=settings.source_attempts),
        clock=clock,
    )
    async with source:
        yield Enforcer(source, offered(), clock)
