"""The endpoints that the settings name: which model, where, with which key, in which order."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from pydantic import HttpUrl, SecretStr, TypeAdapter, ValidationError

from casewright.errors import ModelError
from casewright.settings import Fallback, ModeWish, Settings
from casewright.signals import UNHEARD, Signals

if TYPE_CHECKING:
    import httpx2
    from langchain_openai import ChatOpenAI

    from agents.tape import Tape

RETRIES = 2
"""Tries after the first one; the client makes them, with backoff, and nobody else does."""

_NO_KEY = SecretStr("none")
"""For endpoints without keys; it also keeps another service's key in the environment at home."""

_SECRETS = re.compile(r"(?<=://)[^/@]*@|[?#].*")
"""Where an address may hold them: before the host, and behind the path."""


@dataclass(frozen=True)
class Endpoint:
    """One model at one address.

    Attributes:
        model: The model's name.
        base_url: The address; empty for the client's default.
        key: The key, or empty.
        mode: How it is to call functions.
        effort: How much a reasoning model is to think; empty: as it does by itself.
    """

    model: str
    base_url: str
    key: SecretStr
    mode: ModeWish = "auto"
    effort: str = ""

    @property
    def name(self) -> str:
        """Model and address, without what an address may hold of a key."""
        address = _SECRETS.sub("", self.base_url)
        return f"{self.model} at {address or 'the default address'}"


def endpoints(settings: Settings) -> tuple[Endpoint, ...]:
    """The endpoint of the settings, and its fallbacks in their order.

    Raises:
        ModelError: a fallback names an environment variable that is not set.
    """
    first = Endpoint(
        settings.model,
        settings.model_base_url,
        settings.model_api_key,
        settings.model_mode,
        settings.model_reasoning_effort,
    )
    return (first, *map(_fallback, settings.model_fallbacks))


def chat_model(
    endpoint: Endpoint,
    settings: Settings,
    tape: Tape | None = None,
    signals: Signals = UNHEARD,
) -> ChatOpenAI:
    """A client for an endpoint, at temperature 0.

    Args:
        endpoint: With neither address nor key set, the client's own defaults hold.
        settings: ``model_timeout_s`` (seconds for one try), the price table and what traces show.
        tape: Where answers are recorded or come from; None: each call goes out.
        signals: Who is told that the endpoint asks for patience (429): the client tries again by
            itself, and nobody else sees it.

    Returns:
        A client that does not stream and keeps no connection open between calls, so that it
        needs no closing and may be used from any event loop. Measured on loopback, a kept
        connection saves about 1 of 6 ms of CPU a call, and a model takes hundreds to answer.

    Raises:
        ModelError: the address is no URL, or a key is needed.
    """
    from openai import OpenAIError  # costs over a second, as the client does

    from agents.metered import MeteredChat

    key = endpoint.key if endpoint.key.get_secret_value() else None
    base_url = _checked_url(endpoint.base_url)
    try:
        return MeteredChat(
            model=endpoint.model,
            base_url=base_url,
            api_key=key or (_NO_KEY if base_url or tape else None),
            timeout=settings.model_timeout_s,
            max_retries=RETRIES,
            temperature=0,
            reasoning_effort=endpoint.effort or None,
            disable_streaming=True,
            use_responses_api=False,
            default_headers={"Connection": "close"},
            prices=settings.model_prices,
            currency=settings.model_currency,
            trace_prompts=settings.trace_prompts == "on",
            http_async_client=tape.client() if tape else _heard(endpoint.name, signals),
        )
    except (OpenAIError, ValueError) as error:
        raise ModelError(
            f"No model client can be made: {error}.",
            remedy="Check CASEWRIGHT_MODEL_BASE_URL and CASEWRIGHT_MODEL_API_KEY.",
        ) from error


def _heard(place: str, signals: Signals) -> httpx2.AsyncClient | None:
    """The HTTP client whose answers are listened to; None where nobody listens."""
    if signals is UNHEARD:
        return None
    from openai import DefaultAsyncHttpxClient

    async def listen(response: httpx2.Response) -> None:
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            told = response.headers.get("retry-after", "")
            signals.throttled(place, float(told) if told.isdecimal() else 0.0)

    return DefaultAsyncHttpxClient(event_hooks={"response": [listen]})


def _fallback(fallback: Fallback) -> Endpoint:
    variable = fallback.api_key_env
    key = os.environ.get(variable, "") if variable else ""
    if variable and not key:
        raise ModelError(
            f"The fallback {fallback.model!r} takes its key from {variable}, which is not set.",
            remedy=f"Set {variable}, or mend `api_key_env` in the setting `model_fallbacks`.",
        )
    return Endpoint(
        fallback.model,
        fallback.base_url,
        SecretStr(key),
        fallback.mode,
        fallback.reasoning_effort,
    )


def _checked_url(url: str) -> str | None:
    """The address, or None for the client's default. Raises ModelError where it is no HTTP URL."""
    # The client's own check raises an error of a library that is not ours to import.
    try:
        return str(TypeAdapter(HttpUrl).validate_python(url)) if url else None
    except ValidationError as error:
        raise ModelError(
            f"The model endpoint's address is no URL: {error.errors()[0]['msg']}.",
            remedy="Give CASEWRIGHT_MODEL_BASE_URL as http://host:port/v1 or https://host/v1.",
        ) from error
