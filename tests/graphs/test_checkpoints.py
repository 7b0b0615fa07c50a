"""The checkpointer in the home folder."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from casewright.errors import StoreCorrupt
from graphs.checkpoints import FILE, open_checkpoints


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
