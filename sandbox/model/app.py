"""The HTTP service: chat completions and models, as OpenAI-compatible clients expect them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from sandbox.model.faults import (
    REFUSALS,
    RETRY_AFTER,
    FaultDraw,
    misspoken,
    miswritten,
)
from sandbox.model.memory import Memory
from sandbox.model.names import FAULTS, STYLES, Style
from sandbox.model.reader import SimulatedReader
from sandbox.model.replies import CREATED, Reply, message_of
from sandbox.model.usage import PromptCache

PREFIX: Final = "simulated-"
_LONG_S: Final = 3_600.0
_GLANCE_S: Final = 0.05


@dataclass(frozen=True)
class Manner:
    """How the endpoint behaves.

    Attributes:
        style: What the model ``simulated`` is.
        error_rate: Share of wrong answers of ``noisy``.
        latency_ms: Milliseconds before each reply.
        seed: What errors and faults are drawn from.
        fault: The one fault of ``faulty``; empty for a mix.
    """

    style: Style = "expert"
    error_rate: float = 0.1
    latency_ms: int = 0
    seed: int = 0
    fault: str = ""


@dataclass
class _Service:
    """One running endpoint."""

    manner: Manner
    readers: Mapping[Style, SimulatedReader]
    draw: FaultDraw
    cache: PromptCache = field(default_factory=PromptCache)


class _Refused(Exception):
    """A request that is answered with an HTTP error."""

    def __init__(self, status: int, code: str, told: str) -> None:
        super().__init__(told)
        self.status, self.code = status, code

    def response(self) -> JSONResponse:
        error = {"message": str(self), "type": self.code, "param": None, "code": self.code}
        headers = {"Retry-After": str(RETRY_AFTER)} if self.status == 429 else {}
        return JSONResponse({"error": error}, self.status, headers)


def create_app(memory: Memory, manner: Manner) -> FastAPI:
    """The endpoint over what is known by heart."""
    readers: dict[Style, SimulatedReader] = {
        style: SimulatedReader(memory, style, manner.error_rate, manner.seed) for style in STYLES
    }
    service = _Service(manner, readers, FaultDraw(manner.seed))
    app = FastAPI(title="casewright simulated model", docs_url=None, redoc_url=None)

    @app.get("/v1/models")
    def models() -> dict[str, Any]:
        named = ("simulated", *(PREFIX + style for style in STYLES))
        told = {"object": "model", "created": CREATED, "owned_by": "casewright sandbox, simulated"}
        return {"object": "list", "data": [{"id": name, **told} for name in named]}

    @app.post("/v1/chat/completions")
    async def complete(request: Request) -> Response:
        try:
            return await _completed(service, request)
        except _Refused as refused:
            return refused.response()

    return app


async def _completed(service: _Service, request: Request) -> Response:
    body = await _body(request)
    style, fault = _wanted(service, str(body.get("model", "")))
    await asyncio.sleep(service.manner.latency_ms / 1000)
    if fault in REFUSALS:
        raise _Refused(REFUSALS[fault], fault, f"A simulated fault: {fault}.")
    if fault == "hang":
        await _hang(request)
    reply = _reply(service, style, fault, body)
    streamed = bool(body.get("stream"))
    if fault in ("not_json", "wrong_shape", "no_choices"):
        return _misshapen(fault, reply)
    if fault == "cut_body" or (fault == "cut_stream" and not streamed):
        return _cut(json.dumps(reply.body()))
    if not streamed:
        return JSONResponse(reply.body())
    return _streamed(reply, body, cut=fault == "cut_stream")


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body())
    except ValueError as error:
        raise _Refused(400, "invalid_request_error", f"The body is not JSON: {error}.") from error
    if not isinstance(body, dict) or not isinstance(body.get("messages"), list):
        raise _Refused(400, "invalid_request_error", "`messages` is not a list.")
    if not all(isinstance(one, dict) for one in body["messages"]):
        raise _Refused(400, "invalid_request_error", "A message is not an object.")
    return body


def _wanted(service: _Service, model: str) -> tuple[Style, str]:
    """The style that the request's model names, and its fault."""
    name, _, named = model.removeprefix(PREFIX).partition(":")
    name = service.manner.style if name == "simulated" else name
    for style in STYLES:
        if style == name and named in ("", *FAULTS):
            return style, named or _fault(service, style)
    known = ", ".join(["simulated", *(PREFIX + style for style in STYLES)])
    raise _Refused(404, "model_not_found", f"There is no model {model!r}. Simulated: {known}.")


def _fault(service: _Service, style: Style) -> str:
    if style != "faulty":
        return ""
    return service.manner.fault or service.draw.next()


def _reply(service: _Service, style: Style, fault: str, body: dict[str, Any]) -> Reply:
    conversation, said = service.readers[style].says(body)
    said = misspoken(fault, said, conversation)
    message, finish = message_of(conversation, said, forced=not fault)
    message = miswritten(fault, message)
    usage = service.cache.usage(body, json.dumps(message, ensure_ascii=False))
    return Reply(str(body.get("model")), message, finish, usage)


async def _hang(request: Request) -> None:
    """Say nothing until the caller has gone."""
    waited = 0.0
    while waited < _LONG_S and not await request.is_disconnected():
        await asyncio.sleep(_GLANCE_S)
        waited += _GLANCE_S


def _misshapen(fault: str, reply: Reply) -> Response:
    if fault == "not_json":
        return PlainTextResponse("<html><body>Bad gateway (simulated)</body></html>")
    body = reply.body()
    choices = [] if fault == "no_choices" else {"text": "yes"}
    return JSONResponse({**body, "choices": choices})


def _cut(text: str) -> Response:
    """Half of the body under the length of the whole: the connection ends too early."""
    half = text[: len(text) // 2].encode()

    async def parts() -> AsyncIterator[bytes]:
        yield half

    headers = {"content-length": str(len(text.encode()))}
    return StreamingResponse(parts(), media_type="application/json", headers=headers)


def _streamed(reply: Reply, body: dict[str, Any], *, cut: bool) -> Response:
    options = body.get("stream_options") or {}
    events = list(reply.events(with_usage=bool(options.get("include_usage"))))

    async def parts() -> AsyncIterator[str]:
        for event in events[: len(events) // 2] if cut else events:
            yield event

    # A stream that is cut breaks in the middle of an event.
    headers = {"content-length": str(sum(len(one.encode()) for one in events))} if cut else {}
    return StreamingResponse(parts(), media_type="text/event-stream", headers=headers)
