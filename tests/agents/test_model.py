"""Which reader the settings ask for, and what the client sends."""

import subprocess
import sys
from datetime import UTC, datetime

from pydantic import SecretStr

from agents.cascade import readers
from agents.endpoint import chat_model, endpoints
from agents.model import reader
from agents.reader import ModelReader
from agents.reading import Errand, Reading
from casewright.settings import Settings
from knowledge_base.opened import embeddings_of

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)


async def test_without_a_model_nothing_reads(toolbox, blames_carrier, settings):
    without = settings.model_copy(update={"model": ""})
    silent = readers(without, toolbox, embeddings_of(without))
    assert await silent.read([blames_carrier], Errand(AS_OF, ("get_order",))) == Reading()


def test_without_a_model_its_libraries_are_not_imported():
    program = """
import sys
from agents.cascade import readers
from casewright.settings import Settings
from knowledge_base.opened import embeddings_of
settings = Settings(model="")
readers(settings, None, embeddings_of(settings))
heavy = {"langchain_openai", "langchain_core", "openai"} & set(sys.modules)
print(sorted(heavy))
"""
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"


async def test_with_a_model_it_reads(endpoint, toolbox, blames_carrier, settings, yes):
    endpoint.script(endpoint.answers(yes))
    reading = reader(settings, toolbox)
    assert isinstance(reading, ModelReader)
    result = await reading.read([blames_carrier], Errand(AS_OF))
    assert len(result.answers) == 1


async def test_the_budget_is_the_settings(
    endpoint, toolbox, blames_carrier, settings, market, errand
):
    endpoint.forever(lambda _: endpoint.calls(("list_messages", {"order_id": "O-1"})))
    frugal = reader(settings.model_copy(update={"model_tool_calls": 1}), toolbox)
    await frugal.read([blames_carrier], errand)
    assert market.calls == ["O-1"]


async def test_the_configured_key_is_sent_and_no_other(
    endpoint, toolbox, blames_carrier, settings, yes, monkeypatch
):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another-service")
    keyed = settings.model_copy(update={"model_api_key": SecretStr("sk-ours")})
    for given, expected in ((keyed, "Bearer sk-ours"), (settings, "Bearer none")):
        endpoint.script(endpoint.answers(yes))
        await reader(given, toolbox).read([blames_carrier], Errand(AS_OF))
        assert endpoint.headers[0]["authorization"] == expected


async def test_no_connection_stays_open_between_calls(
    endpoint, toolbox, blames_carrier, settings, yes
):
    endpoint.script(endpoint.answers(yes))
    await reader(settings, toolbox).read([blames_carrier], Errand(AS_OF))
    assert endpoint.headers[0]["connection"] == "close"


def test_the_key_does_not_show():
    keyed = Settings(model="m", model_base_url="http://127.0.0.1:1/v1", model_api_key="sk-secret")
    (endpoint,) = endpoints(keyed)
    assert "sk-secret" not in repr(endpoint) + repr(chat_model(endpoint, keyed))
