"""The meter of one model call: what it used, its price, and its span."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

import openai
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatResult
from opentelemetry.trace import Span

from agents.ledger import note
from agents.transcript import transcript
from casewright import spans
from casewright.cost import ModelCall
from casewright.price import Price
from casewright.spans import Attribute


class Meter:
    """Meters one call; :attr:`result` is set where one came.

    Args:
        opened: The call's span.
        prices: Price by model.
        show: Whether the span is to hold what the model said.
    """

    def __init__(self, opened: Span, prices: Mapping[str, Price], *, show: bool = False) -> None:
        self._span = opened
        self._prices = prices
        self._show = show
        self.result: ChatResult | None = None

    @contextmanager
    def metering(self, call: ModelCall) -> Iterator[Meter]:
        """Enter the call into the open ledgers when what is done inside ends, however it ends.

        Args:
            call: What is known of it before.
        """
        since = time.perf_counter()
        used: dict[str, Any] = {}
        try:
            yield self
            used = self._used(call.model)
        except BaseException as error:
            used = {"error": type(error).__name__, "micros": 0 if _unbilled(error) else None}
            raise
        finally:
            took = (time.perf_counter() - since) * 1000
            note(self._priced(call.model_copy(update={**used, "wall_ms": took})))

    def _priced(self, call: ModelCall) -> ModelCall:
        if call.micros is not None:
            self._set(
                {
                    "casewright.cost.micros": call.micros,
                    "casewright.cost.currency": call.currency,
                }
            )
        return call

    def _used(self, model: str) -> dict[str, Any]:
        """What was said, its tokens and price; no tokens where the endpoint did not count."""
        if self.result is None or not self.result.generations:
            return {}
        answered = self._answered(self.result, model)
        message = self.result.generations[0].message
        said = {"response": _response_digest(message)}
        usage = message.usage_metadata if isinstance(message, AIMessage) else None
        if usage is None:
            return said
        sent, received = usage["input_tokens"], usage["output_tokens"]
        cached = usage.get("input_token_details", {}).get("cache_read") or 0
        self._set(
            {
                spans.INPUT_TOKENS: sent,
                spans.OUTPUT_TOKENS: received,
                spans.CACHED_TOKENS: cached,
            }
        )
        price = self._prices.get(model) or self._prices.get(answered)
        micros = price.micros(sent, received, cached) if price else None
        tokens = {"tokens_in": sent, "tokens_out": received, "tokens_cached": cached}
        return {**said, **tokens, "micros": micros}

    def _answered(self, result: ChatResult, model: str) -> str:
        """Name of the model that answered, which may be more exact than the one asked for."""
        output = result.llm_output or {}
        answered = str(output.get("model_name") or model)
        ended = (one.generation_info or {} for one in result.generations)
        self._set(
            {
                spans.RESPONSE_MODEL: answered,
                spans.RESPONSE_ID: str(output.get("id") or ""),
                spans.FINISH_REASONS: tuple(str(one.get("finish_reason") or "") for one in ended),
            }
        )
        if self._show:
            said = transcript([one.message for one in result.generations])
            self._set({spans.OUTPUT_MESSAGES: said})
        return answered

    def _set(self, attributes: Mapping[str, Attribute]) -> None:
        self._span.set_attributes(attributes)


def said_digest(said: Any) -> str:
    """Digest of what was sent or received, so that it can be proven later and is not kept.

    It is the sha-256 over JSON with sorted keys, no blanks, and ASCII alone: a model may write
    what RFC 8785 has no form for, such as half a character, and a call shall not fail for it.

    Args:
        said: JSON; what is not is taken as text.
    """
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), default=str)
    return sha256(text.encode()).hexdigest()


def _response_digest(message: BaseMessage) -> str:
    calls = (
        [*message.tool_calls, *message.invalid_tool_calls] if isinstance(message, AIMessage) else []
    )
    return said_digest({"content": message.content, "tool_calls": calls})


def _unbilled(error: BaseException) -> bool:
    """Whether a call cannot have cost anything; one given up on may have been served."""
    if isinstance(error, openai.APITimeoutError):
        return False
    return isinstance(error, openai.APIStatusError | openai.APIConnectionError)
