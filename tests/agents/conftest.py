"""The outside world of the reader's tests, simulated at the outer edge and nowhere else.

``endpoint`` is a real HTTP server on loopback that speaks the OpenAI chat-completions wire format.
It is no model: it replies what the test wrote; ``backup`` is another one. ``toolbox``
is the real toolbox with built-in tools, over a small ASGI marketplace.
"""

import asyncio
import itertools
import json
import random
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from agents.fence import Markers
from agents.model import budget, talks
from agents.reader import ModelReader
from agents.reading import Errand, Passage, Question
from casewright.price import Price
from casewright.settings import Settings
from tools import appeals, orders
from tools.sources.http import HttpSource
from tools.sources.patience import Patience
from tools.toolbox import Toolbox

AS_OF = datetime(2026, 6, 1, 8, tzinfo=UTC)


@dataclass(frozen=True)
class Reply:
    """One scripted HTTP reply."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0


class ScriptedEndpoint:
    """What the simulated model endpoint will say, and what it was told."""

    def __init__(self) -> None:
        self.url = ""
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self._script: Iterator[Reply] = iter(())
        self._respond: Callable[[dict[str, Any]], Reply] | None = None

    def script(self, *replies: Reply) -> None:
        """Reply these, then nothing more: a further call fails the test."""
        self.requests.clear()
        self.headers.clear()
        self.most_in_flight = 0
        self._script = iter(replies)
        self._respond = None

    def respond(self, respond: Callable[[dict[str, Any]], Reply]) -> None:
        """Reply by what is asked, without end."""
        self.script()
        self._respond = respond

    def forever(self, reply: Callable[[int], Reply]) -> None:
        """Reply without end."""
        self.script()
        self._script = map(reply, itertools.count())

    def take(self, body: bytes, headers: dict[str, str]) -> Reply:
        self.requests.append(json.loads(body))
        self.headers.append(headers)
        if self._respond:
            return self._respond(self.requests[-1])
        spent = Reply(b'{"error": {"message": "the script is spent"}}', 400)
        return next(self._script, spent)

    @staticmethod
    def message(content: str | None = None, **extra: Any) -> Reply:
        """A completion with this message; 100 tokens in, 7 out."""
        message = {"role": "assistant", "content": content, **extra}
        body = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": "scripted",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 100, "completion_tokens": 7, "total_tokens": 107},
        }
        return Reply(json.dumps(body).encode())

    @classmethod
    def calls(cls, *calls: tuple[str, Any], ids: tuple[str | None, ...] = ()) -> Reply:
        """A completion that calls functions; arguments that are text are sent as they are."""
        return cls.message(
            tool_calls=[
                {
                    "id": ids[number] if ids else f"call_{number}",
                    "type": "function",
                    "function": {
                        "name": name,
                        "arguments": given if isinstance(given, str) else json.dumps(given),
                    },
                }
                for number, (name, given) in enumerate(calls)
            ]
        )

    @classmethod
    def answers(cls, *answers: dict[str, str]) -> Reply:
        """A completion that answers."""
        return cls.calls(*(("answer", answer) for answer in answers))

    def told(self, role: str, request: int = -1) -> list[str]:
        """What the messages of that role said in one request."""
        return [m["content"] for m in self.requests[request]["messages"] if m["role"] == role]

    def offered(self, request: int = -1) -> list[str]:
        """Names of the functions offered in one request."""
        return [tool["function"]["name"] for tool in self.requests[request]["tools"]]


@pytest.fixture(scope="session")
def served() -> Iterator[dict[str, ScriptedEndpoint]]:
    """The running endpoints, shared by all tests."""
    scripted = {"first": ScriptedEndpoint(), "second": ScriptedEndpoint()}
    app = FastAPI()

    @app.post("/{name}/v1/chat/completions")
    async def completions(name: str, request: Request) -> Response:
        asked = scripted[name]
        reply = asked.take(await request.body(), dict(request.headers))
        asked.in_flight += 1
        asked.most_in_flight = max(asked.most_in_flight, asked.in_flight)
        await asyncio.sleep(reply.delay_s)
        asked.in_flight -= 1
        headers = {"content-type": "application/json", **reply.headers}
        return Response(reply.body, reply.status, headers)

    listening = socket.create_server(("127.0.0.1", 0))
    for name, endpoint in scripted.items():
        endpoint.url = f"http://127.0.0.1:{listening.getsockname()[1]}/{name}/v1"
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    yield scripted
    server.should_exit = True
    thread.join(timeout=10)
    listening.close()


@pytest.fixture
def endpoint(served: dict[str, ScriptedEndpoint]) -> ScriptedEndpoint:
    """The endpoint with an empty script."""
    served["first"].script()
    return served["first"]


@pytest.fixture
def backup(served: dict[str, ScriptedEndpoint]) -> ScriptedEndpoint:
    """Another endpoint with an empty script."""
    served["second"].script()
    return served["second"]


class Able:
    """Replies as an endpoint that has some of the modes, and refuses the others.

    It keeps to every schema with the first value that fits it, and understands nothing.

    Args:
        modes: What it has.
        temperature: Whether it takes one.
        refusal: Status of its refusals.
    """

    def __init__(self, *modes: str, temperature: bool = True, refusal: int = 400) -> None:
        self.modes = modes
        self.temperature = temperature
        self.refusal = refusal

    def __call__(self, asked: dict[str, Any]) -> Reply:
        if "temperature" in asked and not self.temperature:
            return self._refused("Unsupported value: 'temperature' does not support 0.", 400)
        form = asked.get("response_format", {"type": ""})
        if form["type"] == "json_schema" and "schema" in self.modes:
            value = first_value(form["json_schema"]["schema"])
            return ScriptedEndpoint.message(json.dumps(value))
        if form["type"] == "json_object" and "json" in self.modes:
            (name,) = re.findall(r"^- `(\w+)`", asked["messages"][0]["content"], re.M)[:1]
            calls = [{"name": name, "arguments": {"word": "it"}}]
            return ScriptedEndpoint.message(json.dumps({"calls": calls}))
        if "tools" in asked and "tools" in self.modes:
            called = asked["tools"][0]["function"]
            return ScriptedEndpoint.calls((called["name"], first_value(called["parameters"])))
        return self._refused("Not supported.", self.refusal)

    def _refused(self, message: str, status: int) -> Reply:
        body = json.dumps({"error": {"message": message}}).encode()
        return Reply(body, status, {"retry-after-ms": "1"})


def first_value(schema: dict[str, Any]) -> Any:
    """A value that fits the schema: the first of each choice, and all properties."""
    if "anyOf" in schema:
        return first_value(schema["anyOf"][0])
    if "enum" in schema:
        return schema["enum"][0]
    match schema["type"]:
        case "object":
            return {name: first_value(part) for name, part in schema["properties"].items()}
        case "array":
            return [first_value(schema["items"])]
        case kind:
            return {"string": "text", "integer": 1, "number": 0.5, "boolean": True}[kind]


@pytest.fixture
def able() -> type[Able]:
    """Makes an endpoint's behaviour from the modes that it has."""
    return Able


