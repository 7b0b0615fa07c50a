"""Which endpoint answers when the first one does not, and which failures are told instead."""

from dataclasses import replace

import pytest
from pydantic import SecretStr

from agents.line import LEAST
from agents.model import talks
from agents.reading import Errand
from casewright.breaker import Breaker, Breakers
from casewright.errors import ModelError, ModelRefused, ModelUnavailable
from casewright.settings import Fallback
from casewright.signals import Signals
from casewright.together import Together

SOON = {"retry-after-ms": "1"}


class Heard(Signals):
    """What was told, in its order."""

    def __init__(self):
        self.told = []

    def answered(self, place, seconds):
        self.told.append(("answered", place))

    def failed(self, place):
        self.told.append(("failed", place))

    def throttled(self, place, after_s=0.0):
        self.told.append(("throttled", place))


@pytest.fixture
def both(settings, backup):
    """Settings with a fallback."""
    fallback = Fallback(model="spare", base_url=backup.url, mode="tools")
    return settings.model_copy(update={"model_fallbacks": (fallback,)})


def answering(endpoint):
    """Replies with an answer without end."""
    endpoint.forever(lambda _: endpoint.calls(("answer", {"word": "it"})))


def failing(endpoint, status, body=b"{}"):
    """Replies with that status without end."""
    endpoint.forever(lambda _: replace(endpoint.message(), status=status, body=body, headers=SOON))


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 529])
async def test_who_gives_no_answer_is_replaced_for_the_conversation(
    endpoint, backup, both, opening, functions, as_of, status
):
    failing(endpoint, status)
    answering(backup)
    talk = talks(both)(Errand(as_of))
    turn = await talk.turn(opening, functions)
    assert len(endpoint.requests) == 3
    assert turn.calls
    assert (talk.answered_by.model, talk.answered_by.base_url) == ("spare", backup.url)
    assert backup.requests[0]["model"] == "spare"
    answering(endpoint)
    await talk.turn(opening, functions)
    assert (len(endpoint.requests), len(backup.requests)) == (0, 2)


async def test_the_first_one_answers_where_it_can(
    endpoint, backup, both, opening, functions, as_of
):
    answering(endpoint)
    talk = talks(both)(Errand(as_of))
    await talk.turn(opening, functions)
    assert talk.answered_by.model == "scripted"
    assert backup.requests == []


async def test_who_is_too_slow_or_not_there_is_replaced(
    endpoint, backup, both, opening, functions, as_of
):
    answering(backup)
    slow = endpoint.message()
    endpoint.forever(lambda _: replace(slow, delay_s=1.0))
    for changed in ({"model_timeout_s": 0.1}, {"model_base_url": "http://127.0.0.1:9/v1"}):
        talk = talks(both.model_copy(update=changed))(Errand(as_of))
        assert (await talk.turn(opening, functions)).calls
        assert talk.answered_by.model == "spare"


@pytest.mark.parametrize("body", [b"<html>Be right back</html>", b'{"error": {"message": "busy"}}'])
async def test_who_answers_something_else_is_replaced(
    endpoint, backup, both, opening, functions, as_of, body
):
    failing(endpoint, 200, body)
    answering(backup)
    assert (await talks(both)(Errand(as_of)).turn(opening, functions)).calls


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
async def test_what_is_ours_to_mend_is_told_and_not_papered_over(
    endpoint, backup, both, opening, functions, as_of, status
):
    failing(endpoint, status)
    answering(backup)
    with pytest.raises(ModelRefused) as raised:
        await talks(both)(Errand(as_of)).turn(opening, functions)
    assert f"scripted at {endpoint.url}" in raised.value.message
    assert backup.requests == []


async def test_the_last_one_says_what_is_wrong(endpoint, backup, both, opening, functions, as_of):
    failing(endpoint, 503)
    failing(backup, 503)
    with pytest.raises(ModelUnavailable, match="spare at "):
        await talks(both)(Errand(as_of)).turn(opening, functions)


