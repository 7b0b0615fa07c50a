"""A real MCP server is a source of read-only tools, and its every word is untrusted."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from casewright.errors import EnvironmentFault, SourceRefused
from casewright.models import EvidenceStatus
from tools.base import ToolInputError

AS_OF = datetime(2026, 6, 3, 8, 0, tzinfo=UTC)
SERVER = Path(__file__).parent / "mcp_server.py"
COMMAND = f"command: [{sys.executable}, {SERVER}]"
READING = "[search, whereabouts, misbehave]"


@pytest.fixture
def declare(workshop):
    def declare(way: str = COMMAND, *, allow: str = READING, more: str = "") -> None:
        workshop.declares(f"mcp: [{{name: wiki, {way}, allow: {allow}, {more}}}]")

    return declare


async def test_a_server_answers_with_text_and_json_all_marked(workshop, declare):
    declare()
    workshop.environment["WIKI_TOKEN"] = "t0ken"
    async with workshop.open() as toolbox:
        asked = {"text": "refunds", "where": {"space": "risk"}}
        found = await toolbox.call("wiki_search", asked, as_of=AS_OF)
        assert found.data["structured"] == {"title": "refunds in risk", "views": 3}
        assert "refunds in risk" in found.data["content"]
        assert found.untrusted == ("/content", "/structured")
        assert (found.request, found.source) == (asked, "wiki")
        assert found.intact()
        here = await toolbox.call("wiki_whereabouts", {"name": "WIKI_TOKEN"}, as_of=AS_OF)
        # Only what the file passes on is passed on.
        assert here.data == {"content": f"{workshop.folder.resolve()}\nunset"}
        tool = toolbox.tool("wiki_search")
        assert (tool.description, tool.declared_in) == ("Search the pages.", "tools/mine.yaml")
        for wrong in ({}, {"text": 7}, {"text": "x", "other": 1}, {"text": "x", "where": {}}):
            with pytest.raises(ToolInputError):
                await toolbox.call("wiki_search", wrong, as_of=AS_OF)


async def test_how_a_server_fails(workshop, declare):
    declare(more="env: [WIKI_TOKEN]")
    workshop.environment["WIKI_TOKEN"] = "t0ken"
    workshop.settings["source_timeout_s"] = 20.0
    async with workshop.open() as toolbox:

        async def ends(how: str) -> tuple[EvidenceStatus, str]:
            evidence = await toolbox.call("wiki_misbehave", {"how": how}, as_of=AS_OF)
            assert "party text" not in evidence.model_dump_json()
            return evidence.status, evidence.reason

        here = await toolbox.call("wiki_whereabouts", {"name": "WIKI_TOKEN"}, as_of=AS_OF)
        assert here.data["content"].endswith("t0ken")
        assert await ends("raise") == (EvidenceStatus.ERROR, "reported_error")
        assert await ends("nothing") == (EvidenceStatus.NO_DATA, "empty")
        assert await ends("too much") == (EvidenceStatus.ERROR, "too_large")
        assert await ends("exit") == (EvidenceStatus.ERROR, "server_failed")
        assert await ends("raise") == (EvidenceStatus.ERROR, "server_failed")


async def test_a_call_that_takes_too_long_is_given_up(workshop, declare):
    declare()
    workshop.settings["source_timeout_s"] = 0.3
    async with workshop.open() as toolbox:
        evidence = await toolbox.call("wiki_misbehave", {"how": "wait"}, as_of=AS_OF)
    assert (evidence.status, evidence.reason) == (EvidenceStatus.ERROR, "timeout")


async def test_what_may_write_is_refused_unless_it_is_trusted(workshop, declare):
    declare(allow="[search, rename]")
    error = await workshop.refused()
    assert "does not mark 'rename' as read-only" in str(error)
    assert error.line == 1
    declare(allow="[rename]", more="trust: true")
    async with workshop.open() as toolbox:
        assert [name for name in toolbox.names() if "wiki" in name] == ["wiki_rename"]


async def test_a_tool_that_is_not_offered_is_told_with_the_nearest(workshop, declare):
    declare(allow="[serch]")
    assert "There is no tool of 'wiki' 'serch'. Did you mean 'search'" in str(
        await workshop.refused()
    )


async def test_a_tool_that_is_allowed_twice_is_told(workshop, declare):
    declare(allow="[search, search]")
    assert "another tool is called 'wiki_search'" in str(await workshop.refused())


@pytest.mark.parametrize(
    ("command", "told"),
    [("[no-such-program-here]", "does not start"), (f"[{sys.executable}, -c, pass]", "not start")],
)
async def test_a_server_that_does_not_start_is_named(workshop, declare, command, told):
    declare(f"command: {command}")
    with pytest.raises(EnvironmentFault, match=told) as caught:
        async with workshop.open():
            pass
    assert "'wiki'" in str(caught.value)


async def test_a_variable_that_is_not_set_is_named(workshop, declare):
    declare(more="env: [WIKI_TOKEN]")
    with pytest.raises(SourceRefused, match="WIKI_TOKEN, which wiki needs"):
        async with workshop.open():
            pass


async def test_without_the_adapters_the_extra_is_named(workshop, declare, monkeypatch):
    declare()
    monkeypatch.setitem(sys.modules, "langchain_mcp_adapters.sessions", None)
    with pytest.raises(EnvironmentFault, match=r"casewright\[mcp\]"):
        async with workshop.open():
            pass


@pytest.fixture
def served(tmp_path):
    """The server over HTTP on a free port of loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "PORT": str(port)}
    process = subprocess.Popen([sys.executable, SERVER, "http"], env=environment, cwd=tmp_path)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        process.terminate()
        process.wait(10)


async def test_a_server_may_be_reached_over_http(workshop, declare, served):
    workshop.environment["WIKI_TOKEN"] = "t0ken"
    declare(f"url: '{served}', auth: {{bearer_env: WIKI_TOKEN}}")
    async with workshop.open() as toolbox:
        found = await toolbox.call("wiki_search", {"text": "x", "limit": 9}, as_of=AS_OF)
    assert found.data["structured"]["views"] == 9
    declare(f"url: '{served.replace('/mcp', '/none')}'")
    with pytest.raises(EnvironmentFault, match="does not start"):
        async with workshop.open():
            pass
