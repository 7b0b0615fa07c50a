"""langchain-tests' standard suite for the chat model that casewright's client makes.

The unit suite needs no endpoint. The integration suite talks to ``sandbox model``, a
simulator: what fails there for want of judgement, or because casewright never streams, says so.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_tests.integration_tests import ChatModelIntegrationTests
from langchain_tests.unit_tests import ChatModelUnitTests

from agents.endpoint import chat_model, endpoints
from agents.metered import MeteredChat
from casewright.settings import Settings
from sandbox.model.app import Manner
from sandbox.model.server import simulating

never_streams = pytest.mark.xfail(reason="disable_streaming: casewright's client never streams")
no_judgement = pytest.mark.xfail(reason="the simulated model cannot follow a free instruction")


@pytest.fixture(scope="module")
def simulated(world: Path) -> Iterator[str]:
    """The simulated endpoint's base URL."""
    with simulating(world, Manner()) as url:
        yield url


class Client:
    """The client as ``agents.endpoint`` makes it."""

    url = "http://127.0.0.1:9/v1"

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return MeteredChat

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {
            "model": "simulated-expert",
            "base_url": self.url,
            "api_key": "none",
            "temperature": 0,
            "max_retries": 0,
            "disable_streaming": True,
            "use_responses_api": False,
            "default_headers": {"Connection": "close"},
        }


class TestUnit(Client, ChatModelUnitTests):
    test_serdes = pytest.mark.xfail(
        reason="a client is made from settings, never written down and read again", run=False
    )(ChatModelUnitTests.test_serdes)
    test_init_time = pytest.mark.xfail(reason="speed is measured in benchmarks/", run=False)(
        ChatModelUnitTests.test_init_time
    )


class TestIntegration(Client, ChatModelIntegrationTests):
    @pytest.fixture(autouse=True)
    def _at(self, simulated: str) -> None:
        self.url = simulated

    @pytest.fixture
    def model(self, simulated: str) -> BaseChatModel:
        self.url = simulated
        settings = Settings(model="simulated-expert", model_base_url=simulated)
        return chat_model(endpoints(settings)[0], settings)

    @property
    def model_override_value(self) -> str:
        return "simulated-noisy"

    @property
    def supports_json_mode(self) -> bool:
        return True

    test_stream = never_streams(ChatModelIntegrationTests.test_stream)
    test_astream = never_streams(ChatModelIntegrationTests.test_astream)
    test_stream_with_model_override = never_streams(
        ChatModelIntegrationTests.test_stream_with_model_override
    )
    test_astream_with_model_override = never_streams(
        ChatModelIntegrationTests.test_astream_with_model_override
    )
    test_structured_output_pydantic_2_v1 = never_streams(
        ChatModelIntegrationTests.test_structured_output_pydantic_2_v1
    )
    test_usage_metadata_streaming = never_streams(
        ChatModelIntegrationTests.test_usage_metadata_streaming
    )
    test_tool_calling = no_judgement(ChatModelIntegrationTests.test_tool_calling)
    test_tool_calling_async = no_judgement(ChatModelIntegrationTests.test_tool_calling_async)
    test_json_mode = no_judgement(ChatModelIntegrationTests.test_json_mode)
    test_unicode_tool_call_integration = no_judgement(
        ChatModelIntegrationTests.test_unicode_tool_call_integration
    )
