"""The model client, and the reader that the settings ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import HttpUrl, SecretStr, TypeAdapter, ValidationError

from agents.reading import Budget, Reader, SilentReader
from casewright.errors import ModelError
from casewright.settings import Settings

if TYPE_CHECKING:
    from langchain_openai import ChatOpenAI

    from agents.narrator import Narrator
    from agents.talk import Talks
    from tools.toolbox import Toolbox

RETRIES = 2
"""Tries after the first one; the client makes them, with backoff, and nobody else does."""

SAMPLING_TEMPERATURE = 0.7
"""Of each of several readings of the same questions: the one of arXiv 2203.11171, section 3.1."""

_NO_KEY = SecretStr("none")
"""For endpoints without keys; it also keeps another service's key in the environment at home."""


def chat_model(settings: Settings) -> ChatOpenAI:
    """The chat model at the configured OpenAI-compatible endpoint, at temperature 0.

    Args:
        settings: ``model``, ``model_base_url``, ``model_api_key`` and ``model_timeout_s``
            (seconds for one try) are used. With neither address nor key set, the client's own
            defaults hold.

    Returns:
        A client that does not stream and keeps no connection open between calls, so that it
        needs no closing and may be used from any event loop.

    Raises:
        ModelError: the address is no URL, or a key is needed.
    """
    from openai import OpenAIError  # costs over a second, as the client does

    from agents.metered import MeteredChat

    key = settings.model_api_key if settings.model_api_key.get_secret_value() else None
    base_url = _checked_url(settings.model_base_url)
    try:
        return MeteredChat(
            model=settings.model,
            base_url=base_url,
            api_key=key or (_NO_KEY if base_url else None),
            timeout=settings.model_timeout_s,
            max_retries=RETRIES,
            temperature=0,
            disable_streaming=True,
            use_responses_api=False,
            default_headers={"Connection": "close"},
            prices=settings.model_prices,
            currency=settings.model_currency,
            trace_prompts=settings.trace_prompts == "on",
        )
    except (OpenAIError, ValueError) as error:
        raise ModelError(
            f"No model client can be made: {error}.",
            remedy="Check CASEWRIGHT_MODEL_BASE_URL and CASEWRIGHT_MODEL_API_KEY.",
        ) from error


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


def talks(settings: Settings) -> Talks:
    """Opens conversations with the model of the settings; see :func:`chat_model`.

    Raises:
        EnvironmentFault: personal data is to be hidden, and Presidio is not installed.
    """
    from agents.chat import Chat

    likeliest = chat_model(settings)
    varied = likeliest.model_copy(update={"temperature": SAMPLING_TEMPERATURE})
    patience_s = settings.model_timeout_s * (RETRIES + 1)
    return private(
        settings, lambda errand: Chat(varied if errand.sample else likeliest, patience_s)
    )


def private(settings: Settings, outside: Talks) -> Talks:
    """Conversations without personal data, unless the setting ``model_privacy`` is ``off``.

    Raises:
        EnvironmentFault: Presidio is not installed.
    """
    from agents.personal import require_presidio
    from agents.privacy import Private

    if settings.model_privacy == "off":
        return outside
    require_presidio()
    return lambda errand: Private(outside(errand), errand)


def reader(settings: Settings, toolbox: Toolbox) -> Reader:
    """The reader that the settings ask for.

    Args:
        settings: Without a ``model``, nothing reads; else see :func:`chat_model`.
        toolbox: Where the reader's look-ups go.

    Returns:
        A :class:`SilentReader` where no model is configured, else a ModelReader.

    Raises:
        ModelError: no client can be made from the settings.
    """
    if not settings.model:
        return SilentReader()
    from agents.reader import ModelReader

    return ModelReader(talks(settings), toolbox, budget=budget(settings))


def narrator(settings: Settings) -> Narrator | None:
    """The narrator that the settings ask for; None where it is off, or no model is configured.

    Raises:
        ModelError: no client can be made from the settings.
    """
    if not settings.model or settings.narrator == "off":
        return None
    from agents.narrator import Narrator

    return Narrator(talks(settings), settings.reviewer_language)


def budget(settings: Settings) -> Budget:
    """What the reading of one case may use at most, whatever its SOP allows."""
    return Budget(
        tool_calls=settings.model_tool_calls,
        tokens=settings.model_tokens,
        micros=settings.model_budget_micros or None,
        seconds=settings.model_seconds,
    )
