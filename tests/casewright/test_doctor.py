from __future__ import annotations

import socket
import sqlite3
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import uvicorn

from casewright import doctor
from casewright.errors import HomeUnwritable, SchemaStale, StoreCorrupt
from casewright.settings import Settings, load_settings
from casewright.store import schema
from casewright.store.opening import FILE

pytestmark = pytest.mark.usefixtures("bare_environment")


async def guarded(scope: Any, receive: Any, send: Callable[[Any], Awaitable[None]]) -> None:
    """Answers 200 under /open, and elsewhere to the token ``right`` alone."""
    headers = dict(scope["headers"])
    admitted = headers.get(b"authorization") == b"Bearer right"
    known = scope["path"] in ("/v1/cases", "/llm/models", "/open/models")
    status = 404 if not known else 200 if admitted or scope["path"] == "/open/models" else 401
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": b"{}"})


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """A real server on loopback."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(guarded, lifespan="off", log_level="error")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def closed() -> str:
    """An address nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    return f"http://127.0.0.1:{port}"


@pytest.fixture
def settings(tmp_path: Path) -> Callable[..., Settings]:
    def make(**flags: Any) -> Settings:
        return load_settings(**{"home": tmp_path / "home", **flags})

    return make


def pin_revision(home: Path, revision: str) -> None:
    connection = sqlite3.connect(home / FILE)
    with connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    connection.close()


def distribution(folder: Path, name: str, *files: str) -> None:
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in files))


async def test_a_fresh_installation_passes_every_check(
    settings: Callable[..., Settings],
) -> None:
    checks = [check async for check in doctor.examine(settings())]
    assert [check.name for check in checks] == ["packages", "workspace", "store", "source", "model"]
    assert all(check.ok and check.detail and not check.remedy for check in checks)


def test_a_distribution_with_our_names_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    distribution(tmp_path, "evals-kit", "evals/__init__.py")
    monkeypatch.syspath_prepend(str(tmp_path))
    check = doctor.packages()
    assert not check.ok
    assert "evals (evals-kit)" in check.detail
    assert "environment of its own" in check.remedy


def test_the_workspace_in_use_is_told(tmp_path: Path) -> None:
    assert "casewright init" in doctor.workspace(None).detail
    (tmp_path / "sops" / "mine").mkdir(parents=True)
    (tmp_path / "sops" / "mine" / "sop.yaml").write_text("")
    (tmp_path / "sops" / "empty").mkdir()
    check = doctor.workspace(tmp_path)
    assert check.ok
    assert check.detail == (f"SOPs: 1, tools files: 0, in {tmp_path}; it has no casewright.toml")


def test_a_foreign_folder_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    foreign = ModuleType("evals")
    foreign.__file__ = "/elsewhere/evals/__init__.py"
    monkeypatch.setitem(sys.modules, "evals", foreign)
    check = doctor.packages()
    assert not check.ok
    assert "/elsewhere/evals/__init__.py" in check.detail
    assert "pipx" in check.remedy


async def test_a_good_store_names_its_folder_and_schema(settings: Callable[..., Settings]) -> None:
    check = await doctor.store(settings())
    assert check.ok
    assert check.detail == f"{settings().home}, schema {schema.HEAD}"


