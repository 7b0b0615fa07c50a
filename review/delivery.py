"""Tells webhooks what happened: at least once, each endpoint in the order of the log.

What is sent is derived from the log, so that nothing which happened can be missed: a cursor says
how far an endpoint was told, and moves on once it has answered with 2xx. A message holds ids, names
of the procedure and digests, never a word of a party or of a reviewer.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import httpx
from filelock import AsyncFileLock, Timeout
from pydantic import BaseModel
from sqlalchemy.exc import OperationalError

from casewright.audit import Event, Kind, moment_text
from casewright.clock import Clock
from casewright.errors import UnknownName, UsageError
from casewright.settings import Settings
from casewright.store import Store
from casewright.store.cursors import Cursor
from casewright.webhook import ANNOUNCED, Webhook, signed

TIMEOUT_S: Final = 10.0
"""Longest wait for an endpoint's answer, in seconds."""

FIRST_PAUSE_S: Final = 5
LONGEST_PAUSE_S: Final = 3600
"""Pauses between attempts, in seconds: doubled with each failure, up to the longest."""

AT_ONCE: Final = 100
"""Events that are read at a time."""

FOLDER: Final = "locks"

_TOLD: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.WAITING: ("route", "due"),
    Kind.REVIEWED: ("act", "codes", "outcome"),
    Kind.CLOSED: ("outcome", "route", "automatic"),
    Kind.ENFORCED: ("do", "purpose", "name", "key", "status"),
    Kind.UNDONE: ("do", "purpose", "name", "key", "status"),
}
"""What of an event's body is told; nothing of any other."""

_NAMES: Final = {kind: name for name, kind in ANNOUNCED.items()}


class Delivered(BaseModel):
    """What came of telling one endpoint.

    Attributes:
        name: The endpoint.
        sent: Messages that it took.
        error: Why it was told no more, or empty.
    """

    name: str
    sent: int = 0
    error: str = ""


async def deliver_webhooks(
    store: Store, settings: Settings, clock: Clock, *, client: httpx.AsyncClient | None = None
) -> tuple[Delivered, ...]:
    """Tell every endpoint what it has not been told, one after the other for each.

    An endpoint that fails is told again after a pause that grows from five seconds to an hour, and
    nothing after it before that. Those that another process is telling are passed over.

    Args:
        store: Holds the log and the cursors.
        settings: Name the endpoints.
        clock: The present moment.
        client: What sends; None: one of its own.
    """
    async with _opened(client) as http:
        made = [Deliverer(store, settings.home, clock, http)] if settings.webhooks else []
        told = (one.tell(name, hook) for one in made for name, hook in settings.webhooks.items())
        return tuple(await asyncio.gather(*told))