@pytest.fixture
def probed(settings: Settings) -> Settings:
    """Settings that have the endpoint probed."""
    return settings.model_copy(update={"model_mode": "auto"})


@pytest.fixture
def opening() -> list[BaseMessage]:
    """How a conversation opens."""
    return [SystemMessage("You read."), HumanMessage("What does it say?")]


@pytest.fixture
def functions() -> list[dict[str, Any]]:
    """Two functions, the second with arguments that may be left out."""
    word = {"type": "string", "pattern": "^[a-z]+$", "title": "Word"}
    moment = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]}
    look_up = {"order_id": {"type": "string"}, "from": {**moment, "default": None}}
    look_up["limit"] = {"type": "integer", "maximum": 9, "default": 3}
    return [
        {
            "name": "seek",
            "description": "Looks something up.",
            "parameters": {"type": "object", "properties": look_up, "required": ["order_id"]},
        },
        {
            "name": "answer",
            "description": "Answers.",
            "parameters": {"type": "object", "properties": {"word": word}, "required": ["word"]},
        },
    ]


class Market:
    """A small marketplace: messages and appeals by id, and how calls are to end."""

    def __init__(self) -> None:
        self.messages: dict[str, str] = {"O-1": "The parcel never came, I waited two weeks."}
        self.calls: list[str] = []
        self.refuses = False
        self.meeting: asyncio.Barrier | None = None

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/v1/orders/{order_id}/messages")
        async def messages(order_id: str) -> Response:
            self.calls.append(order_id)
            if self.meeting:
                await self.meeting.wait()
            if self.refuses:
                return JSONResponse({"code": "token_expired"}, 401)
            if order_id not in self.messages:
                return JSONResponse({"code": "not_found"}, 404)
            return JSONResponse(_envelope(order_id, self.messages[order_id]))

        return app


