"""Mistakes in a tools file are told with their place and the nearest valid name."""

from __future__ import annotations

import pytest

HEAD = """\
tools:
  - name: get_it
    description: It.
"""
HTTP = "http: {url: 'https://crm.example', path: /it}"
RESULT = "result: {n: integer}"


def entry(*lines: str) -> str:
    return HEAD + "".join(f"    {line}\n" for line in lines)


MISTAKES = {
    "not YAML": ("tools: [", 1, "not valid YAML"),
    "no mapping": ("- a", 1, "valid dictionary"),
    "top key": ("tool: []", 1, "tool: there is no such key. Did you mean 'tools'"),
    "tool key": (entry(RESULT, "htpp: {}"), 5, "htpp: there is no such key. Did you mean 'http'"),
    "http key": (entry(RESULT, "http:", "  url: x", "  pth: /a"), 7, "Did you mean 'path'"),
    "paging key": (
        entry(RESULT, "http: {url: x, path: /a, items: '', pagination: {knd: page}}"),
        5,
        "Did you mean 'kind'",
    ),
    "field key": (entry("result:", "  n: {typ: integer}", HTTP), 5, "Did you mean 'type'"),
    "deep field key": (
        entry("result:", "  n: {list: {fields: {m: {tpe: integer}}}}", HTTP),
        5,
        "Did you mean 'type'",
    ),
    "argument key": (
        entry("arguments: {n: {defult: 1}}", RESULT, HTTP),
        4,
        "Did you mean 'default'",
    ),
    "type": (entry("result: {n: int}", HTTP), 4, "input should be 'string'"),
    "no result": (entry("result: {}", HTTP), 4, "at least 1 item"),
    "no way": (entry(RESULT), 2, "either http or table"),
    "two ways": (entry(RESULT, HTTP, "table: {csv: a, query: SELECT 1}"), 2, "either http or"),
    "name": (
        "tools: [{name: Get-It, description: x, result: {n: integer}}]",
        1,
        "should match pattern",
    ),
    "a name no expression reads": (
        entry("result: {a: {list: {fields: {b-c: integer}}}}", HTTP),
        2,
        "no expression can read 'b-c'",
    ),
    "two kinds": (entry("result: {n: {type: string, enum: [a]}}", HTTP), 4, "one of type, enum"),
    "marked number": (
        entry("result: {n: {type: integer, written_by: party}}", HTTP),
        4,
        "written_by marks text",
    ),
    "pattern": (entry("arguments: {n: {pattern: '('}}", RESULT, HTTP), 4, "regular expression"),
    "pattern of a number": (
        entry("arguments: {n: {type: integer, pattern: a}}", RESULT, HTTP),
        4,
        "for strings",
    ),
    "default": (
        entry("arguments: {n: {type: integer, default: x}}", RESULT, HTTP),
        4,
        "default of 'n' does not fit",
    ),
    "same name": (entry(RESULT, HTTP) + entry(RESULT, HTTP)[7:], 6, "another tool is called"),
    "built-in name": (
        entry(RESULT, HTTP).replace("get_it", "get_order"),
        2,
        "another tool is called 'get_order'",
    ),
    "address": (entry(RESULT, "http: {url: 'ftp://x', path: /a}"), 5, "starts with https"),
    "credential in the address": (
        entry(RESULT, "http: {url: 'https://u:pa55word@x.example', path: /a}"),
        5,
        "no credential",
    ),
    "credential in the address's query": (
        entry(RESULT, "http: {url: 'https://x.example?token=pa55word', path: /a}"),
        5,
        "no credential",
    ),
    "credential in the query": (
        entry(RESULT, "http: {url: 'https://x.example', path: /a, query: {api_key: pa55word}}"),
        5,
        "looks like a credential",
    ),
    "credential as auth": (
        entry(RESULT, "http: {url: 'https://x.example', path: /a, auth: {bearer: pa55word}}"),
        5,
        "Did you mean 'bearer_env'",
    ),
    "credential as headers": (
        entry(RESULT, "http: {url: 'https://x.example', path: /a, headers: {A: pa55word}}"),
        5,
        "headers: there is no such key",
    ),
    "half an auth": (
        entry(RESULT, "http: {url: 'https://x.example', path: /a, auth: {env: A}}"),
        5,
        "{bearer_env: NAME}",
    ),
    "credential in the open": (
        entry(RESULT, "http: {url: 'http://x.example', path: /a, auth: {bearer_env: A}}"),
        5,
        "over https alone",
    ),
    "shared credential in the open": (
        "sources: {crm: {url: 'http://x.example', auth: {bearer_env: A}}}",
        1,
        "over https alone",
    ),
    "database password": (
        entry(RESULT, "table: {sqlalchemy: 'postgresql://u:pa55word@db/x', query: SELECT 1}"),
        5,
        "stands in the environment",
    ),
    "no origin": (entry(RESULT, "http: {path: /a}"), 5, "either a `url` or a `source`"),
    "unknown source": (
        "sources: {crm: {url: 'https://x.example'}}\n"
        + entry(RESULT, "http: {source: cmr, path: /a}"),
        6,
        "no source 'cmr'. Did you mean 'crm'",
    ),
    "source with auth": (
        entry(RESULT, "http: {source: crm, path: /a, auth: {bearer_env: A}}"),
        5,
        "brings its own",
    ),
    "source twice": (
        "sources: {marketplace: {url: 'https://x.example'}}",
        1,
        "a source 'marketplace' already",
    ),
    "post": (
        entry(RESULT, "http: {url: 'https://x.example', path: /a, method: POST}"),
        5,
        "read_only: true",
    ),
    "put": (
        entry(RESULT, "http: {url: 'https://x.example', path: /a, method: PUT}"),
        5,
        "'GET' or 'POST'",
    ),
    "path argument": (
        entry(
            "arguments: {seller_id: string}",
            RESULT,
            "http:",
            "  url: https://x.example",
            "  path: /a/{selle_id}",
        ),
        8,
        "no argument 'selle_id'. Did you mean 'seller_id'",
    ),
    "optional in the path": (
        entry(
            "arguments: {s: {optional: true}}",
            RESULT,
            "http: {url: 'https://x.example', path: '/a/{s}'}",
        ),
        4,
        "cannot be optional",
    ),
    "empty braces": (
        entry(RESULT, "http: {url: 'https://x.example', path: '/a/{}'}"),
        5,
        "no argument ''",
    ),
    "open brace": (
        entry(RESULT, "http: {url: 'https://x.example', path: '/a/{n'}"),
        5,
        "braces do not match",
    ),
    "query argument": (
        entry(RESULT, "http: {url: 'https://x.example', path: /a, query: {q: '{s}'}}"),
        5,
        "no argument 's'",
    ),
    "argument without use": (
        entry(
            "arguments: {s: string}",
            RESULT,
            "http: {url: 'https://x.example', path: /a, query: {q: 1}}",
        ),
        4,
        "'s' is used nowhere",
    ),
    "pages of no list": (
        entry(RESULT, "http: {url: 'https://x.example', path: /a, pagination: {kind: link}}"),
        5,
        "needs `items`",
    ),
    "record and list": (
        entry(RESULT, "http: {url: 'https://x.example', path: /a, data: /a, items: /b}"),
        5,
        "one of them",
    ),
    "pages without parameter": (
        entry(
            RESULT,
            "http: {url: 'https://x.example', path: /a, items: '', pagination: {kind: page}}",
        ),
        5,
        "names its query `parameter`",
    ),
    "cursor from nowhere": (
        entry(
            RESULT,
            "http: {url: 'https://x.example', path: /a, items: '',"
            " pagination: {kind: cursor, parameter: c}}",
        ),
        5,
        "where the `next` cursor stands",
    ),
    "size without size": (
        entry(
            RESULT,
            "http: {url: 'https://x.example', path: /a, items: '',"
            " pagination: {kind: page, parameter: p, size_parameter: s}}",
        ),
        5,
        "needs a size",
    ),
    "pointer": (
        entry(RESULT, "http: {url: 'https://x.example', path: /a, data: a}"),
        5,
        "should match pattern",
    ),
    "marketplace's envelope": (
        entry(RESULT, "http: {source: marketplace, path: /a, complete: true}"),
        5,
        "no `complete` here",
    ),
    "marketplace's names": (
        entry("result: {n: {type: integer, from: m}}", "http: {source: marketplace, path: /a}"),
        4,
        "keep their names",
    ),
    "no table": (entry(RESULT, "table: {query: SELECT 1}"), 5, "one of csv, parquet"),
    "file by URL": (
        entry(RESULT, "table: {csv: 'https://x.example/a.csv', query: SELECT 1}"),
        5,
        "not a URL",
    ),
    "files by URL": (
        entry(RESULT, "table: {parquet: {a: 's3://x/a'}, query: SELECT 1}"),
        5,
        "not a URL",
    ),
    "writing query": (entry(RESULT, "table: {csv: a, query: DROP TABLE a}"), 5, "SELECT or WITH"),
    "two queries": (
        entry(RESULT, "table: {csv: a, query: SELECT 1; SELECT 2}"),
        5,
        "one statement",
    ),
    "query parameter": (
        entry(
            "arguments: {seller: string}", RESULT, "table:", "  csv: a", "  query: SELECT :sellr"
        ),
        8,
        "no argument 'sellr'. Did you mean 'seller'",
    ),
    "unused parameter": (
        entry("arguments: {s: string}", RESULT, "table: {csv: a, query: SELECT 1}"),
        4,
        "'s' is used nowhere",
    ),
    "as_of as argument": (
        entry("arguments: {as_of: timestamp}", RESULT, "table: {csv: a, query: 'SELECT :as_of'}"),
        4,
        "another name",
    ),
    "database": (
        entry(RESULT, "table: {sqlalchemy: 'mysql://db/x', query: SELECT 1}"),
        5,
        "mysql database cannot be held",
    ),
    "no database URL": (entry(RESULT, "table: {sqlalchemy: x, query: SELECT 1}"), 5, "no usable"),
    "database in memory": (
        entry(RESULT, "table: {sqlalchemy: 'sqlite://', query: SELECT 1}"),
        5,
        "is a file",
    ),
    "server without way": ("mcp: [{name: a, allow: [b]}]", 1, "a command or a url"),
    "server in the open": (
        "mcp: [{name: a, url: 'http://x.example', allow: [b]}]",
        1,
        "reached over https",
    ),
    "server's auth": (
        "mcp: [{name: a, command: [x], auth: {bearer_env: A}, allow: [b]}]",
        1,
        "auth goes with a url",
    ),
    "nothing allowed": ("mcp: [{name: a, command: [x], allow: []}]", 1, "at least 1 item"),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
async def test_a_mistake_is_told_with_its_place(workshop, mistake):
    text, line, told = mistake
    workshop.put("tools/mine.yaml", text)
    error = await workshop.refused()
    assert told in str(error)
    assert (error.file, error.line) == ("tools/mine.yaml", line)
    assert error.column > 0
    assert "pa55word" not in f"{error!r}{error}"


async def test_a_file_that_does_not_read_is_told(workshop):
    workshop.put("tools/mine.yaml", b"\xff\xfe\x00")
    assert "cannot be read" in str(await workshop.refused())


async def test_files_are_read_in_the_order_of_their_names_and_others_are_not(workshop):
    workshop.put("tools/b.yaml", entry(RESULT, HTTP))
    workshop.put("tools/a.yaml", entry(RESULT, HTTP).replace("get_it", "get_that"))
    workshop.put("tools/notes.md", "# not for you")
    workshop.put("tools/empty.yaml", "# nothing yet\n")
    async with workshop.open() as toolbox:
        places = {name: toolbox.tool(name).declared_in for name in ("get_it", "get_that")}
    assert places == {"get_it": "tools/b.yaml", "get_that": "tools/a.yaml"}


async def test_the_digest_changes_with_what_a_tool_says_and_with_nothing_else(workshop):
    digests = []
    for text in (
        entry(RESULT, HTTP),
        "# a remark\n" + entry(RESULT, HTTP),
        entry("result: {n: {type: integer}}", HTTP),
        entry("result: {n: number}", HTTP),
    ):
        workshop.put("tools/mine.yaml", text)
        async with workshop.open() as toolbox:
            digests.append(toolbox.tool("get_it").digest)
    assert digests[0] == digests[1] == digests[2] != digests[3]


async def test_without_tools_files_there_are_the_tools_of_packages(workshop, builtin_tools):
    async with workshop.open() as toolbox:
        assert set(builtin_tools) <= set(toolbox.names())