async def keep_delivering(
    store: Store,
    settings: Settings,
    clock: Clock,
    *,
    pause_s: float = 1.0,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Deliver, for ever: what a server does in the background. Returns at once without endpoints.

    Args:
        store: Holds the log and the cursors.
        settings: Name the endpoints.
        clock: The present moment.
        pause_s: Between two rounds, in seconds.
        sleep: How to wait.
    """
    if not settings.webhooks:
        return
    async with _opened(None) as client:
        while True:
            with suppress(OperationalError):  # locked or full: the next round tries again
                await deliver_webhooks(store, settings, clock, client=client)
            await sleep(pause_s)


async def send_test(settings: Settings, name: str, clock: Clock) -> None:
    """Send one message of type ``test`` to an endpoint.

    Raises:
        UnknownName: there is no endpoint of that name.
        UsageError: its secret is not set, or it did not take the message.
    """
    if name not in settings.webhooks:
        raise UnknownName.among("webhook", name, settings.webhooks)
    message = {"type": "test", "timestamp": moment_text(clock()), "data": {}}
    async with _opened(None) as client:
        sender = _Sender(settings.webhooks[name], client, clock)
        error = await sender.send(f"test_{name}_{int(clock().timestamp())}", message)
    if error:
        raise UsageError(f"The webhook {name!r} did not take it: {error}.")


class Deliverer:
    """Tells one endpoint at a time.

    Args:
        store: Holds the log and the cursors.
        home: The home folder: a lock there keeps two processes from telling the same endpoint.
        clock: The present moment.
        client: What sends.
    """

    def __init__(self, store: Store, home: Path, clock: Clock, client: httpx.AsyncClient) -> None:
        self._cursors = store.cursors
        self._locks = home / FOLDER
        self._clock = clock
        self._client = client

    async def tell(self, name: str, hook: Webhook) -> Delivered:
        """Tell an endpoint all that it has not been told; errors are told, not raised."""
        self._locks.mkdir(parents=True, exist_ok=True)
        try:
            async with AsyncFileLock(self._locks / f"webhook-{name}", timeout=0):
                return await self._tell(await self._cursors.opened(name), hook)
        except Timeout:
            return Delivered(name=name, error="another process is telling it")

    async def _tell(self, cursor: Cursor, hook: Webhook) -> Delivered:
        sent, now = 0, self._clock()
        if cursor.next_at > now.timestamp():
            return Delivered(name=cursor.name, error=cursor.last_error)
        try:
            sender = _Sender(hook, self._client, self._clock)
        except UsageError as error:
            return await self._give_up(cursor, 0, error.message)
        while True:
            events, upto = await self._cursors.waiting(cursor, hook.kinds, limit=AT_ONCE)
            for event in events:
                if refusal := await sender.send(event.hash, message_of(event)):
                    return await self._give_up(cursor, sent, refusal)
                cursor = await self._passed(cursor, event.entry)
                sent += 1
            if upto > cursor.entry:
                cursor = await self._passed(cursor, upto)
            if len(events) < AT_ONCE:
                return Delivered(name=cursor.name, sent=sent)

    async def _passed(self, cursor: Cursor, entry: int) -> Cursor:
        await self._cursors.passed(cursor.name, entry)
        return Cursor(cursor.name, entry)

    async def _give_up(self, cursor: Cursor, sent: int, error: str) -> Delivered:
        pause = min(FIRST_PAUSE_S * 2 ** min(cursor.failures, 16), LONGEST_PAUSE_S)
        await self._cursors.failed(cursor, error, self._clock() + timedelta(seconds=pause))
        return Delivered(name=cursor.name, sent=sent, error=error)


class _Sender:
    """Sends to one endpoint, whose secret it has read."""

    def __init__(self, hook: Webhook, client: httpx.AsyncClient, clock: Clock) -> None:
        self._url = hook.url
        self._keys = hook.keys()
        self._client = client
        self._clock = clock

    async def send(self, message_id: str, message: Mapping[str, Any]) -> str:
        """Send a message; why it was not taken, or empty. No word of the answer is read."""
        body = json.dumps(message, separators=(",", ":")).encode()
        headers = {
            "content-type": "application/json",
            "user-agent": "casewright",
            **signed(self._keys, message_id, body, self._clock()),
        }
        try:
            async with (
                asyncio.timeout(TIMEOUT_S),
                self._client.stream("POST", self._url, content=body, headers=headers) as answer,
            ):
                status = answer.status_code
        except TimeoutError:
            return f"no answer within {TIMEOUT_S:g} seconds"
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return f"no answer: {type(error).__name__}"
        return "" if 200 <= status < 300 else f"it answered {status}"


def message_of(event: Event) -> dict[str, Any]:
    """An event as it is sent: type, time and data, as Standard Webhooks has them."""
    told = _some(event.body, _TOLD.get(event.kind, ()))
    data = {"case_id": event.case_id, "run_id": event.run_id, "event": event.hash, **told}
    kind = f"case.{_NAMES[event.kind]}"
    return {"type": kind, "timestamp": moment_text(event.at), "data": data}


def _some(body: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: body[name] for name in names if name in body}


@asynccontextmanager
async def _opened(client: httpx.AsyncClient | None) -> AsyncIterator[httpx.AsyncClient]:
    if client is not None:
        yield client
        return
    async with httpx.AsyncClient(follow_redirects=False, timeout=TIMEOUT_S) as own:
        yield own
