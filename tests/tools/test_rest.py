"""Declared tools over a real HTTP server that knows no envelope of ours."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from casewright.errors import SourceRefused
from casewright.models import EvidenceStatus

OK, NO_DATA, ERROR = EvidenceStatus.OK, EvidenceStatus.NO_DATA, EvidenceStatus.ERROR
AS_OF = datetime(2026, 6, 3, 8, 0, tzinfo=UTC)
TOKEN = "s3cret-t0ken-of-ours"


@pytest.fixture
def api(workshop, wire):
    """Declares one tool ``get_it`` over the server, with further keys below ``http``."""
    workshop.environment["CRM_TOKEN"] = TOKEN

    def declare(more: str = "", *, path: str = "/sellers/{seller_id}", head: str = "") -> None:
        workshop.declares(
            f"""
            tools:
              - name: get_it
                description: A seller.
                arguments: {{seller_id: string, n: {{type: integer, optional: true}}}}
                result: {{name: string, note: {{type: string, written_by: party, optional: true}}}}
                http: {{url: "{wire.url}/api", path: "{path}", {more}}}
            {head}
            """
        )

    return declare


async def test_a_record_is_read_typed_marked_and_named_after_its_host(api, workshop, wire):
    api("data: /result/0")
    wire.plays(wire.json({"result": [{"name": "S", "note": "hi", "more": 1}]}))
    evidence = await workshop.ask("get_it", seller_id="S/1", n=3)
    assert evidence.data == {"name": "S", "note": "hi"}
    assert evidence.untrusted == ("/note",)
    assert evidence.source == "127.0.0.1"
    assert evidence.request == {"seller_id": "S/1", "n": 3}
    seen = wire.requests[0]
    assert (seen.path, seen.query) == ("/api/sellers/S%2F1", {"n": ["3"]})


@pytest.mark.parametrize(
    ("auth", "header", "sent"),
    [
        ("{bearer_env: CRM_TOKEN}", "authorization", f"Bearer {TOKEN}"),
        ("{header: X-Api-Key, env: CRM_TOKEN}", "x-api-key", TOKEN),
    ],
)
async def test_the_credential_comes_from_the_environment(api, workshop, wire, auth, header, sent):
    api(f"auth: {auth}")
    wire.plays(wire.json({"name": "S"}))
    assert (await workshop.ask("get_it", seller_id="S")).status is OK
    assert wire.requests[0].headers[header] == sent


async def test_without_its_credential_nothing_is_asked(api, workshop, wire):
    api("auth: {bearer_env: OTHER}")
    with pytest.raises(SourceRefused, match="OTHER, which get_it needs, is not set"):
        await workshop.ask("get_it", seller_id="S")
    assert wire.requests == []


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 418])
async def test_an_answer_that_echoes_the_credential_is_kept_out(api, workshop, wire, status):
    api("auth: {header: X-Api-Key, env: CRM_TOKEN}")
    wire.plays(wire.json({"name": f"you sent {TOKEN}", "code": TOKEN}, status))
    evidence = await workshop.ask("get_it", seller_id="S")
    assert (evidence.status, evidence.reason) == (ERROR, "credential_echoed")
    assert TOKEN not in evidence.model_dump_json()


STATUSES = {
    200: (OK, ""),
    404: (NO_DATA, "gone_away"),
    410: (NO_DATA, "gone_away"),
    202: (NO_DATA, "pending"),
    403: (ERROR, "gone_away"),
    500: (ERROR, "gone_away"),
    418: (ERROR, "gone_away"),
}


@pytest.mark.parametrize(("status", "ends"), STATUSES.items())
async def test_statuses_mean_what_they_mean_for_the_marketplace(api, workshop, wire, status, ends):
    api()
    wire.plays(wire.json({"name": "S", "code": "gone_away"}, status, retry_after="1000"))
    evidence = await workshop.ask("get_it", seller_id="S")
    assert (evidence.status, evidence.reason) == ends


async def test_a_refusal_names_the_tool_and_its_variable(api, workshop, wire):
    api("auth: {bearer_env: CRM_TOKEN}")
    wire.plays(wire.json({}, 401))
    with pytest.raises(SourceRefused, match="Set CRM_TOKEN to a token"):
        await workshop.ask("get_it", seller_id="S")


async def test_other_statuses_can_mean_that_there_is_nothing(api, workshop, wire):
    api("not_found: [400]")
    wire.plays(wire.json({}, 400), wire.json({}, 404))
    first = await workshop.ask("get_it", seller_id="S")
    second = await workshop.ask("get_it", seller_id="S")
    assert (first.status, second.status) == (NO_DATA, ERROR)


@pytest.mark.parametrize(
    ("body", "ends"),
    [
        ({"result": None}, (NO_DATA, "null")),
        ({"result": []}, (ERROR, "unexpected_shape")),
        ({}, (ERROR, "unexpected_shape")),
        ([], (ERROR, "unexpected_shape")),
        ({"result": {"name": 7}}, (ERROR, "unexpected_shape:/name")),
        ({"result": {}}, (ERROR, "unexpected_shape:/name")),
    ],
)
async def test_an_answer_of_another_shape(api, workshop, wire, body, ends):
    api("data: /result")
    wire.plays(wire.json(body))
    evidence = await workshop.ask("get_it", seller_id="S")
    assert (evidence.status, evidence.reason) == ends


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ({"body": b'{"name": NaN}'}, "invalid_json"),
        ({"body": b'{"name": "S'}, "invalid_json"),
        ({"body": b"{}", "content_type": "text/html"}, "wrong_content_type"),
        ({"body": b'"' + b"x" * 5_000_001 + b'"'}, "too_large"),
        ({"body": b'{"name": "\xff"}'}, "invalid_json"),
    ],
)
async def test_what_is_no_usable_json(api, workshop, wire, reply, code):
    api()
    wire.plays(wire.raw(200, **reply))
    evidence = await workshop.ask("get_it", seller_id="S")
    assert (evidence.status, evidence.reason) == (ERROR, code)


async def test_a_vendors_json_is_json(api, workshop, wire):
    api()
    wire.plays(wire.json({"name": "S"}, content_type="application/vnd.api+json; charset=utf-8"))
    assert (await workshop.ask("get_it", seller_id="S")).status is OK


async def test_the_query_can_be_written_out(api, workshop, wire):
    api(
        'as_of: at, query: {"filter[seller]": "{seller_id}", page: 7, full: true, '
        'q: "n:{n}", last: "{n}"}',
        path="/search",
    )
    wire.plays(wire.json({"name": "S"}))
    await workshop.ask("get_it", seller_id="S&x=1", n=3)
    await workshop.ask("get_it", seller_id="S")
    sent = {"filter[seller]": ["S&x=1"], "page": ["7"], "full": ["true"]}
    at = {"at": ["2026-06-03T08:00:00Z"]}
    assert wire.requests[0].query == {**sent, "q": ["n:3"], "last": ["3"], **at}
    assert wire.requests[1].query == {**sent, "filter[seller]": ["S"], **at}


async def test_a_search_may_be_a_post_that_states_to_be_read_only(api, workshop, wire):
    api("method: POST, read_only: true, as_of: at", path="/search")
    wire.plays(wire.json({"name": "S"}))
    await workshop.ask("get_it", seller_id="S", n=3)
    seen = wire.requests[0]
    assert (seen.method, seen.body) == ("POST", {"seller_id": "S", "n": 3})
    assert seen.query == {"at": ["2026-06-03T08:00:00Z"]}


async def test_a_post_is_never_sent_on(api, workshop, wire):
    api("method: POST, read_only: true", path="/search")
    wire.plays(wire.raw(308, b"", location=f"{wire.url}/api/other"))
    assert (await workshop.ask("get_it", seller_id="S")).reason == "http_308"
    assert len(wire.requests) == 1


async def test_a_path_cannot_be_climbed(api, workshop, wire):
    api()
    wire.plays(wire.json({"name": "S"}))
    for value in ("..", "."):
        with pytest.raises(Exception, match="cannot be"):
            await workshop.ask("get_it", seller_id=value)
    await workshop.ask("get_it", seller_id="../../admin?x=1#y")
    assert wire.requests[0].path == "/api/sellers/..%2F..%2Fadmin%3Fx%3D1%23y"
    assert len(wire.requests) == 1


PAGES = {
    "cursor": ("{kind: cursor, parameter: after, next: /next}", ["after"], [None, "c1", "c2"]),
    "page": ("{kind: page, parameter: page, size: 2, size_parameter: per}", ["page"], "123"),
    "offset": ("{kind: offset, parameter: skip}", ["skip"], "0245"),
    "link": ("{kind: link}", ["at"], [None, "1", "2"]),
}
ENTRIES = [{"name": str(number)} for number in range(5)]


@pytest.mark.parametrize("kind", PAGES)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_every_page_of_a_list_is_read(api, workshop, wire, kind, method):
    paging, names, expected = PAGES[kind]
    post = ", method: POST, read_only: true" if method == "POST" else ""
    api(f"items: /found/rows, pagination: {paging}{post}", path="/list")

    def asked(seen):
        given = seen.body if method == "POST" and kind != "link" else seen.query
        value = given.get(names[0])
        return value[0] if isinstance(value, list) else value

    def reply(seen):
        value = asked(seen)
        start = {"cursor": {"c1": 2, "c2": 4}, "link": {"1": 2, "2": 4}}.get(kind, {}).get(value, 0)
        if kind == "page":
            start = (int(value) - 1) * 2
        elif kind == "offset":
            start = int(value)
        rows = ENTRIES[start : start + 2]
        following = {0: "c1", 2: "c2"}.get(start)
        headers = {"link": f'</api/list?at={start // 2 + 1}>; rel="next"'} if start < 4 else {}
        body = {"found": {"rows": rows}, "next": following}
        return wire.json(body, **(headers if kind == "link" else {}))

    wire.route = reply
    evidence = await workshop.ask("get_it", seller_id="S")
    assert evidence.data == {"items": ENTRIES}
    assert evidence.complete
    found = [asked(seen) for seen in wire.requests]
    assert [None if one is None else str(one) for one in found] == list(expected)
    assert {seen.method for seen in wire.requests} == {method}


async def test_a_list_longer_than_the_page_limit_says_so(api, workshop, wire):
    api('items: "", pagination: {kind: page, parameter: page}', path="/list")
    workshop.settings["page_limit"] = 3
    wire.plays(wire.json(ENTRIES))
    evidence = await workshop.ask("get_it", seller_id="S")
    assert (len(evidence.data["items"]), evidence.complete) == (15, False)
    assert evidence.reason == "page_limit"
    assert [seen.query["page"] for seen in wire.requests] == [["1"], ["2"], ["3"]]


@pytest.mark.parametrize(
    ("complete", "body", "ends"),
    [
        ("true", {"rows": []}, (OK, "")),
        ("false", {"rows": []}, (NO_DATA, "coverage_incomplete")),
        ("/all", {"rows": [], "all": True}, (OK, "")),
        ("/all", {"rows": [], "all": False}, (NO_DATA, "coverage_incomplete")),
        ("/all", {"rows": []}, (NO_DATA, "coverage_incomplete")),
        ("/all", {"rows": [], "all": "true"}, (NO_DATA, "coverage_incomplete")),
    ],
)
async def test_an_empty_list_proves_what_the_source_says_it_proves(
    api, workshop, wire, complete, body, ends
):
    api(f"items: /rows, complete: {complete}", path="/list")
    wire.plays(wire.json(body))
    evidence = await workshop.ask("get_it", seller_id="S")
    assert (evidence.status, evidence.reason) == ends


CURSORS = "items: /rows, pagination: {kind: cursor, parameter: c, next: /next}"


@pytest.mark.parametrize(
    ("more", "replies", "code"),
    [
        (CURSORS, [({"rows": ENTRIES, "next": "same"}, {})], "cursor_repeats"),
        (CURSORS, [({"rows": ENTRIES, "next": ["x"]}, {})], "bad_cursor"),
        (CURSORS, [({"rows": ENTRIES, "next": True}, {})], "bad_cursor"),
        (CURSORS, [({"rows": ENTRIES, "next": 7}, {}), ({}, {"status": 410})], "http_410"),
        (CURSORS, [({"rows": {}}, {})], "unexpected_shape"),
        (
            "items: /rows, pagination: {kind: link}",
            [({"rows": ENTRIES}, {"link": '<http://elsewhere.invalid/x>; rel="next"'})],
            "foreign_link",
        ),
    ],
)
async def test_a_list_that_goes_wrong_is_an_error(api, workshop, wire, more, replies, code):
    api(more, path="/list")
    wire.plays(*(wire.json(body, **how) for body, how in replies))
    evidence = await workshop.ask("get_it", seller_id="S")
    assert (evidence.status, evidence.reason) == (ERROR, code)


async def test_tools_may_share_a_named_source(workshop, wire):
    workshop.environment["CRM_TOKEN"] = TOKEN
    workshop.put(
        "tools/sources.yaml",
        f'sources: {{crm: {{url: "{wire.url}", auth: {{bearer_env: CRM_TOKEN}}}}}}',
    )
    workshop.declares(
        """
        tools:
          - {name: a, description: A., result: {n: integer}, http: {source: crm, path: /a}}
          - {name: b, description: B., result: {n: integer}, http: {source: crm, path: /b}}
        """
    )
    wire.plays(wire.json({"n": 1}))
    found = [await workshop.ask(name) for name in ("a", "b")]
    assert [one.source for one in found] == ["crm", "crm"]
    assert {seen.headers["authorization"] for seen in wire.requests} == {f"Bearer {TOKEN}"}


async def test_the_marketplace_can_be_asked_more_than_the_built_in_tools_ask(
    workshop, wire, source
):
    workshop.declares(
        """
        tools:
          - name: get_badge
            description: A seller's badge.
            arguments: {seller_id: string}
            result: {badge: string, motto: string}
            http: {source: marketplace, path: "/v1/badges/{seller_id}"}
          - name: list_badges
            description: All badges.
            arguments: {kind: string}
            result: {badge: string}
            http: {source: marketplace, path: /v1/badges, items: /items, query: {k: "{kind}"}}
        """
    )
    wire.plays(
        wire.ok({"badge": "gold", "motto": "buy!", "x": 1}, untrusted=("/motto",)),
        wire.ok({"items": [{"badge": "a"}], "next_cursor": "c"}),
        wire.ok({"items": [{"badge": "b"}], "next_cursor": None}),
    )
    async with workshop.open(source) as toolbox:
        first = await toolbox.call("get_badge", {"seller_id": "S-1"}, as_of=AS_OF)
        second = await toolbox.call("list_badges", {"kind": "x"}, as_of=AS_OF)
    assert (first.data, first.untrusted) == ({"badge": "gold", "motto": "buy!"}, ("/motto",))
    assert second.data == {"items": [{"badge": "a"}, {"badge": "b"}]}
    assert wire.requests[1].query["k"] == ["x"]
