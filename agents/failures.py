"""How a chat model's endpoint may fail, as ModelError with a remedy.

    openai.OpenAIError
    ├── APIError                     (other answers)             ModelMalformed
    │   ├── APIConnectionError       not reached, or broke off   ModelUnavailable
    │   │   └── APITimeoutError      no answer in time           ModelUnavailable
    │   ├── APIStatusError           refuses the call            ModelRefused
    │   │   ├── AuthenticationError, PermissionDeniedError   the key   ModelRefused
    │   │   ├── NotFoundError        no such model or path       ModelRefused
    │   │   ├── ConflictError        still busy after retries    ModelUnavailable
    │   │   ├── RateLimitError       too many calls              ModelUnavailable
    │   │   └── InternalServerError  failed                      ModelUnavailable
    │   └── APIResponseValidationError                           ModelMalformed
    └── all others                                               ModelMalformed

Errors that are not the client's own, such as a KeyError over a body without ``choices``, are
malformed answers too.
"""

from __future__ import annotations

from http import HTTPStatus

import openai

from agents.visible import VisibleText
from casewright.errors import (
    ModelError,
    ModelMalformed,
    ModelRefused,
    ModelUnavailable,
    NotRecorded,
)

DETAIL_LIMIT = 200
"""Most characters of an endpoint's own words in an error."""

NOT_RECORDED = "not_recorded"
"""Code of the error that a cassette gives in place of an answer that it has not."""

_KEY = "Set CASEWRIGHT_MODEL_API_KEY to a key that may use the model CASEWRIGHT_MODEL names."
_URL = "Check CASEWRIGHT_MODEL_BASE_URL, and that the endpoint is running."
_NAME = "Check CASEWRIGHT_MODEL and CASEWRIGHT_MODEL_BASE_URL."
_TIME = "Try again, or raise CASEWRIGHT_MODEL_TIMEOUT_S."
_RATE = "Lower CASEWRIGHT_CONCURRENCY, or try again later."
_LATER = "Try again later; nothing is lost."
_ABLE = "Use a model that takes texts of this length, or set CASEWRIGHT_MODEL_MODE."
_SHAPE = "Use an OpenAI-compatible chat-completions endpoint."

_FAILURES: tuple[tuple[type[BaseException], type[ModelError], str, str], ...] = (
    (TimeoutError, ModelUnavailable, "did not answer in time", _TIME),
    (openai.APITimeoutError, ModelUnavailable, "did not answer in time", _TIME),
    (openai.APIConnectionError, ModelUnavailable, "cannot be reached or broke off", _URL),
    (openai.AuthenticationError, ModelRefused, "refuses the key", _KEY),
    (openai.PermissionDeniedError, ModelRefused, "refuses the key", _KEY),
    (openai.NotFoundError, ModelRefused, "knows no such model or path", _NAME),
    (openai.RateLimitError, ModelUnavailable, "takes no more calls for now", _RATE),
    (openai.ConflictError, ModelUnavailable, "takes no more calls for now", _RATE),
    (openai.InternalServerError, ModelUnavailable, "failed", _LATER),
    (openai.APIStatusError, ModelRefused, "refuses the call", _ABLE),
    (BaseException, ModelMalformed, "gave an answer that has not the agreed shape", _SHAPE),
)
"""The first type that fits counts, so narrow ones come first."""

_SECRETIVE = (openai.AuthenticationError, openai.PermissionDeniedError)
"""Refusals whose words may repeat a part of the key."""


def model_error(error: BaseException, endpoint: str = "") -> ModelError | NotRecorded:
    """The error for what a chat-completions client raised.

    Args:
        error: Anything that a call raised because of the endpoint.
        endpoint: Which endpoint, where there is more than one.

    Returns:
        An error that says what the endpoint did, with its own words where they cannot hold the
        key, cut at :data:`DETAIL_LIMIT` characters, and with a remedy. An answer that a replay
        has not is no failure of an endpoint: nothing may go on without it.
    """
    if isinstance(error, openai.APIStatusError) and error.code == NOT_RECORDED:
        told = f"The replay stops{_detail(error)}."
        return NotRecorded(told, remedy="A prompt, the model or a text changed: record anew.")
    status = error.status_code if isinstance(error, openai.APIStatusError) else 0
    sort = TimeoutError if status == HTTPStatus.REQUEST_TIMEOUT else type(error)
    _, kind, did, remedy = next(row for row in _FAILURES if issubclass(sort, row[0]))
    who = f"The model endpoint {endpoint}".rstrip()
    return kind(f"{who} {did}{_detail(error)}.", remedy=remedy, status=status)


def _beneath(error: BaseException) -> BaseException:
    """What the client's connection errors wrap, one around the other."""
    while isinstance(error, openai.APIConnectionError) and error.__cause__:
        error = error.__cause__
    return error


def _detail(error: BaseException) -> str:
    if isinstance(error, _SECRETIVE):
        return f" (status {error.status_code})"
    words = VisibleText(str(error)).shown.replace("\n", " ").strip()
    if isinstance(error, openai.APIConnectionError):
        # The client says "Connection error." whatever it was. The words beneath may hold the key.
        words = f"{words.rstrip('.')}: {type(_beneath(error)).__name__}"
    return f" ({words[:DETAIL_LIMIT]})" if words else ""
