"""The checkpointer in the home folder."""

from __future__ import annotations

import operator
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypedDict

import psycopg
import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.graph import StateGraph
from langgraph.types import Command, interrupt
from pydantic import SecretStr

from casewright.errors import EnvironmentFault, StoreCorrupt
from casewright.settings import Settings
from graphs.checkpoints import FILE, checkpoints_of, forget_threads, open_checkpoints


async def test_checkpoints_are_made_and_found_again(tmp_path: Path) -> None:
    for _ in range(2):
        async with open_checkpoints(tmp_path) as saver:
            assert [one async for one in saver.alist(None)] == []
    with sqlite3.connect(tmp_path / FILE) as connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    assert {"checkpoints", "writes"} <= tables


@pytest.mark.parametrize("content", [b"nonsense" * 200, b"SQLite format 3\x00" + b"\xff" * 2000])
async def test_what_is_no_database_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(StoreCorrupt, match=FILE) as caught:
        async with open_checkpoints(tmp_path):
            pass
    assert "Decided cases are safe" in caught.value.remedy
    assert (tmp_path / FILE).read_bytes() == content


async def test_a_folder_that_is_not_there_is_no_corruption(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        async with open_checkpoints(tmp_path / "nowhere"):
            pass


class Told(TypedDict):
    said: Annotated[list[str], operator.add]


def graph(saver: Any) -> Any:
    """Asks between two nodes."""
    built = StateGraph(Told)
    built.add_node("ask", lambda _: {"said": ["first", interrupt("what?")]})
    built.add_node("end", lambda _: {"said": ["last\x00"]})
    built.add_edge("__start__", "ask")
    built.add_edge("ask", "end")
    return built.compile(checkpointer=saver)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_a_run_waits_and_is_gone_on_with_by_another_process_and_forgotten(
    tmp_path: Path, store_url: SecretStr
) -> None:
    settings = Settings(home=tmp_path, store_url=store_url)
    one: RunnableConfig = {"configurable": {"thread_id": "one"}}
    other: RunnableConfig = {"configurable": {"thread_id": "other"}}
    async with checkpoints_of(settings) as saver:
        await graph(saver).ainvoke({"said": []}, other)
        assert (await graph(saver).ainvoke({"said": []}, one))["__interrupt__"]
    async with checkpoints_of(settings) as saver:
        ended = await graph(saver).ainvoke(Command(resume="this"), one)
        assert ended["said"] == ["first", "this", "last\x00"]
    await forget_threads(settings, ["one"])
    async with checkpoints_of(settings) as saver:
        assert not (await graph(saver).aget_state(one)).values
        assert (await graph(saver).aget_state(other)).interrupts


@pytest.mark.parametrize("database", ["postgresql"])
async def test_a_server_that_goes_away_is_told_and_found_again(
    tmp_path: Path, store_url: SecretStr, new_database: Callable[[str], str]
) -> None:
    settings = Settings(home=tmp_path, store_url=store_url)
    one: RunnableConfig = {"configurable": {"thread_id": "one"}}
    elsewhere = new_database("template1")
    async with checkpoints_of(settings) as saver:
        name = store_url.get_secret_value().partition("?")[0].rpartition("/")[2]
        with psycopg.connect(elsewhere, autocommit=True) as server:
            server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
            gone = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
            server.execute(gone, [name])
            monkey = pytest.MonkeyPatch()
            monkey.setattr(saver.conn, "timeout", 0.2)
            with pytest.raises(EnvironmentFault, match="cannot be reached"):
                await graph(saver).aget_state(one)
            server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true".encode())
            monkey.undo()
        assert (await graph(saver).ainvoke({"said": []}, one))["__interrupt__"]
