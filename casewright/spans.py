"""Spans of OpenTelemetry, by its semantic conventions for generative AI.

Only its API is needed: where no SDK is set up, spans are empty objects that nobody keeps. A span
holds names, ids, counts and error types, never a text that a party, a source or a model wrote.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, StatusCode

OPERATION = "gen_ai.operation.name"
PROVIDER = "gen_ai.provider.name"
AGENT = "gen_ai.agent.name"
WORKFLOW = "gen_ai.workflow.name"
REQUEST_MODEL = "gen_ai.request.model"
REQUEST_TEMPERATURE = "gen_ai.request.temperature"
RESPONSE_MODEL = "gen_ai.response.model"
RESPONSE_ID = "gen_ai.response.id"
FINISH_REASONS = "gen_ai.response.finish_reasons"
INPUT_TOKENS = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS = "gen_ai.usage.output_tokens"
CACHED_TOKENS = "gen_ai.usage.cache_read.input_tokens"
INPUT_MESSAGES = "gen_ai.input.messages"
OUTPUT_MESSAGES = "gen_ai.output.messages"
TOOL_NAME = "gen_ai.tool.name"
TOOL_TYPE = "gen_ai.tool.type"
SERVER_ADDRESS = "server.address"
SERVER_PORT = "server.port"
ERROR_TYPE = "error.type"

Attribute = str | int | float | bool | tuple[str, ...]

_TRACER = trace.get_tracer("casewright")

_NOBODYS = (trace.ProxyTracerProvider, trace.NoOpTracerProvider)
"""What stands there where no SDK is set up."""


@contextmanager
def span(
    name: str, attributes: Mapping[str, Attribute] | None = None, *, remote: bool = False
) -> Iterator[Span]:
    """A span around what is done inside; an error that passes through marks it by its type.

    Args:
        name: Its name; few different ones, so ids belong into attributes.
        attributes: What is known of it from the start.
        remote: Whether another process is asked.
    """
    if isinstance(trace.get_tracer_provider(), _NOBODYS):
        yield trace.INVALID_SPAN  # nobody keeps it, so it need not be made
        return
    kind = SpanKind.CLIENT if remote else SpanKind.INTERNAL
    # What an exception says may quote a text, so it is not recorded.
    with _TRACER.start_as_current_span(
        name,
        kind=kind,
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as opened:
        try:
            yield opened
        except BaseException as error:
            failed(opened, type(error).__name__)
            raise


def tool(name: str) -> dict[str, Attribute]:
    """What the span of a tool call says of its tool."""
    return {OPERATION: "execute_tool", TOOL_NAME: name, TOOL_TYPE: "function"}


def failed(opened: Span, error_type: str) -> None:
    """Mark a span as failed, by a type of error of few different values."""
    opened.set_attribute(ERROR_TYPE, error_type)
    opened.set_status(StatusCode.ERROR)