def _envelope(order_id: str, text: str) -> dict[str, Any]:
    message = {
        "message_id": "M-1",
        "order_id": order_id,
        "from_party": "buyer",
        "sent_at": "2026-05-20T10:00:00Z",
        "language": "en",
        "text": text,
    }
    coverage = {"complete": True}
    meta = {"as_of": "2026-06-01T08:00:00Z", "coverage": coverage, "source": "inbox"}
    return {"data": {"items": [message]}, "meta": {**meta, "untrusted": ["/items/0/text"]}}


@pytest.fixture
def market() -> Market:
    """The marketplace's state."""
    return Market()


@pytest.fixture
def toolbox(market: Market) -> Toolbox:
    """The real toolbox over the small marketplace."""
    source = HttpSource(
        "http://market.test",
        transport=httpx.ASGITransport(market.app()),
        patience=Patience(attempts=1),
    )
    tools = {tool.name: tool for tool in (*orders.TOOLS, *appeals.TOOLS)}
    return Toolbox(tools, source, lambda: AS_OF)


@pytest.fixture
def settings(endpoint: ScriptedEndpoint, tmp_path: Path) -> Settings:
    """Settings that name the scripted endpoint; what leaves is looked at as it was written.

    The endpoint is not probed.
    """
    free = {"scripted": Price(sent=Decimal(0), received=Decimal(0))}
    return Settings(
        home=tmp_path,
        model="scripted",
        model_base_url=endpoint.url,
        model_mode="tools",
        model_tool_calls=3,
        model_prices=free,
        model_privacy="off",
    )


@pytest.fixture
def reader(settings: Settings, toolbox: Toolbox) -> ModelReader:
    """A reader with markers from a seeded source."""
    return ModelReader(
        talks(settings),
        toolbox,
        budget=budget(settings),
        markers=Markers(random.Random(7)),
    )


@pytest.fixture
def as_of() -> datetime:
    """The moment at which the case is judged."""
    return AS_OF


@pytest.fixture
def errand() -> Errand:
    """For a reader that may look up messages of orders; records of the platform name some."""
    orders = {f"order_{number}": f"O-{number}" for number in (*range(5), 404)}
    return Errand(AS_OF, ("list_messages",), subject=orders)


@pytest.fixture
def statement() -> Passage:
    """What the seller says."""
    return Passage(
        action="appeal",
        digest="a" * 64,
        pointer="/statement",
        value="The courier came two days late. I handed the parcel over at once.",
        untrusted=True,
    )


@pytest.fixture
def blames_carrier(statement: Passage) -> Question:
    """A question about the statement."""
    text = "Does the seller say that the carrier caused the delay?"
    return Question(factor="blames_carrier", text=text, passages=(statement,))


@pytest.fixture
def yes() -> dict[str, str]:
    """An answer that checks out."""
    return {
        "factor": "blames_carrier",
        "answer": "yes",
        "quote": "The courier came two days late.",
        "action": "appeal",
        "pointer": "/statement",
    }
