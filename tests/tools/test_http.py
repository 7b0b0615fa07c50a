"""The HTTP source over a real socket: retries, polling, pages, redirects, bounds, what it sends."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import SecretStr

from casewright.errors import SourceMalformed, SourceUnavailable, UsageError
from casewright.models import EvidenceStatus
from casewright.settings import Settings
from tools.sources.http import BODY_LIMIT, HttpSource
from tools.sources.patience import Patience

AS_OF = datetime(2026, 6, 3, 8, 0, tzinfo=UTC)
DROPPED = b""


async def read(source, **query):
    return await source.get("/v1/things", query, as_of=AS_OF)


def cut_short(wire):
    return wire.raw(200, b'{"data": {', content_length="500")


async def test_what_every_call_carries(wire, source):
    wire.plays(wire.ok({"a": 1}))
    answer = await read(source, region="US", flag=True, ids=["a", "b"])
    seen = wire.requests[0]
    assert answer.data == {"a": 1}
    assert answer.source == "orders"
    assert seen.headers["authorization"] == "Bearer t0ken"
    assert seen.query == {
        "region": ["US"],
        "flag": ["true"],
        "ids": ["a", "b"],
        "as_of": ["2026-06-03T08:00:00Z"],
    }


async def test_as_of_is_sent_in_utc(wire, source):
    wire.plays(wire.ok({}))
    madrid = timezone(timedelta(hours=2))
    await source.get("/v1/x", {}, as_of=datetime(2026, 6, 3, 10, 0, 0, 500, tzinfo=madrid))
    assert wire.requests[0].query["as_of"] == ["2026-06-03T08:00:00.000500Z"]


async def test_a_moment_without_a_zone_is_refused(wire, source):
    with pytest.raises(UsageError, match="no time zone"):
        await source.get("/v1/x", {}, as_of=datetime(2026, 6, 3))  # noqa: DTZ001
    assert wire.requests == []


@pytest.mark.parametrize("failure", ["dropped", "cut", "invalid", "500", "503 + wait", "409"])
async def test_passing_failures_are_tried_again(wire, source, slept, failure):
    first = {
        "dropped": DROPPED,
        "cut": cut_short(wire),
        "invalid": wire.raw(200, b'{"data": {"a"'),
        "500": wire.problem(500, "oops"),
        "503 + wait": wire.problem(503, "busy", retry_after="3"),
        "409": wire.problem(409, "ledger_closing", retryable=True),
    }[failure]
    wire.plays(first, first, wire.ok({"a": 1}))
    assert (await read(source)).data == {"a": 1}
    assert len(wire.requests) == 3
    if failure == "503 + wait":
        assert all(3 <= wait <= 3.25 for wait in slept)


async def test_a_source_that_stays_down_is_unavailable(wire, source):
    wire.plays(DROPPED)
    with pytest.raises(SourceUnavailable) as caught:
        await read(source)
    assert caught.value.code == "connection_failed"
    assert len(wire.requests) == 4


async def test_nobody_listens(patience):
    async with HttpSource("http://127.0.0.1:9", patience=patience) as source:
        with pytest.raises(SourceUnavailable, match="ConnectError"):
            await read(source)


async def test_a_rate_limit_is_waited_out(wire, source, slept):
    limit = wire.problem(429, "rate_limited", retry_after="2")
    wire.plays(*[limit] * 7, wire.ok({"a": 1}))
    assert (await read(source)).data == {"a": 1}
    assert len(slept) == 7
    assert all(2 <= wait <= 2.25 for wait in slept)


async def test_a_rate_limit_beyond_patience_is_an_error(wire, source, slept):
    wire.plays(wire.problem(429, "rate_limited", retry_after="86400"))
    with pytest.raises(SourceUnavailable) as caught:
        await read(source)
    assert (caught.value.code, slept) == ("rate_limited", [])


async def test_a_rate_limit_may_name_a_date(wire, source, slept):
    until, sent = "Wed, 03 Jun 2026 07:00:30 GMT", "Wed, 03 Jun 2026 07:00:10 GMT"
    wire.plays(wire.problem(429, "busy", retry_after=until, date=sent), wire.ok({}))
    await read(source)
    assert 20 <= slept[0] <= 20.25


async def test_a_job_is_polled_until_it_is_done(wire, source, slept):
    wire.plays(*[wire.raw(202, b"{}", retry_after="30")] * 3, wire.ok({"score": 1}))
    assert (await read(source)).data == {"score": 1}
    assert len(slept) == 3


async def test_a_job_that_outlasts_patience_is_pending(wire, source, slept):
    wire.plays(wire.raw(202, b"{}", retry_after="30"))
    answer = await read(source)
    assert (answer.status, answer.reason) == (EvidenceStatus.NO_DATA, "pending")
    assert len(slept) == 3


async def test_an_answer_that_trickles_in_is_cut_off(wire):
    wire.trickle_s = 0.05
    wire.plays(wire.ok({"a": "x" * 500}))
    patience = Patience(attempts=1)
    async with HttpSource(wire.url, timeout_s=0.3, patience=patience) as source:
        with pytest.raises(SourceUnavailable) as caught:
            await asyncio.wait_for(read(source), 2)
    assert caught.value.code == "timeout"


async def test_an_oversized_body_is_not_read_to_its_end(wire, source):
    wire.plays(wire.ok({"a": "x" * (BODY_LIMIT + 1)}))
    with pytest.raises(SourceMalformed) as caught:
        await read(source)
    assert caught.value.code == "too_large"
    assert len(wire.requests) == 1


class Pages:
    """Serves ``count`` items in pages of ten."""

    def __init__(self, wire, count: int) -> None:
        self.wire, self.count = wire, count

    def __call__(self, seen):
        start = int(seen.query.get("cursor", ["0"])[0])
        end = min(start + 10, self.count)
        items = [{"text": f"m{at}", "n": at} for at in range(start, end)]
        more = str(end) if end < self.count else None
        marks = tuple(f"/items/{at}/text" for at in range(len(items)) if (start + at) % 3 == 0)
        data = {"items": items, "next_cursor": more, "total": self.count}
        return self.wire.ok(data, untrusted=marks)


async def paged(source):
    return await source.get("/v1/things", {"region": "US"}, as_of=AS_OF, paged=True)


async def test_pages_are_followed_to_the_end(wire, source):
    wire.route = Pages(wire, 34)
    answer = await paged(source)
    assert [item["n"] for item in answer.data["items"]] == list(range(34))
    assert set(answer.untrusted) == {f"/items/{at}/text" for at in range(0, 34, 3)}
    assert (answer.complete, answer.reason, answer.data["total"]) == (True, "", 34)
    assert "next_cursor" not in answer.data


async def test_every_page_asks_for_the_same_moment(wire, source):
    wire.route = Pages(wire, 34)
    await paged(source)
    cursors = [seen.query.pop("cursor", [""])[0] for seen in wire.requests]
    assert cursors == ["", "10", "20", "30"]
    expected = {"region": ["US"], "limit": ["100"], "as_of": ["2026-06-03T08:00:00Z"]}
    assert all(seen.query == expected for seen in wire.requests)


async def test_the_bound_on_pages_is_reported(wire, source):
    wire.route = Pages(wire, 41)
    answer = await paged(source)
    assert (answer.complete, answer.reason) == (False, "page_limit")
    assert len(answer.data["items"]) == 40


async def test_a_cursor_that_expires_on_the_way_is_no_absence(wire, source):
    pages = Pages(wire, 34)
    gone = wire.problem(410, "cursor_expired")
    wire.route = lambda seen: gone if seen.query.get("cursor") == ["20"] else pages(seen)
    with pytest.raises(SourceUnavailable) as caught:
        await paged(source)
    assert caught.value.code == "cursor_expired"


async def test_a_cursor_that_repeats_is_malformed(wire, source):
    wire.plays(wire.ok({"items": [1], "next_cursor": "same"}))
    with pytest.raises(SourceMalformed, match="never ends"):
        await paged(source)


def moved(wire, where: str, status: int = 301) -> bytes:
    return wire.raw(status, b"", location=where)


@pytest.mark.parametrize("status", [301, 308])
async def test_a_merged_record_is_read_at_its_survivor(wire, source, status):
    wire.plays(moved(wire, "/v1/claims/C-2?view=full", status), wire.ok({"claim_id": "C-2"}))
    answer = await source.get("/v1/claims/C-1", {}, as_of=AS_OF)
    assert answer.data == {"claim_id": "C-2"}
    assert wire.requests[1].path == "/v1/claims/C-2"
    assert wire.requests[1].query == {"view": ["full"], "as_of": ["2026-06-03T08:00:00Z"]}


@pytest.mark.parametrize(
    "where",
    ["http://127.0.0.1:1/v1/x", "https://127.0.0.1/v1/x", "//evil.invalid/v1/x", "file:///etc"],
)
async def test_another_origin_is_not_followed(wire, source, where):
    wire.plays(moved(wire, where))
    with pytest.raises(SourceMalformed) as caught:
        await read(source)
    assert caught.value.code == "foreign_redirect"
    assert len(wire.requests) == 1


async def test_a_circle_of_redirects_ends(wire, source):
    wire.plays(moved(wire, "/v1/things"))
    with pytest.raises(SourceMalformed) as caught:
        await read(source)
    assert caught.value.code == "redirect_loop"
    assert len(wire.requests) == 6


async def test_a_redirect_to_no_address_is_an_error(wire, source):
    wire.plays(moved(wire, "http://[::1"))
    with pytest.raises(SourceUnavailable, match="RemoteProtocolError"):
        await read(source)


async def test_the_clock_of_the_source(wire, source):
    wire.plays(wire.ok({"items": [], "next_cursor": None}))
    assert await source.now() == AS_OF
    assert wire.requests[0].path == "/v1/cases"
    assert wire.requests[0].query == {"limit": ["1"]}


async def test_no_clock_without_an_inbox(wire, source):
    wire.plays(wire.problem(404))
    with pytest.raises(SourceUnavailable, match="CASEWRIGHT_SOURCE_URL"):
        await source.now()


async def test_settings_reach_the_source(wire):
    settings = Settings(
        source_url=wire.url, source_token=SecretStr("abc"), page_limit=2, source_attempts=2
    )
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    wire.plays(DROPPED)
    async with HttpSource.from_settings(settings, sleep=sleep) as source:
        with pytest.raises(SourceUnavailable):
            await read(source)
        wire.route = Pages(wire, 30)
        assert len((await paged(source)).data["items"]) == 20
    assert len(slept) == 1
    assert wire.requests[0].headers["authorization"] == "Bearer abc"


async def test_a_base_with_a_path_is_kept(wire, patience):
    wire.plays(wire.ok({}))
    async with HttpSource(f"{wire.url}/risk/", patience=patience) as source:
        await read(source)
    assert wire.requests[0].path == "/risk/v1/things"
    assert "authorization" not in wire.requests[0].headers


@pytest.mark.parametrize(
    "url",
    ["", "ftp://x.invalid", "x.invalid/api", "http://", "http://u:p@x.invalid", "http://[::1"],
)
def test_addresses_that_cannot_be_used(url):
    with pytest.raises(UsageError, match="CASEWRIGHT_SOURCE_URL"):
        HttpSource(url)


@pytest.mark.parametrize("token", ["a b", "a\nX-Evil: 1", "ключ"])
def test_tokens_that_no_header_can_carry(token):
    with pytest.raises(UsageError, match="CASEWRIGHT_SOURCE_TOKEN") as caught:
        HttpSource("http://x.invalid", token)
    assert token not in str(caught.value)


async def test_a_proxy_of_the_environment_is_not_asked_for_loopback(wire, patience, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    wire.plays(wire.ok({"a": 1}))
    async with HttpSource(wire.url, patience=patience) as source:
        assert (await read(source)).data == {"a": 1}
