"""A home folder's store goes to a server: nothing is lost, the chain holds, what waits goes on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from casewright.errors import UsageError
from casewright.models import RunStatus
from casewright.note import Note
from casewright.settings import Settings
from graphs.moving import copy_home
from graphs.run import open_investigator

Opened = Callable[..., Any]


def noted(note_id: str) -> Note:
    at = datetime(2026, 6, 1, tzinfo=UTC)
    return Note(note_id=note_id, text="It was slow.", author="ana", reason="seen", written_at=at)


@pytest.fixture
def server(settings: Settings, new_database: Callable[[str], str]) -> Settings:
    return settings.model_copy(update={"store_url": SecretStr(new_database("template"))})


async def test_what_waits_is_gone_on_with_on_the_server(
    opened: Opened, settings: Settings, server: Settings, open_ids: list[str], act: Any
) -> None:
    told: dict[str, int] = {}
    async with opened() as investigator:
        waits = await investigator.investigate(open_ids[0])
        done = await investigator.investigate(open_ids[1])
        done = await investigator.review(open_ids[1], act("approve", "A1"))
        head = await investigator.store.log.head()
        await investigator.store.notes.put(noted("N-1"))
    await copy_home(settings.home, server, told=told.__setitem__)
    assert (told["runs"], told["reviews"], told["checkpoints"]) == (2, 1, 2)
    assert told["audit_events"] == head.entry
    async with open_investigator(server) as investigator:
        store = investigator.store
        assert await store.log.head() == head
        assert [await store.run(one.run_id) for one in (waits, done)] == [waits, done]
        closed = await investigator.review(open_ids[0], act("approve", "A1"))
        assert closed.status is RunStatus.DONE
        assert (await store.audited()).faults == ()
        await store.notes.put(noted("N-2"))  # counted on behind what was copied
        assert [one.note_id for one in await store.notes.all()] == ["N-1", "N-2"]
    with pytest.raises(UsageError, match="not empty"):
        await copy_home(settings.home, server, told=told.__setitem__)


async def test_there_must_be_a_folder_and_a_server(settings: Settings, server: Settings) -> None:
    with pytest.raises(UsageError, match="name none"):
        await copy_home(settings.home, settings, told=lambda *_: None)
    with pytest.raises(UsageError, match="no store in"):
        await copy_home(settings.home, server, told=lambda *_: None)
