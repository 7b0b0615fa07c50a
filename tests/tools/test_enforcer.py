"""One POST a write: its key, its body, and what each answer means."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from casewright.enforcement import Enforced, PlannedAction
from tools.enforcement import BY_NAME, TOOLS
from tools.enforcer import NAMED, Enforcer
from tools.sources.http import HttpSource
from tools.sources.patience import Patience

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
KEY = "ab" * 32
WRITE = PlannedAction(do="add_points", arguments={"seller_id": "sel_1", "points": 12}, key=KEY)

CarryOut = Callable[..., Any]


@pytest.fixture
def carry_out() -> CarryOut:
    """Carries a write out against scripted answers; returns how it ended and the requests."""

    async def carry_out(
        *answers: httpx.Response | Exception, write: PlannedAction = WRITE
    ) -> tuple[Enforced, list[httpx.Request]]:
        asked: list[httpx.Request] = []

        def answer(request: httpx.Request) -> httpx.Response:
            asked.append(request)
            given = answers[min(len(asked), len(answers)) - 1]
            if isinstance(given, Exception):
                raise given
            return given

        async def no_sleep(seconds: float) -> None:
            pass

        source = HttpSource(
            "http://127.0.0.1:1",
            "the-write-token",
            named=NAMED,
            patience=Patience(attempts=3, sleep=no_sleep),
            transport=httpx.MockTransport(answer),
        )
        async with source:
            return await Enforcer(source, BY_NAME, lambda: NOW).carry_out(write), asked

    return carry_out


def good(status: int = 200) -> httpx.Response:
    return httpx.Response(status, json={"data": {"write_id": "w1"}, "meta": {}})


def problem(status: int, code: str, *, retryable: bool = False) -> httpx.Response:
    return httpx.Response(status, json={"code": code, "retryable": retryable})


async def test_a_write_is_one_post_under_its_key(carry_out: CarryOut) -> None:
    ended, (request,) = await carry_out(good())
    assert (ended.status, ended.answer, ended.at) == ("done", {"write_id": "w1"}, NOW)
    assert (request.method, request.url.path) == ("POST", "/v1/enforcement/add_points")
    assert request.headers["idempotency-key"] == KEY
    assert request.headers["authorization"] == "Bearer the-write-token"
    assert json.loads(request.content) == WRITE.arguments


@pytest.mark.parametrize("answer", [good(201), good(202), httpx.Response(204)])
async def test_every_good_status_is_done(carry_out: CarryOut, answer: httpx.Response) -> None:
    ended, _ = await carry_out(answer)
    assert ended.status == "done"


@pytest.mark.parametrize(
    ("status", "code", "remedy"),
    [
        (412, "stale_version", "--again"),
        (409, "idempotency_key_reused", "--again"),
        (404, "unknown_seller", "by hand"),
        (400, "bad_parameter", "mend the SOP"),
        (422, "too_many_points", "by hand"),
    ],
)
async def test_a_refusal_is_final(carry_out: CarryOut, status: int, code: str, remedy: str) -> None:
    ended, asked = await carry_out(problem(status, code))
    assert (ended.status, ended.reason, len(asked)) == ("refused", code, 1)
    assert remedy in ended.remedy


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (problem(503, "down"), "down"),
        (problem(409, "ledger_closing", retryable=True), "ledger_closing"),
        (httpx.ConnectError("no route"), "connection_failed"),
        (httpx.Response(200, headers={"content-type": "application/json"}, content=b'{"da'),
         "invalid_json"),
    ],
)  # fmt: skip
async def test_what_may_pass_is_tried_again_under_the_same_key(
    carry_out: CarryOut, answer: httpx.Response | Exception, reason: str
) -> None:
    ended, asked = await carry_out(answer, answer, good())
    assert (ended.status, len(asked)) == ("done", 3)
    assert {request.headers["idempotency-key"] for request in asked} == {KEY}
    ended, _ = await carry_out(answer)
    assert (ended.status, ended.reason) == ("failed", reason)


@pytest.mark.parametrize(("status", "code"), [(401, "unauthorised"), (403, "scope_missing")])
async def test_a_token_that_may_not_write_is_ours_to_mend(
    carry_out: CarryOut, status: int, code: str
) -> None:
    ended, _ = await carry_out(problem(status, code))
    assert (ended.status, ended.reason) == ("failed", code)
    assert "CASEWRIGHT_ENFORCE_TOKEN" in ended.remedy


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"lacks": ("amount_cents is unknown",)}, "amount_cents is unknown"),
        ({"do": "set_fire"}, "there is no write tool 'set_fire'"),
    ],
)
async def test_what_cannot_be_sent_is_not(
    carry_out: CarryOut, change: dict[str, Any], reason: str
) -> None:
    ended, asked = await carry_out(good(), write=WRITE.model_copy(update=change))
    assert (ended.status, ended.reason, asked) == ("refused", reason, [])


def test_write_tools_that_undo_each_other_take_the_same_target() -> None:
    for tool in TOOLS:
        if tool.undone_by and tool.inverse is None:  # else see test_compensation.py
            undoing = BY_NAME[tool.undone_by].arguments.model_fields
            needed = {name for name, field in undoing.items() if field.is_required()}
            assert needed <= tool.arguments.model_fields.keys()
