"""How a chat model's endpoint may fail, as ModelError with a remedy.

    openai.OpenAIError
    ├── APIError                     (other answers)  malformed
    │   ├── APIConnectionError       cannot be reached
    │   │   └── APITimeoutError      no answer in time
    │   ├── APIStatusError           refuses the call
    │   │   ├── AuthenticationError, PermissionDeniedError   refuses the key
    │   │   ├── NotFoundError        no such model or path
    │   │   ├── RateLimitError       too many calls
    │   │   └── InternalServerError  failed
    │   └── APIResponseValidationError   malformed
    └── all others                   malformed

Errors that are not the client's own, such as a KeyError over a body without ``choices``, are
malformed answers too.
"""

from __future__ import annotations

import openai

from agents.visible import VisibleText
from casewright.errors import ModelError

DETAIL_LIMIT = 200
"""Most characters of an endpoint's own words in an error."""

_KEY = "Set CASEWRIGHT_MODEL_API_KEY to a key that may use the model CASEWRIGHT_MODEL names."
_URL = "Check CASEWRIGHT_MODEL_BASE_URL, and that the endpoint is running."
_NAME = "Check CASEWRIGHT_MODEL and CASEWRIGHT_MODEL_BASE_URL."
_TIME = "Try again, or raise CASEWRIGHT_MODEL_TIMEOUT_S."
_RATE = "Lower CASEWRIGHT_CONCURRENCY, or try again later."
_LATER = "Try again later; nothing is lost."
_ABLE = "Use a model that can call tools and takes a text of this length."
_SHAPE = "Use an OpenAI-compatible chat-completions endpoint whose model can call tools."

_FAILURES: tuple[tuple[type[BaseException], str, str], ...] = (
    (TimeoutError, "did not answer in time", _TIME),
    (openai.APITimeoutError, "did not answer in time", _TIME),
    (openai.APIConnectionError, "cannot be reached", _URL),
    (openai.AuthenticationError, "refuses the key", _KEY),
    (openai.PermissionDeniedError, "refuses the key", _KEY),
    (openai.NotFoundError, "knows no such model or path", _NAME),
    (openai.RateLimitError, "takes no more calls for now", _RATE),
    (openai.InternalServerError, "failed", _LATER),
    (openai.APIStatusError, "refuses the call", _ABLE),
)
"""The first type that fits counts, so narrow ones come first."""

_SECRETIVE = (openai.AuthenticationError, openai.PermissionDeniedError)
"""Refusals whose words may repeat a part of the key."""


def model_error(error: BaseException) -> ModelError:
    """The ModelError for what a chat-completions client raised.

    Args:
        error: Anything that a call raised because of the endpoint.

    Returns:
        An error that says what the endpoint did, with its own words where they cannot hold the
        key, cut at :data:`DETAIL_LIMIT` characters, and with a remedy.
    """
    for kind, did, remedy in _FAILURES:
        if isinstance(error, kind):
            return ModelError(f"The model endpoint {did}{_detail(error)}.", remedy=remedy)
    return ModelError(
        f"The model endpoint's answer has not the agreed shape{_detail(error)}.", remedy=_SHAPE
    )


def _detail(error: BaseException) -> str:
    if isinstance(error, _SECRETIVE):
        return f" (status {error.status_code})"
    words = VisibleText(str(error)).shown.replace("\n", " ").strip()
    return f" ({words[:DETAIL_LIMIT]})" if words else ""
