"""Whatever the endpoint does wrong ends as ModelError with a remedy."""

import json
import socket
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import openai
import pytest

from agents.abilities import Abilities
from agents.chat import Chat
from agents.endpoint import RETRIES, chat_model, endpoints
from agents.failures import DETAIL_LIMIT, model_error
from agents.limits import Limits
from agents.line import Line
from agents.model import talks
from agents.reader import ModelReader
from agents.reading import Budget, Errand
from casewright.errors import ModelError, ModelUnavailable

SOON = {"retry-after-ms": "1"}
"""Keeps the client's backoff out of the test's time."""

KEY = "sk-very-secret"


@pytest.fixture
def read(settings, toolbox, as_of, blames_carrier):
    """Reads one question at the endpoint, with changed settings."""

    async def reading(patience_s=20, **changed):
        given = settings.model_copy(update=changed)
        (endpoint,) = endpoints(given)
        line = Line(
            endpoint,
            chat_model(endpoint, given),
            patience_s=patience_s,
            limits=Limits(None, None, 1),
            abilities=Abilities(given.home),
        )
        reader = ModelReader(lambda errand: Chat([line]), toolbox, budget=Budget(tool_calls=1))
        return await reader.read([blames_carrier], Errand(as_of))

    return reading


@pytest.mark.parametrize(
    ("status", "said", "remedy"),
    [
        (400, "refuses the call (Error code: 400", "CASEWRIGHT_MODEL_MODE"),
        (408, "did not answer in time", "CASEWRIGHT_MODEL_TIMEOUT_S"),
        (409, "takes no more calls", "CASEWRIGHT_CONCURRENCY"),
        (401, "refuses the key (status 401)", "CASEWRIGHT_MODEL_API_KEY"),
        (403, "refuses the key (status 403)", "CASEWRIGHT_MODEL_API_KEY"),
        (404, "knows no such model", "CASEWRIGHT_MODEL_BASE_URL"),
        (422, "refuses the call", "CASEWRIGHT_MODEL_MODE"),
        (429, "takes no more calls", "CASEWRIGHT_CONCURRENCY"),
        (500, "failed", "Try again later"),
        (503, "failed", "Try again later"),
    ],
)
async def test_a_status_is_an_error_with_a_remedy(endpoint, read, status, said, remedy):
    body = json.dumps({"error": {"message": f"no, not with {KEY}"}}).encode()
    refused = replace(endpoint.message(), body=body, status=status, headers=SOON)
    endpoint.forever(lambda _: refused)
    with pytest.raises(ModelError) as raised:
        await read()
    assert said in raised.value.message
    assert remedy in raised.value.remedy
    assert (KEY in str(raised.value)) == (status not in (401, 403))


async def test_a_failure_that_passes_is_tried_again_by_one_layer_alone(endpoint, read, yes):
    failing = replace(endpoint.message(), status=500, headers=SOON)
    endpoint.script(failing, failing, endpoint.answers(yes))
    assert len((await read()).answers) == 1
    endpoint.forever(lambda _: failing)
    with pytest.raises(ModelError):
        await read()
    assert len(endpoint.requests) == RETRIES + 1


def in_two_seconds():
    """The moment, as HTTP dates it: between one and two seconds from now."""
    return format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)


@pytest.mark.parametrize(
    ("header", "least_s"),
    [
        (lambda: {"retry-after-ms": "400"}, 0.4),
        (lambda: {"retry-after": "0.9"}, 0.9),
        (lambda: {"retry-after": in_two_seconds()}, 0.9),
    ],
    ids=["milliseconds", "seconds", "date"],
)
async def test_a_wait_that_is_asked_for_is_made(endpoint, read, yes, header, least_s):
    busy = replace(endpoint.message(), status=429, headers=header())
    endpoint.script(busy, endpoint.answers(yes))
    since = time.monotonic()
    assert len((await read()).answers) == 1
    assert time.monotonic() - since >= least_s


@pytest.mark.parametrize("wait", ["121", "1e400", "Fri, 31 Dec 2099 23:59:59 GMT"])
async def test_a_wait_that_is_too_long_is_not_made(endpoint, read, wait):
    endpoint.forever(
        lambda _: replace(endpoint.message(), status=429, headers={"retry-after": wait})
    )
    with pytest.raises(ModelUnavailable, match="takes no more calls"):
        await read()
    assert len(endpoint.requests) == 1


async def test_patience_bounds_every_wait(endpoint, read):
    patient = {"retry-after": "100"}
    endpoint.forever(lambda _: replace(endpoint.message(), status=429, headers=patient))
    with pytest.raises(ModelUnavailable, match="did not answer in time"):
        await read(patience_s=0.3)


