from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from casewright.errors import StoreCorrupt, UsageError
from casewright.release import Release
from casewright.settings import Settings
from casewright.store import Store

AT = datetime(2026, 6, 1, tzinfo=UTC)


def release(sop: str, version: str) -> Release:
    return Release(
        sop=sop,
        case_type=f"appeal.{sop}",
        version=version,
        kind="promoted",
        stage="production",
        author="qa",
        at=AT,
        why="it passed",
        report="b" * 64,
        figures={"accuracy": 0.95},
        made_of={"code": "14"},
    )


async def test_the_log_grows_and_tells_what_stands(settings: Settings) -> None:
    async with Store.at(settings) as store:
        assert await store.releases.newest() == 0
        first, second, other = release("a", "a@1+x"), release("a", "a@2+y"), release("b", "b@1+z")
        for one in (first, other, second):
            await store.releases.put(one)
        back = await store.releases.roll_back(
            "a", "production", author="lead", why="complaints", at=AT
        )
        assert (back.version, back.kind, back.report) == ("a@2+y", "rolled back", "")
        assert await store.releases.all("a") == (first, second, back)
        assert await store.releases.newest() == 4
        standing = await store.releases.every_standing()
        assert {sop: one.production for sop, one in standing.items()} == {"a": first, "b": other}
        with pytest.raises(UsageError, match="No version of a stands in canary"):
            await store.releases.roll_back("a", "canary", author="qa", why="so", at=AT)


async def test_a_broken_entry_is_told(settings: Settings, sql: Callable[..., Any]) -> None:
    async with Store.at(settings) as store:
        await store.releases.put(release("a", "a@1+x"))
        sql("UPDATE releases SET body = '{}'")
        with pytest.raises(StoreCorrupt, match="A release in the store does not read"):
            await store.releases.standing("a")
