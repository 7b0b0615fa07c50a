"""A document's GET operations become entries that load and work."""

from __future__ import annotations

import json

import pytest
from ruamel.yaml import YAML

from casewright.errors import UnknownName, UsageError
from casewright.models import EvidenceStatus
from tools.openapi import import_openapi

SELLER = {
    "type": "object",
    "required": ["seller-id", "joined"],
    "properties": {
        "seller-id": {"type": "string"},
        "joined": {"type": "string", "format": "date-time", "description": "First day."},
        "tier": {"type": "string", "enum": ["new", "top"]},
        "address": {"$ref": "#/components/schemas/Address"},
        "parent": {"$ref": "#/components/schemas/Seller"},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
}
ADDRESS = {
    "properties": {"city": {"type": "string"}, "of": {"$ref": "#/components/schemas/Seller"}}
}


def answers(schema: object) -> dict:
    return {"200": {"description": "x", "content": {"application/json": {"schema": schema}}}}


def document(**changes: object) -> dict:
    seller = {"$ref": "#/components/schemas/Seller"}
    paths = {
        "/sellers/{seller-id}": {
            "parameters": [
                {"$ref": "#/components/parameters/Seller"},
                {"name": "trace", "in": "header", "schema": {"type": "string"}},
            ],
            "get": {
                "operationId": "getSeller",
                "summary": "A seller's\n account.",
                "parameters": [
                    {"name": "as-of", "in": "query", "schema": {"type": "string"}},
                    {"name": "depth", "in": "query", "schema": {"type": "integer"}},
                    {
                        "name": "kind",
                        "in": "query",
                        "required": True,
                        "description": "Which.",
                        "schema": {"type": "string", "enum": ["a", "b"]},
                    },
                ],
                "responses": answers(seller),
            },
            "delete": {"operationId": "dropSeller", "responses": answers(seller)},
        },
        "/sellers": {"get": {"responses": answers({"type": "array", "items": seller})}},
        "/health": {"get": {"operationId": "health", "responses": {"200": {"description": "x"}}}},
        "/secured": {
            "get": {
                "operationId": "secured",
                "parameters": [{"name": "X-Team", "in": "header", "required": True, "schema": {}}],
                "responses": answers(seller),
            }
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "CRM of ours", "version": "1"},
        "servers": [{"url": "https://crm.example/v2/"}],
        "paths": paths,
        "components": {
            "schemas": {"Seller": SELLER, "Address": ADDRESS},
            "parameters": {
                "Seller": {
                    "name": "seller-id",
                    "in": "path",
                    "required": True,
                    "schema": {"type": "string"},
                }
            },
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
        },
        **changes,
    }


@pytest.fixture
def write(tmp_path):
    def write(content: object):
        file = tmp_path / "openapi.json"
        file.write_text(content if isinstance(content, str) else json.dumps(content))
        return file

    return write


def test_what_the_document_says_stands_in_the_file(write):
    imported = import_openapi(write(document()))
    content = YAML(typ="safe", pure=True).load(imported.text)
    auth = {"header": "X-Key", "env": "CRM_OF_OURS_KEY"}
    assert content["sources"] == {"crm_of_ours": {"url": "https://crm.example/v2", "auth": auth}}
    seller, sellers = content["tools"]
    assert seller["name"] == "get_seller"
    assert seller["description"] == "A seller's account."
    assert seller["arguments"] == {
        "seller_id": "string",
        "as_of": {"type": "string", "optional": True},
        "depth": {"type": "integer", "optional": True},
        "kind": {"enum": ["a", "b"], "description": "Which."},
    }
    assert seller["http"] == {
        "source": "crm_of_ours",
        "path": "/sellers/{seller_id}",
        "query": {"as-of": "{as_of}", "depth": "{depth}", "kind": "{kind}"},
    }
    assert seller["result"] == {
        "seller_id": {"type": "string", "from": "seller-id"},
        "joined": {"type": "timestamp", "description": "First day."},
        "tier": {"enum": ["new", "top"], "optional": True},
        "address": {
            "fields": {
                "city": {"type": "string", "optional": True},
                "of": {"type": "json", "optional": True},
            },
            "optional": True,
        },
        "parent": {"type": "json", "optional": True},
        "tags": {"list": "string", "optional": True},
    }
    assert (sellers["name"], sellers["http"]["items"]) == ("get_sellers", "")
    assert imported.names == ("get_seller", "get_sellers")
    assert [told.split(":")[0] for told in imported.skipped] == ["health", "secured"]
    assert "written_by: party" in imported.text


async def test_the_entries_work(write, workshop, wire):
    imported = import_openapi(write(document()), ["getSeller"], wire.url, ["get_seller"])
    workshop.put("tools/crm.yaml", imported.text)
    workshop.environment["CRM_OF_OURS_KEY"] = "k3y-of-ours"
    wire.plays(wire.json({"seller-id": "S-1", "joined": "2026-01-01T00:00:00Z"}))
    evidence = await workshop.ask("crm_of_ours_get_seller", seller_id="S-1", kind="a")
    assert evidence.status is EvidenceStatus.OK
    assert evidence.data == {"seller_id": "S-1", "joined": "2026-01-01T00:00:00Z"}
    assert wire.requests[0].path == "/sellers/S-1"
    assert wire.requests[0].headers["x-key"] == "k3y-of-ours"


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        ({"servers": []}, "https://api.example"),
        ({"servers": [{"url": "/v3"}]}, "https://api.example/v3"),
        ({"servers": [{"url": "https://{region}.example"}]}, "https://api.example"),
    ],
)
def test_a_base_url_that_is_not_told_is_left_to_be_filled_in(write, changes, url):
    imported = import_openapi(write(document(**changes)))
    content = YAML(typ="safe", pure=True).load(imported.text)
    assert content["sources"]["crm_of_ours"]["url"] == url


def test_a_bearer_token_is_named_after_the_document(write):
    schemes = {"securitySchemes": {"t": {"type": "http", "scheme": "Bearer"}}}
    content = document()
    content["components"] |= schemes
    assert "bearer_env: CRM_OF_OURS_TOKEN" in import_openapi(write(content)).text


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "not valid YAML"),
        ("[]", "no OpenAPI 3 document"),
        ({"swagger": "2.0", "paths": {}}, "no OpenAPI 3 document"),
        ({"openapi": "3.0.0"}, "no OpenAPI 3 document"),
        ({"openapi": "3.0.0", "paths": {}}, "No tool can be made"),
        ({"openapi": "3.0.0", "paths": {"/a": {"get": {"parameters": [7]}}}}, "not shaped"),
        ({"openapi": "3.0.0", "paths": {"/a": {"get": []}}}, "not shaped"),
        ({"openapi": "3.0.0", "paths": {"/a": {"get": {}}}}, "does not describe"),
    ],
)
def test_a_document_of_which_nothing_can_be_made(write, content, told):
    with pytest.raises(UsageError, match=told):
        import_openapi(write(content))


def test_a_document_that_is_not_there(tmp_path):
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        import_openapi(tmp_path / "none.json")


def test_an_unknown_operation_is_told_with_the_nearest(write):
    with pytest.raises(UnknownName, match="Did you mean 'getSeller'"):
        import_openapi(write(document()), ["getSellr"])