async def test_a_home_that_cannot_be_written_is_told(
    settings: Callable[..., Settings], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    check = await doctor.store(settings(home=tmp_path / "file"))
    assert not check.ok
    assert str(tmp_path / "file") in check.detail
    assert "CASEWRIGHT_HOME" in check.remedy


async def test_a_stale_schema_is_told(settings: Callable[..., Settings]) -> None:
    await doctor.upgrade(settings())
    pin_revision(settings().home, "0000")
    check = await doctor.store(settings())
    assert not check.ok
    assert "schema 0000" in check.detail
    assert "doctor --upgrade" in check.remedy


async def test_a_broken_store_is_told(settings: Callable[..., Settings]) -> None:
    settings().home.mkdir()
    (settings().home / FILE).write_text("no database" * 100)
    check = await doctor.store(settings())
    assert not check.ok
    assert "backup" in check.remedy


async def test_a_store_that_cannot_be_opened_is_told(settings: Callable[..., Settings]) -> None:
    (settings().home / FILE).mkdir(parents=True)
    check = await doctor.store(settings())
    assert not check.ok
    assert "is no file" in check.detail
    assert "CASEWRIGHT_HOME" in check.remedy


async def test_a_source_that_takes_our_token_is_well(
    settings: Callable[..., Settings], endpoint: str
) -> None:
    check = await doctor.source(settings(source_url=f"{endpoint}/", source_token="right"))
    assert check.ok
    assert check.detail == f"{endpoint}/v1/cases?limit=1 answers 200"
    assert not check.remedy


@pytest.mark.parametrize("token", ["", "wrong"])
async def test_a_source_that_refuses_our_token_is_told(
    settings: Callable[..., Settings], endpoint: str, token: str
) -> None:
    check = await doctor.source(settings(source_url=endpoint, source_token=token))
    assert not check.ok
    assert "answers 401" in check.detail
    assert "CASEWRIGHT_SOURCE_TOKEN" in check.remedy
    assert "wrong" not in check.detail


@pytest.mark.parametrize("url", ["", "http://[broken", "loopback:1/v1", "http://host:port"])
async def test_a_source_that_does_not_answer_is_told(
    settings: Callable[..., Settings], closed: str, url: str
) -> None:
    check = await doctor.source(settings(source_url=url or closed))
    assert not check.ok
    assert "does not answer" in check.detail
    assert "CASEWRIGHT_SOURCE_URL" in check.remedy


async def test_a_model_that_takes_our_key_is_well(
    settings: Callable[..., Settings], endpoint: str
) -> None:
    given = {"model": "m", "model_base_url": f"{endpoint}/llm", "model_api_key": "right"}
    check = await doctor.model(settings(**given))
    assert check.ok
    assert check.detail == f"{endpoint}/llm/models answers 200"


async def test_a_model_that_asks_for_no_key_is_well(
    settings: Callable[..., Settings], endpoint: str
) -> None:
    assert (await doctor.model(settings(model="m", model_base_url=f"{endpoint}/open"))).ok


@pytest.mark.parametrize(("path", "status"), [("llm", 401), ("elsewhere", 404)])
async def test_a_model_that_refuses_us_is_told(
    settings: Callable[..., Settings], endpoint: str, path: str, status: int
) -> None:
    given = {"model": "m", "model_base_url": f"{endpoint}/{path}", "model_api_key": "wrong"}
    check = await doctor.model(settings(**given))
    assert not check.ok
    assert f"answers {status}" in check.detail
    assert "CASEWRIGHT_MODEL_API_KEY" in check.remedy


async def test_a_model_that_does_not_answer_is_told(
    settings: Callable[..., Settings], closed: str
) -> None:
    check = await doctor.model(settings(model="m", model_base_url=closed))
    assert not check.ok
    assert "ConnectError" in check.detail
    assert "CASEWRIGHT_MODEL_BASE_URL" in check.remedy


async def test_upgrade_brings_an_empty_home_to_the_newest_schema_and_again_changes_nothing(
    settings: Callable[..., Settings],
) -> None:
    await doctor.upgrade(settings())
    await doctor.upgrade(settings())
    with sqlite3.connect(settings().home / FILE) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [
            (schema.HEAD,)
        ]


async def test_upgrade_refuses_a_newer_store(settings: Callable[..., Settings]) -> None:
    await doctor.upgrade(settings())
    pin_revision(settings().home, "9999")
    with pytest.raises(SchemaStale, match="newer casewright"):
        await doctor.upgrade(settings())


async def test_upgrade_refuses_what_is_no_store(settings: Callable[..., Settings]) -> None:
    settings().home.mkdir()
    (settings().home / FILE).write_text("no database" * 100)
    with pytest.raises(StoreCorrupt):
        await doctor.upgrade(settings())


async def test_upgrade_refuses_a_home_that_cannot_be_written(
    settings: Callable[..., Settings], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(HomeUnwritable):
        await doctor.upgrade(settings(home=tmp_path / "file"))
