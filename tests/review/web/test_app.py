from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from casewright.settings import Settings
from casewright.store.opening import FILE
from review.web.app import HEADERS


async def test_nobody_is_let_in_without_a_name(teamed: Settings, serve: Callable[..., Any]) -> None:
    async with serve(teamed) as client, client("") as nobody:
        assert (await nobody.get("/")).status_code == 401
        assert (await nobody.get("/health")).json() == {"status": "ok"}


async def test_it_is_ready_while_the_store_answers_and_says_nothing_else(
    teamed: Settings, tmp_path: Path, serve: Callable[..., Any]
) -> None:
    own = teamed.model_copy(update={"home": tmp_path})
    async with serve(own) as client, client("") as nobody:
        answer = await nobody.get("/ready")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as broken:
            broken.execute("ALTER TABLE audit_head RENAME TO elsewhere")
            answer = await nobody.get("/ready")
            assert (answer.status_code, answer.json()) == (503, {"status": "unavailable"})
            assert (await nobody.get("/health")).status_code == 200, "it lives all the same"
            broken.execute("ALTER TABLE elsewhere RENAME TO audit_head")
        assert (await nobody.get("/ready")).status_code == 200


async def test_every_answer_carries_the_headers(
    teamed: Settings, serve: Callable[..., Any]
) -> None:
    async with serve(teamed) as client, client("reviewer") as reviewer:
        for path in ("/", "/nowhere", "/static/console.css"):
            answer = await reviewer.get(path)
            assert {name: answer.headers[name] for name in HEADERS} == HEADERS
