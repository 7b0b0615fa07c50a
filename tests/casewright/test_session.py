from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rich.text import Text

from casewright.errors import UsageError
from casewright.session import Session, texts, wait
from casewright.settings import WORKSPACE_FILE, Settings
from casewright.telemetry import Step

pytestmark = pytest.mark.usefixtures("bare_environment")


class Embedded:
    """Stands for the sandbox: remembers for which seed it ran, and whether it runs."""

    def __init__(self) -> None:
        self.seeds: list[int | None] = []
        self.running = False

    @contextmanager
    def __call__(self, settings: Settings, seed: int | None) -> Iterator[Settings]:
        self.seeds.append(seed)
        self.running = True
        try:
            yield settings.model_copy(update={"source_url": "http://embedded"})
        finally:
            self.running = False


@pytest.fixture
def embedded() -> Embedded:
    return Embedded()


@pytest.fixture
def session(tmp_path: Path, embedded: Embedded) -> Session:
    return Session(home=tmp_path / "home", workspace=tmp_path, embed=embedded)


@pytest.fixture
def with_source(tmp_path: Path) -> None:
    (tmp_path / WORKSPACE_FILE).write_text('source_url = "http://ours"\n')


@pytest.mark.usefixtures("with_source")
def test_settings_are_those_of_the_workspace_and_the_flag(session: Session, tmp_path: Path) -> None:
    assert session.settings.source_url == "http://ours"
    assert session.settings.home == tmp_path / "home"
    assert session.settings is session.settings


def test_a_wrong_workspace_is_told_when_the_settings_are_needed(
    session: Session, tmp_path: Path
) -> None:
    (tmp_path / WORKSPACE_FILE).write_text("concurrency = 0\n")
    with pytest.raises(UsageError, match="concurrency"):
        _ = session.settings


@pytest.mark.usefixtures("with_source")
def test_a_source_that_is_set_is_used(session: Session, embedded: Embedded) -> None:
    with session.sourced() as settings:
        assert settings.source_url == "http://ours"
    assert embedded.seeds == []


def test_without_a_source_the_embedded_one_runs_for_as_long_as_it_is_needed(
    session: Session, embedded: Embedded
) -> None:
    with session.sourced() as settings:
        assert settings.source_url == "http://embedded"
        assert embedded.running
    assert embedded.seeds == [None]
    assert not embedded.running


@pytest.mark.usefixtures("with_source")
def test_a_seed_asks_for_a_simulated_world_whatever_is_set(
    session: Session, embedded: Embedded
) -> None:
    with session.sourced(seed=0) as settings:
        assert settings.source_url == "http://embedded"
    assert embedded.seeds == [0]


def test_a_result_goes_to_stdout_as_json_or_for_people(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    session.show({"b": "ü", "a": 1}, lambda: Text("for people"), as_json=True)
    assert json.loads(capsys.readouterr().out) == {"a": 1, "b": "ü"}
    session.show({"b": 2}, lambda: Text("[bold]for people"), as_json=False)
    out, err = capsys.readouterr()
    assert (out, err) == ("[bold]for people\n", "")


def test_progress_goes_to_stderr(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    session.step(Step(node="gather", wall_ms=12.4, cpu_ms=3, detail="4 of [4]"))
    out, err = capsys.readouterr()
    assert out == ""
    assert err.split() == ["✓", "gather", "12", "ms", "4", "of", "[4]"]


def test_waiting_gives_what_the_work_gives() -> None:
    async def work() -> str:
        return "done"

    assert wait(work()) == "done"


def test_pairs_are_read_as_a_mapping() -> None:
    assert texts(["late=yes", "note=a=b"]) == {"late": "yes", "note": "a=b"}
    assert texts([]) == {}


@pytest.mark.parametrize("text", ["late", "late=", "=yes", ""])
def test_a_pair_without_name_or_value_is_told(text: str) -> None:
    with pytest.raises(UsageError, match=r"is not NAME=VALUE"):
        texts([text])
