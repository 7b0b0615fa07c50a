"""A case's trace: one tree of spans from the case down to its tool and model calls."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx2
import openai
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from agents.metered import MeteredChat
from agents.reading import Errand, Question, Reading
from casewright.errors import EvidenceIncomplete, ModelError

SAID = "The seller says so, plainly."


@pytest.fixture(scope="module")
def exporter() -> InMemorySpanExporter:
    """Where spans go; a provider can be set once a process."""
    kept = InMemorySpanExporter()
    if isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        trace.set_tracer_provider(TracerProvider())
    provider = trace.get_tracer_provider()
    assert isinstance(provider, TracerProvider)
    provider.add_span_processor(SimpleSpanProcessor(kept))
    return kept


@pytest.fixture
def spans(exporter: InMemorySpanExporter) -> Iterator[InMemorySpanExporter]:
    exporter.clear()
    yield exporter
    exporter.clear()


def completion(request: httpx2.Request) -> httpx2.Response:
    """A simulated endpoint: one sentence, or a refusal where the model is called `away`."""
    if json.loads(request.content)["model"] == "away":
        return httpx2.Response(401, json={"error": {"message": f"no: {SAID}"}})
    message = {"role": "assistant", "content": SAID}
    usage = {"prompt_tokens": 100, "completion_tokens": 7, "total_tokens": 107}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return httpx2.Response(
        200,
        json={
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": "small-2026",
            "choices": [choice],
            "usage": usage,
        },
    )


class Caller:
    """A reader that calls a model once and answers nothing."""

    def __init__(self, model: str = "small", *, prompts: bool = False) -> None:
        transport = httpx2.MockTransport(completion)
        self._model = MeteredChat(
            model=model,
            base_url="http://llm.test:8080/v1",
            api_key="none",
            temperature=0,
            max_retries=0,
            http_async_client=httpx2.AsyncClient(transport=transport),
            trace_prompts=prompts,
        )

    async def read(self, questions: Sequence[Question], errand: Errand) -> Reading:
        try:
            await self._model.ainvoke(f"What of {questions[0].text}?")
        except openai.OpenAIError as error:
            raise ModelError("It refuses.") from error
        return Reading()


def by_name(exporter: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {span.name: span for span in exporter.get_finished_spans()}


def told(span: ReadableSpan) -> Mapping[str, Any]:
    return span.attributes or {}


async def test_a_case_is_one_tree(
    opened: Any, plain_case: str, spans: InMemorySpanExporter
) -> None:
    async with opened(reader=Caller()) as investigator:
        run = await investigator.investigate(plain_case)
    found = by_name(spans)
    case = found[f"invoke_workflow {run.sop}"]
    ids = {span.context.span_id: span for span in found.values() if span.context}

    def above(name: str) -> str:
        parent = found[name].parent
        return ids[parent.span_id].name if parent else ""

    assert above("chat small") == "invoke_agent reader"
    assert above("invoke_agent reader") == "node read"
    assert above("execute_tool get_appeal") == "node gather"
    assert {above(name) for name in found if name.startswith("node ")} == {case.name}
    assert told(case)["casewright.case_id"] == plain_case
    assert told(case)["casewright.outcome"] == run.decision.outcome
    assert told(case)["casewright.cost.model_calls"] == 1
    assert told(found["execute_tool get_appeal"])["casewright.evidence.status"] == "ok"


async def test_a_model_call_follows_the_conventions(
    opened: Any, plain_case: str, spans: InMemorySpanExporter
) -> None:
    async with opened(reader=Caller()) as investigator:
        await investigator.investigate(plain_case)
    chat = by_name(spans)["chat small"]
    assert chat.kind is trace.SpanKind.CLIENT
    expected = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "small",
        "gen_ai.request.temperature": 0,
        "gen_ai.response.model": "small-2026",
        "gen_ai.response.id": "chatcmpl-1",
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.output_tokens": 7,
        "gen_ai.usage.cache_read.input_tokens": 0,
        "server.address": "llm.test",
        "server.port": 8080,
        "casewright.mode": "text",
    }
    assert expected.items() <= told(chat).items()


@pytest.mark.parametrize("prompts", [False, True])
async def test_what_was_said_is_in_a_span_only_where_it_is_asked_for(
    opened: Any, plain_case: str, spans: InMemorySpanExporter, prompts: bool
) -> None:
    async with opened(reader=Caller(prompts=prompts)) as investigator:
        await investigator.investigate(plain_case)
    everything = " ".join(span.to_json() for span in spans.get_finished_spans())
    assert (SAID in everything) is prompts
    assert ("What of " in everything) is prompts
    if prompts:
        (said,) = json.loads(str(told(by_name(spans)["chat small"])["gen_ai.output.messages"]))
        assert said == {"role": "assistant", "parts": [{"type": "text", "content": SAID}]}


async def test_a_refusal_is_told_by_its_type_alone(
    opened: Any, plain_case: str, spans: InMemorySpanExporter
) -> None:
    async with opened(reader=Caller("away")) as investigator:
        await investigator.investigate(plain_case)
    chat = by_name(spans)["chat away"]
    assert chat.status.status_code is StatusCode.ERROR
    assert str(told(chat)["error.type"]).endswith("AuthenticationError")
    assert SAID not in chat.to_json()


async def test_a_tool_that_fails_marks_its_span(
    opened: Any, wire: Any, plain_case: str, spans: InMemorySpanExporter
) -> None:
    wire.broken = "/scans"
    async with opened() as investigator:
        with pytest.raises(EvidenceIncomplete):
            await investigator.investigate(plain_case)
    found = by_name(spans)
    assert found["execute_tool list_scans"].status.status_code is StatusCode.ERROR
    assert told(found["execute_tool list_scans"])["error.type"]
    (case,) = [span for name, span in found.items() if name.startswith("invoke_workflow")]
    assert told(case)["error.type"] == "EvidenceIncomplete"