async def test_a_conversation_goes_on_in_the_mode_of_the_other(
    endpoint, backup, both, able, opening, functions, as_of
):
    endpoint.script(endpoint.calls(("seek", {"order_id": "O-1"})))
    fallback = both.model_fallbacks[0].model_copy(update={"mode": "auto"})
    talk = talks(both.model_copy(update={"model_fallbacks": (fallback,)}))(Errand(as_of))
    turn = await talk.turn(opening, functions)
    failing(endpoint, 503)
    backup.respond(able("json"))
    again = await talk.turn([*opening, turn.message, turn.calls[0].reply("Found.")], functions)
    assert [call.name for call in again.calls] == ["answer"]
    assert backup.told("user")[-1].endswith("`seek`:\nFound.")
    assert talk.cost.model_calls == 1 + 1 + 3 + 1  # one failed, three probed


async def test_new_conversations_pass_over_who_just_gave_no_answer(
    endpoint, backup, both, opening, functions, as_of
):
    failing(endpoint, 503)
    answering(backup)
    passed = [0.0]
    open_talk = talks(both, together=Together(breakers=Breakers(lambda: passed[0])))
    await open_talk(Errand(as_of)).turn(opening, functions)
    endpoint.requests.clear()
    await open_talk(Errand(as_of)).turn(opening, functions)
    assert endpoint.requests == []
    passed[0] = Breaker("").rest_s
    failing(backup, 503)
    answering(endpoint)
    await open_talk(Errand(as_of)).turn(opening, functions)
    assert len(endpoint.requests) == 1


async def test_a_single_failure_among_answers_is_passed_over_by_nobody_else(
    endpoint, backup, both, opening, functions, as_of
):
    answering(endpoint)
    answering(backup)
    open_talk = talks(both)
    for _ in range(2):
        await open_talk(Errand(as_of)).turn(opening, functions)
    failing(endpoint, 503)
    await open_talk(Errand(as_of)).turn(opening, functions)
    answering(endpoint)
    await open_talk(Errand(as_of)).turn(opening, functions)
    assert len(endpoint.requests) == 1


async def test_an_endpoint_alone_that_keeps_failing_is_left_alone_for_a_while(
    endpoint, settings, opening, functions, as_of
):
    failing(endpoint, 503)
    passed = [0.0]
    together = Together(breakers=Breakers(lambda: passed[0]))
    open_talk = talks(settings, together=together)
    for _ in range(LEAST):
        with pytest.raises(ModelUnavailable, match="failed"):
            await open_talk(Errand(as_of)).turn(opening, functions)
    endpoint.requests.clear()
    with pytest.raises(ModelUnavailable, match="left alone for now"):
        await open_talk(Errand(as_of)).turn(opening, functions)
    assert endpoint.requests == []
    assert together.breakers.open() == (f"scripted at {endpoint.url}",)
    passed[0] = Breaker("").rest_s
    answering(endpoint)
    assert (await open_talk(Errand(as_of)).turn(opening, functions)).calls
    assert together.breakers.open() == ()


async def test_who_listens_is_told_of_each_answer_and_of_each_429(
    endpoint, settings, opening, functions, as_of
):
    heard = Heard()
    open_talk = talks(settings, together=Together(heard))
    answering(endpoint)
    await open_talk(Errand(as_of)).turn(opening, functions)
    failing(endpoint, 429)
    with pytest.raises(ModelUnavailable):
        await open_talk(Errand(as_of)).turn(opening, functions)
    place = f"scripted at {endpoint.url}"
    throttled = [("throttled", place)] * 3  # the client tries again by itself
    assert heard.told == [("answered", place), *throttled, ("failed", place)]


async def test_a_fallback_has_its_own_key(
    endpoint, backup, both, opening, functions, as_of, monkeypatch
):
    monkeypatch.setenv("SPARE_KEY", "sk-spare")
    fallback = both.model_fallbacks[0].model_copy(update={"api_key_env": "SPARE_KEY"})
    update = {"model_fallbacks": (fallback,), "model_api_key": SecretStr("sk-first")}
    failing(endpoint, 503)
    answering(backup)
    await talks(both.model_copy(update=update))(Errand(as_of)).turn(opening, functions)
    assert endpoint.headers[0]["authorization"] == "Bearer sk-first"
    assert backup.headers[0]["authorization"] == "Bearer sk-spare"


def test_a_key_that_is_not_set_is_said_at_once(both, monkeypatch):
    monkeypatch.delenv("SPARE_KEY", raising=False)
    fallback = both.model_fallbacks[0].model_copy(update={"api_key_env": "SPARE_KEY"})
    with pytest.raises(ModelError, match="from SPARE_KEY, which is not set"):
        talks(both.model_copy(update={"model_fallbacks": (fallback,)}))