async def test_a_wait_that_is_none_is_a_short_one(endpoint, read, yes):
    odd = replace(endpoint.message(), status=429, headers={"retry-after": "soon"})
    endpoint.script(odd, endpoint.answers(yes))
    assert len((await read()).answers) == 1


async def test_a_refusal_is_not_tried_again(endpoint, read):
    endpoint.forever(lambda _: replace(endpoint.message(), status=401))
    with pytest.raises(ModelError):
        await read()
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize(
    "body",
    [
        b'{"choices": [',
        b"",
        b"null",
        b"[]",
        b"{}",
        b'"text"',
        b"<html>Sign in</html>",
        b'{"choices": null}',
        b'{"choices": []}',
        b'{"choices": [{}]}',
        b'{"choices": [{"message": null}]}',
        b'{"choices": [7]}',
        b'{"error": {"message": "overloaded"}}',
        b"\xff\xfe",
    ],
)
@pytest.mark.parametrize("content_type", ["application/json", "text/html"])
async def test_an_answer_of_another_shape_is_malformed(endpoint, read, body, content_type):
    headers = {"content-type": content_type}
    endpoint.forever(lambda _: replace(endpoint.message(), body=body, headers=headers))
    with pytest.raises(ModelError, match="has not the agreed shape") as raised:
        await read()
    assert "OpenAI-compatible" in raised.value.remedy


async def test_an_endpoint_that_is_silent_is_given_up(endpoint, read):
    endpoint.forever(lambda _: replace(endpoint.message(), delay_s=1.0))
    with pytest.raises(ModelError, match="did not answer in time") as raised:
        await read(patience_s=0.3)
    assert "CASEWRIGHT_MODEL_TIMEOUT_S" in raised.value.remedy


async def test_the_timeout_of_one_try_is_the_settings(endpoint, read, yes):
    slow = replace(endpoint.message(), delay_s=1.5)
    endpoint.forever(lambda number: endpoint.answers(yes) if number else slow)
    assert len((await read(model_timeout_s=0.5)).answers) == 1
    assert len(endpoint.requests) > 1


async def test_an_endpoint_that_is_not_there_is_unreachable(read):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}/v1"
        with pytest.raises(ModelError, match="cannot be reached") as raised:
            await read(model_base_url=url)
    assert "CASEWRIGHT_MODEL_BASE_URL" in raised.value.remedy


async def test_an_answer_that_breaks_off_is_told_as_such(endpoint, read):
    cut = replace(endpoint.message(), headers={"content-length": "9999"})
    endpoint.forever(lambda _: cut)
    with pytest.raises(ModelUnavailable, match=r"broke off \(.*: RemoteProtocolError\)"):
        await read()


def upstream_errors():
    """Every error class of the client and of what wraps it, by its tree."""
    import langchain_openai  # noqa: F401 - brings its own subclasses into the tree

    waiting = [openai.OpenAIError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        yield kind


def instance(kind):
    """An error of that class, without its constructor's demands."""
    error = kind.__new__(kind)
    Exception.__init__(error, "what went wrong")
    error.status_code = 418
    return error


def test_every_error_of_the_client_is_mapped():
    kinds = list(upstream_errors())
    assert len(kinds) > 15
    for kind in kinds:
        mapped = model_error(instance(kind))
        assert mapped.message, kind
        assert mapped.remedy, kind


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (openai.APITimeoutError, "in time"),
        (openai.APIConnectionError, "reached"),
        (openai.RateLimitError, "no more calls"),
        (openai.APIResponseValidationError, "agreed shape"),
        (openai.LengthFinishReasonError, "agreed shape"),
        (TimeoutError, "in time"),
        (KeyError, "agreed shape"),
    ],
)
def test_the_narrowest_class_counts(kind, said):
    assert said in model_error(instance(kind)).message


def test_an_endpoints_words_are_cut_and_made_visible():
    mapped = model_error(ValueError(f"a\u202eb\n{'x' * 10_000}"))
    assert "a⟨U+202E⟩b x" in mapped.message
    assert len(mapped.message) < DETAIL_LIMIT + 80


@pytest.mark.parametrize("address", ["http://[::1", "localhost:8000/v1", "here", "ftp://a/v1"])
def test_an_address_that_is_none_is_said_at_once(settings, address):
    with pytest.raises(ModelError, match="address is no URL") as raised:
        talks(settings.model_copy(update={"model_base_url": address}))
    assert "CASEWRIGHT_MODEL_BASE_URL" in raised.value.remedy


def test_without_address_a_key_is_needed(settings, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ModelError):
        talks(settings.model_copy(update={"model_base_url": ""}))
