"""``tool list`` and ``tool import`` as a user meets them."""

from __future__ import annotations

import json
import re

import pytest

import cli

DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "Badges"},
    "servers": [{"url": "https://badges.example"}],
    "paths": {
        "/badges/{id}": {
            "get": {
                "operationId": "getBadge",
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
                ],
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {
                                "schema": {"properties": {"level": {"type": "string"}}}
                            }
                        }
                    }
                },
            }
        },
        "/ping": {"get": {"operationId": "ping"}},
    },
}


@pytest.fixture
def shell(workshop, monkeypatch, capsys):
    monkeypatch.chdir(workshop.folder)
    monkeypatch.setenv("COLUMNS", "160")
    workshop.put("openapi.json", json.dumps(DOCUMENT))
    workshop.put("casewright.toml", "")

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = cli.run(["--home", str(workshop.folder / "home"), *arguments])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def test_a_document_is_made_into_a_file_that_the_next_command_reads(shell, workshop):
    code, out, err = shell("tool", "import", "openapi.json", "--out", "tools/badges.yaml")
    assert (code, out) == (0, "")
    assert "Wrote 1 tools to tools/badges.yaml: get_badge" in err
    assert "skipped ping: it does not describe" in err
    code, out, _ = shell("tool", "list", "--json")
    found = {one["tool"]: one for one in json.loads(out)}
    assert found["get_badge"]["declared_in"] == "tools/badges.yaml"
    assert len(found["get_badge"]["digest"]) == 64
    assert found["get_badge"]["arguments"]["required"] == ["id"]
    assert found["get_order"]["declared_in"] == ""
    assert re.search(r"get_badge +id +tools/badges.yaml", shell("tool", "list")[1])


def test_a_tool_is_shown_with_its_fields(shell, workshop):
    code, out, _ = shell("tool", "show", "get_order")
    assert code == 0
    assert re.search(r"order_id +string +The order's id\.", out)
    assert re.search(r"ship_by +time", out)
    assert "get_order" in shell("tool", "show", "get_ordr")[2]


def test_without_out_the_file_is_printed(shell, workshop):
    code, out, _ = shell("tool", "import", "openapi.json", "--url", "https://other.example")
    assert code == 0
    assert "https://other.example" in out
    assert not (workshop.folder / "tools").exists()


def test_what_would_not_load_is_not_written(shell, workshop):
    wrong = ("--url", "ftp://x", "--out", "tools/x.yaml")
    code, _, err = shell("tool", "import", "openapi.json", *wrong)
    assert code == 2
    assert "x.yaml:" in err
    assert not (workshop.folder / "tools").exists()


def test_no_file_is_overwritten(shell, workshop):
    workshop.put("tools/x.yaml", "# mine\n")
    code, _, err = shell("tool", "import", "openapi.json", "--out", "tools/x.yaml")
    assert (code, "exists already" in err) == (2, True)
    assert (workshop.folder / "tools/x.yaml").read_text() == "# mine\n"
    code, _, err = shell("tool", "import", "openapi.json", "--out", "openapi.json/x.yaml")
    assert (code, "cannot be written" in err) == (2, True)


def test_a_mistake_in_a_tools_file_stops_every_command_that_needs_tools(shell, workshop):
    workshop.put("tools/x.yaml", "tool: []\n")
    for command in (("tool", "list"), ("sop", "list")):
        code, _, err = shell(*command)
        assert code == 2
        assert "tools/x.yaml:1:1: tool: there is no such key. Did you mean 'tools'?" in err
