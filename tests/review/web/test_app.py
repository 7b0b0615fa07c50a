from __future__ import annotations

from collections.abc import Callable
from typing import Any

from casewright.settings import Settings
from review.web.app import HEADERS


async def test_nobody_is_let_in_without_a_name(teamed: Settings, serve: Callable[..., Any]) -> None:
    async with serve(teamed) as client, client("") as nobody:
        assert (await nobody.get("/")).status_code == 401
        assert (await nobody.get("/health")).json() == {"status": "ok"}


async def test_every_answer_carries_the_headers(
    teamed: Settings, serve: Callable[..., Any]
) -> None:
    async with serve(teamed) as client, client("reviewer") as reviewer:
        for path in ("/", "/nowhere", "/static/console.css"):
            answer = await reviewer.get(path)
            assert {name: answer.headers[name] for name in HEADERS} == HEADERS
