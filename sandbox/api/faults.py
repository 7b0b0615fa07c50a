"""Faults on purpose: slow answers, 5xx, dropped connections and cut-off JSON (handbook 11.2)."""

from __future__ import annotations

import asyncio
import math
import random
import threading
from collections import Counter
from dataclasses import dataclass
from typing import Final, Literal

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.api.problems import Problem

Kind = Literal["none", "error", "drop", "cut"]
ERROR_RATE: Final = 0.005
DROP_RATE: Final = 0.003
CUT_RATE: Final = 0.0005
MEDIAN_SECONDS: Final = 0.040
P99_SECONDS: Final = 0.900
_SIGMA: Final = math.log(P99_SECONDS / MEDIAN_SECONDS) / 2.326
SLOWEST: Final = 3.0


@dataclass(frozen=True)
class Manners:
    """How often requests fail, how widely delays spread (log-scale), and the longest in seconds."""

    error_rate: float
    sigma: float
    slowest: float


OWN: Final = Manners(ERROR_RATE, _SIGMA, SLOWEST)
EXTERNAL: Final = Manners(0.03, 1.8, 8.0)
"""Registers and providers: 3% fail, with a slow tail to eight seconds (handbook 11.2)."""

_EXTERNAL_PATHS: Final = tuple(
    f"/v1/checks/{name}" for name in ("registry", "tax-id", "address", "identity", "watchlist")
)


@dataclass(frozen=True)
class Fault:
    """What happens to one request: its kind, and how long it takes in seconds."""

    kind: Kind
    delay: float


class FaultSwitch:
    """Draws the faults of a running API.

    The n-th request for a target always meets the same fate, whatever else is asked between.

    Args:
        on: Whether faults happen.
        seed: What they are drawn from.
    """

    def __init__(self, on: bool, seed: int) -> None:
        self.on = on
        self._seed = seed
        self._lock = threading.Lock()
        self._visits: Counter[str] = Counter()

    def draw(self, target: str) -> Fault:
        """Draw the fate of the next request for ``target`` (path and query)."""
        if not self.on:
            return Fault("none", 0.0)
        with self._lock:
            self._visits[target] += 1
            visit = self._visits[target]
        rng = random.Random(f"{self._seed}/{target}/{visit}")
        manners = EXTERNAL if target.startswith(_EXTERNAL_PATHS) else OWN
        kind = _kind(rng.random(), manners.error_rate)
        return Fault(kind, min(manners.slowest, rng.lognormvariate(_MU, manners.sigma)))


_MU: Final = math.log(MEDIAN_SECONDS)


def _kind(draw: float, error_rate: float) -> Kind:
    if draw < error_rate:
        return "error"
    if draw < error_rate + DROP_RATE:
        return "drop"
    return "cut" if draw < error_rate + DROP_RATE + CUT_RATE else "none"


class FaultLayer:
    """ASGI middleware that lets requests under ``/v1`` meet their faults."""

    def __init__(self, app: ASGIApp, switch: FaultSwitch) -> None:
        self._app = app
        self._switch = switch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or not scope["path"].startswith("/v1/"):
            await self._app(scope, receive, send)
            return
        fault = self._switch.draw(f"{scope['path']}?{scope['query_string'].decode('latin-1')}")
        if fault.delay:
            await asyncio.sleep(fault.delay)
        if fault.kind == "error":
            problem = Problem(503, "unavailable", "Try again.", retryable=True)
            await problem.response()(scope, receive, send)
        elif fault.kind == "drop":
            await _drop(send)
        else:
            await self._app(scope, receive, _cutting(send) if fault.kind == "cut" else send)


async def _drop(send: Send) -> None:
    """Promise a body and never send it: the server then closes the connection."""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"4096")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b'{"data"', "more_body": True})


def _cutting(send: Send) -> Send:
    """Halve the body, with a length that fits: valid HTTP, broken JSON."""
    held: list[Message] = []

    async def cut(message: Message) -> None:
        if message["type"] == "http.response.start":
            held.append(message)
            return
        body = message.get("body", b"")
        start = held.pop()
        half = body[: len(body) // 2]
        headers = [pair for pair in start["headers"] if pair[0].lower() != b"content-length"]
        headers.append((b"content-length", str(len(half)).encode()))
        await send({**start, "headers": headers})
        await send({**message, "body": half})

    return cut
