"""The chat model with a meter: every call is priced, entered into the ledgers, and a span."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatResult
from langchain_openai import ChatOpenAI
from openai import ContentFilterFinishReasonError, LengthFinishReasonError
from pydantic import Field

from agents.ledger import asked
from agents.meter import Meter, said_digest
from agents.shown import exchange
from agents.transcript import transcript
from casewright import spans
from casewright.cost import ModelCall
from casewright.price import Price
from casewright.spans import Attribute

_MODES = {"json_schema": "json_schema", "json_object": "json"}


class MeteredChat(ChatOpenAI):
    """A ChatOpenAI that meters its calls. It does not meter streams: casewright never streams."""

    prices: Mapping[str, Price] = Field(default_factory=dict, exclude=True)
    """Price by model."""

    currency: str = Field(default="", exclude=True)
    """ISO 4217 code of the prices."""

    trace_prompts: bool = Field(default=False, exclude=True)
    """Whether spans hold what was sent and received."""

    def _generate(self, messages: list[BaseMessage], *given: Any, **options: Any) -> ChatResult:
        with self._metering(messages, options) as meter:
            meter.result = super()._generate(messages, *given, **options)
            return meter.result

    async def _agenerate(
        self, messages: list[BaseMessage], *given: Any, **options: Any
    ) -> ChatResult:
        with self._metering(messages, options) as meter:
            try:
                meter.result = await super()._agenerate(messages, *given, **options)
            except (LengthFinishReasonError, ContentFilterFinishReasonError) as cut:
                # The client hands out no reply that was cut off; it was served, and has its price.
                if cut.completion is None:
                    raise
                meter.result = self._create_chat_result(cut.completion)
            return meter.result

    @contextmanager
    def _metering(
        self, messages: Sequence[BaseMessage], options: Mapping[str, Any]
    ) -> Iterator[Meter]:
        given = {name: value for name, value in options.items() if name != "run_manager"}
        body = partial(self._get_request_payload, list(messages), **given)
        call = ModelCall(
            endpoint=urlsplit(self._base).netloc.rpartition("@")[2],
            model=self.model_name,
            mode=_mode(options),
            currency=self.currency,
            factors=asked(),
            prompt=said_digest(body()),
        )
        attributes = {**self._known(), "casewright.mode": call.mode, "casewright.factors": asked()}
        with spans.span(f"chat {call.model}", attributes, remote=True) as opened:
            if self.trace_prompts:
                opened.set_attribute(spans.INPUT_MESSAGES, transcript(messages))
            metering = Meter(opened, self.prices, show=self.trace_prompts).metering(call)
            with metering as meter, exchange(call.endpoint, body, meter):
                yield meter

    def _known(self) -> dict[str, Attribute]:
        """What a span can say before the answer is there."""
        known: dict[str, Attribute] = {
            spans.OPERATION: "chat",
            spans.PROVIDER: "openai",  # the protocol's; whose model answers it does not tell
            spans.REQUEST_MODEL: self.model_name,
        }
        if self.temperature is not None:
            known[spans.REQUEST_TEMPERATURE] = self.temperature
        url = urlsplit(self._base)
        if url.hostname:
            port = url.port or (443 if url.scheme == "https" else 80)
            known |= {spans.SERVER_ADDRESS: url.hostname, spans.SERVER_PORT: port}
        return known

    @property
    def _base(self) -> str:
        return str(self.root_async_client.base_url)


def _mode(options: Mapping[str, Any]) -> str:
    """How the answer is asked for."""
    form = options.get("response_format")
    if form is None:
        return "tools" if options.get("tools") else "text"
    kind = form.get("type", "") if isinstance(form, Mapping) else "json_schema"
    return _MODES.get(str(kind), "text")
